"""procrastinate: one asynchronous worker of the whole width, which ends when nothing is left."""

import asyncio
import logging
import resource
import sys

import procrastinate

url, jobs, width, connections = sys.argv[1], *map(int, sys.argv[2:5])
logging.disable(logging.WARNING)
app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=url, min_size=connections, max_size=connections)
)
worked = 0


@app.task(name="noop")
async def noop() -> None:
    global worked
    worked += 1


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def main() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for start in range(0, jobs, 1000):
            await noop.batch_defer_async(*({} for _ in range(min(1000, jobs - start))))
        print("ready", flush=True)
        sys.stdin.readline()
        before = cpu()
        await app.run_worker_async(concurrency=width, wait=False, install_signal_handlers=False)
        assert worked == jobs, f"{worked} of {jobs}"
        print(f"done {cpu() - before}", flush=True)


asyncio.run(main())
