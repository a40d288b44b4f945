"""The kill test: SIGKILL under load, again and again; nothing acknowledged is lost and every session resumes.

    GUILDHALL_TEST_BIN=target/debug/guildhall PYTHON clients/suite/kill_test.py     (PYTHON as install.py prints it)

Runs on SQLite, and on PostgreSQL when GUILDHALL_TEST_POSTGRES names a server to make a database on. Bots of its own
make (a few lines over aiohttp) watch a channel while people write into it; the server is killed and started again on
the same data and port. Prints `N passed, N failed`.
"""

import asyncio
import json
import os
import sys
import time

import aiohttp

from hall import SUITE, Hall, fresh_postgres

KILLS = 5
# A load is wanted here, so the limits against runaway programs are off.
UNLIMITED = {"GUILDHALL_LIMITS_REQUESTS_PER_BUCKET": "0", "GUILDHALL_LIMITS_REQUESTS_PER_SECOND": "0"}
BETWEEN_KILLS = 300
GUILDS_MEMBERS_MESSAGES_CONTENT = 1 << 0 | 1 << 1 | 1 << 9 | 1 << 15


class Session:
    """One gateway session of one bot, over as many connections as it takes."""

    def __init__(self, name: str, token: str, gateway: str, beat_every: float | None) -> None:
        self.name, self.token, self.gateway, self.beat_every = name, token, gateway, beat_every
        self.session_id = None
        self.seq = None
        self.messages: list[str] = []
        self.resumed = 0
        self.wrong: list[str] = []
        self.news = asyncio.Event()

    async def run(self, http: aiohttp.ClientSession) -> None:
        while not self.wrong:
            try:
                async with http.ws_connect(self.gateway + "/?v=10&encoding=json", max_msg_size=0) as socket:
                    await self.converse(socket)
            except (aiohttp.ClientError, OSError):
                pass
            await asyncio.sleep(0.1)

    async def converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        hello = await socket.receive_json()
        interval = self.beat_every or hello["d"]["heartbeat_interval"] / 1000
        identity = {"token": self.token, "intents": GUILDS_MEMBERS_MESSAGES_CONTENT}
        if self.session_id:
            await self.send(socket, 6, {"token": self.token, "session_id": self.session_id, "seq": self.seq})
        else:
            await self.send(socket, 2, identity | {"properties": {"os": "linux", "browser": "kill", "device": "kill"}})
        beating = asyncio.create_task(self.beat(socket, interval))
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self.take(json.loads(frame.data))
        finally:
            beating.cancel()
        if socket.close_code is not None and socket.close_code >= 4000:
            self.wrong.append(f"closed with {socket.close_code}")

    async def beat(self, socket: aiohttp.ClientWebSocketResponse, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self.send(socket, 1, self.seq)

    async def send(self, socket: aiohttp.ClientWebSocketResponse, op: int, d: object) -> None:
        await socket.send_str(json.dumps({"op": op, "d": d}))

    def take(self, packet: dict) -> None:
        if packet["op"] == 9:
            self.wrong.append("Invalid Session")
        elif packet["op"] == 0:
            if self.seq is not None and packet["s"] - self.seq not in (0, 1):
                self.wrong.append(f"s jumps from {self.seq} to {packet['s']} at {packet['t']}")
            self.seq = packet["s"]
            if packet["t"] == "READY":
                self.session_id = packet["d"]["session_id"]
                self.gateway = packet["d"]["resume_gateway_url"]
            elif packet["t"] == "RESUMED":
                self.resumed += 1
            elif packet["t"] == "MESSAGE_CREATE":
                self.messages.append(packet["d"]["id"])
        self.news.set()

    async def until(self, done, seconds: float = 60) -> bool:
        deadline = time.monotonic() + seconds
        while not done() and not self.wrong and time.monotonic() < deadline:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), 1)
            except TimeoutError:
                pass
        return done()


class Load:
    """People who write as fast as they are answered, and remember what was acknowledged."""

    def __init__(self, http: aiohttp.ClientSession, base: str, channel: str) -> None:
        self.http, self.url = http, f"{base}/api/v10/channels/{channel}/messages"
        self.acknowledged: list[str] = []
        self.stopped = False

    async def write(self, token: str) -> None:
        number = 0
        while not self.stopped:
            try:
                ident = await self.post(token, f"number {number}")
            except (aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(0.05)  # the server is down, or went down with this message
                continue
            self.acknowledged += [ident] if ident else []
            number += 1

    async def post(self, token: str, content: str) -> str | None:
        async with self.http.post(self.url, json={"content": content}, headers={"Authorization": token}) as answer:
            if answer.status == 429:
                await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
                return None
            if answer.status != 200:
                raise RuntimeError(f"a message was refused: {answer.status} {await answer.text()}")
            return (await answer.json())["id"]

    async def history(self, token: str) -> list[str]:
        found: list[str] = []
        while True:
            query = {"limit": 100} | ({"before": found[-1]} if found else {})
            async with self.http.get(self.url, params=query, headers={"Authorization": token}) as answer:
                if answer.status == 429:
                    await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
                    continue
                page = [one["id"] for one in await answer.json()]
            if not page:
                return found[::-1]
            found += page


async def run(hall: Hall, world: dict) -> dict[str, list[str]]:
    """One whole test on one database; the complaints of each check."""
    guild = world["guilds"][0]
    channel = next(one["id"] for one in guild["channels"] if one["name"] == "general")
    people = [user["token"] for user in world["users"]]
    base = f"http://127.0.0.1:{hall.port}"
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as http:
        async with http.get(f"{base}/api/v10/gateway") as answer:
            gateway = (await answer.json())["url"]
        # Half of the sessions beat often, half never within the test: both must be able to come back.
        sessions = [
            Session(bot["name"], bot["token"], gateway, 0.5 if number % 2 else None)
            for number, bot in enumerate(world["bots"])
        ]
        tasks = [asyncio.create_task(session.run(http)) for session in sessions]
        for session in sessions:
            if not await session.until(lambda: session.session_id is not None):
                return {"sessions": [f"{session.name} could not log in {session.wrong}"]}
        load = Load(http, base, channel)
        before = set(await load.history(people[0]))
        writers = [asyncio.create_task(load.write(token)) for token in people]
        try:
            for kill in range(1, KILLS + 1):
                target = len(load.acknowledged) + BETWEEN_KILLS
                while len(load.acknowledged) < target:
                    for writer in writers:
                        if writer.done():
                            writer.result()
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(hall.kill)
                await asyncio.to_thread(hall.start)
                await asyncio.gather(*(s.until(lambda s=s: s.resumed >= kill) for s in sessions))
        finally:
            load.stopped = True
        await asyncio.gather(*writers)
        last = await load.post(people[0], "the end")
        while last is None:
            last = await load.post(people[0], "the end")
        await asyncio.gather(*(s.until(lambda s=s: last in s.messages[-5:]) for s in sessions))
        stored = [ident for ident in await load.history(people[0]) if ident not in before]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return judge(load, sessions, stored)


def judge(load: Load, sessions: list[Session], stored: list[str]) -> dict[str, list[str]]:
    lost = set(load.acknowledged) - set(stored)
    print(f"   {len(load.acknowledged)} messages acknowledged, {len(stored)} stored, {len(sessions)} sessions")
    resume, union = [], []
    for one in sessions:
        if one.wrong or one.resumed != KILLS:
            resume.append(f"{one.name}: resumed {one.resumed} of {KILLS} times {one.wrong}")
        # Ids are given out before the commit, so the order of events is that of the log and may differ by a little.
        if sorted(one.messages, key=int) != stored:
            missing, twice = set(stored) - set(one.messages), len(one.messages) - len(set(one.messages))
            union.append(f"{one.name}: {len(missing)} missing, {twice} twice, {len(one.messages)} in all")
        if one.messages != sessions[0].messages:
            union.append(f"{one.name}: another order than {sessions[0].name}")
    acknowledged = [f"{len(lost)} acknowledged messages are gone"] if lost else []
    return {"every acknowledged message is there": acknowledged, "every session resumes": resume, "no gap, no repeat": union}


def databases() -> dict[str, str | None]:
    """SQLite always; a fresh PostgreSQL database where a server is named."""
    found: dict[str, str | None] = {"sqlite": None}
    if url := fresh_postgres("kill"):
        found["postgres"] = url
    else:
        print("SKIPPED: the kill test on PostgreSQL; GUILDHALL_TEST_POSTGRES is not set", file=sys.stderr)
    return found


def main() -> int:
    passed = failed = 0
    for name, url in databases().items():
        hall = Hall(database_url=url, settings=UNLIMITED)
        try:
            world = hall.seed(SUITE / "kill.toml")
            hall.start()
            began = time.monotonic()
            results = asyncio.run(run(hall, world))
            print(f"{name}: {KILLS} kills in {time.monotonic() - began:.1f} s")
            if any(results.values()):
                print(hall.log_tail(), file=sys.stderr)
        finally:
            hall.stop()
        for check, complaints in results.items():
            print(f"   {'FAILED' if complaints else 'ok'}  {name}: {check}")
            for text in complaints:
                print(f"           {text}")
            passed, failed = passed + (not complaints), failed + bool(complaints)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
