// graphile-worker: fetches into a local queue and completes in batches, the fastest settings it documents.
import { makeWorkerUtils, run } from "graphile-worker";
import { conversation } from "./conversation.mjs";

const { url, jobs, width, connections, ready } = conversation();
const utils = await makeWorkerUtils({ connectionString: url });
await utils.migrate();
await utils.withPgClient((client) =>
  client.query("select graphile_worker.add_job('noop', '{}'::json) from generate_series(1, $1)", [jobs]),
);
await utils.release();
const done = await ready();

let left = jobs;
let finish;
const all = new Promise((resolve) => (finish = resolve));
const runner = await run({
  connectionString: url,
  noHandleSignals: true,
  taskList: { noop: async () => void (--left === 0 && finish()) },
  preset: {
    worker: {
      concurrentJobs: width,
      maxPoolSize: connections,
      localQueue: { size: width * 4 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});
await all;
await runner.stop();
done();
