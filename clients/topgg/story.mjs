// top.gg's own library, unmodified, works with Guildhall's directory: what it sends to https://top.gg/api goes to the server
// under test at /topgg/api, by a dispatcher of undici, which it makes its requests with.
//
//   GUILDHALL_URL, TOKEN (a listing's), BOT and VOTER (ids), OTHER (an id of somebody who did not vote)

import assert from "node:assert/strict";
import Topgg from "@top-gg/sdk";
import { Agent, Dispatcher, setGlobalDispatcher } from "undici";

const { GUILDHALL_URL, TOKEN, BOT, VOTER, OTHER } = process.env;

class Elsewhere extends Dispatcher {
    agent = new Agent();

    dispatch(options, handler) {
        assert.equal(String(options.origin), "https://top.gg");
        const path = options.path.replace(/^\/api\//, "/topgg/api/");
        return this.agent.dispatch({ ...options, origin: GUILDHALL_URL, path }, handler);
    }

    close(...args) {
        return this.agent.close(...args);
    }

    destroy(...args) {
        return this.agent.destroy(...args);
    }
}

let passed = 0;
let failed = 0;

async function check(name, body) {
    try {
        await body();
        passed += 1;
        console.log(`ok      ${name}`);
    } catch (error) {
        failed += 1;
        console.log(`FAILED  ${name}: ${error.stack}`);
    }
}

const dispatcher = new Elsewhere();
setGlobalDispatcher(dispatcher);
const api = new Topgg.Api(TOKEN);

await check("posts its statistics and reads them back", async () => {
    const stats = { serverCount: 28_199, shardCount: 3 };
    assert.deepEqual(await api.postStats(stats), stats);
    assert.deepEqual(await api.getStats(BOT), { serverCount: 28_199, shardCount: 3, shards: [] });
});

await check("posts each shard by itself", async () => {
    for (const [shardId, serverCount] of [100, 20, 3].entries()) {
        await api.postStats({ serverCount, shardId, shardCount: 3 });
    }
    assert.deepEqual(await api.getStats(BOT), { serverCount: 123, shardCount: 3, shards: [100, 20, 3] });
});

await check("reads who voted", async () => {
    const votes = await api.getVotes();
    assert.deepEqual(votes.map((vote) => [vote.id, vote.username]), [[VOTER, "mia"]]);
    assert.equal(await api.hasVoted(VOTER), true);
    assert.equal(await api.hasVoted(OTHER), false);
});

await check("reads bots and people", async () => {
    const bot = await api.getBot(BOT);
    assert.deepEqual([bot.id, bot.points, bot.monthlyPoints, bot.server_count], [BOT, 1, 1, 123]);
    const found = await api.getBots({ search: { username: bot.username }, fields: ["id", "username"], limit: 5 });
    assert.deepEqual(found.results, [{ id: BOT, username: bot.username }]);
    assert.deepEqual([found.total, found.count, found.limit], [1, 1, 5]);
    assert.equal((await api.getUser(VOTER)).username, "mia");
    assert.equal(await api.isWeekend(), false);
});

await check("is told what is refused", async () => {
    const refused = (status) => (error) => error.response?.statusCode === status;
    await assert.rejects(new Topgg.Api("e30.e30.nothing").getVotes(), refused(401));
    await assert.rejects(api.postStats({ serverCount: 1e12 }), refused(400));
    await assert.rejects(api.getBot("1"), refused(404));
});

await dispatcher.close();
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
