// pg-boss: its own loop rests half a second after each batch, so its fetch and complete are called in loops of our own,
// four at a time, a batch of a quarter of the width each.
import PgBoss from "pg-boss";
import { conversation } from "./conversation.mjs";

const { url, jobs, width, connections, ready } = conversation();
const boss = new PgBoss({ connectionString: url, max: connections, supervise: false, schedule: false });
await boss.start();
await boss.createQueue("noop");
for (let from = 0; from < jobs; from += 1000) {
  await boss.insert(Array.from({ length: Math.min(1000, jobs - from) }, () => ({ name: "noop", data: {} })));
}
const done = await ready();

let worked = 0;
const loop = async () => {
  for (;;) {
    const batch = await boss.fetch("noop", { batchSize: Math.ceil(width / 4) });
    if (!batch || batch.length === 0) return;
    await boss.complete("noop", batch.map((job) => job.id));
    worked += batch.length;
  }
};
await Promise.all([loop(), loop(), loop(), loop()]);
if (worked !== jobs) throw new Error(`${worked} of ${jobs}`);
done();
