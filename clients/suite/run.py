"""The client suite: five unmodified libraries in one guild walk through the same scenario, are cut off and resume.

    GUILDHALL_TEST_BIN=target/debug/guildhall python3 clients/suite/run.py [sqlite|postgres]

Needs Python 3.11, Node and Cargo; installs the libraries itself (see install.py). Prints a table of libraries and
checks, then one line `N passed, N failed`. GUILDHALL_TEST_RECORD=FILE keeps the REST answers for schema_gate.py.
"""

import base64
import json
import os
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import compare
import tour
from bots import LIBRARIES, Bot, commands
from hall import SUITE, Hall, Refused, Rest, free_port, fresh_postgres
from proxy import Proxy

HISTORY = ["the first", "the second", "the third"]
# What a library rightly says when its socket is cut.
CUT_WARNINGS = ("reason was: 'Socket has closed'. Will retry shortly",)
# serenity hands every event to a task of its own, so what it reports may overtake each other.
UNORDERED = ("serenity",)
# Those whose bots also make webhooks and emojis.
MAKERS = ("discordjs", "discordpy")
CUTS = 2
BETWEEN_CUTS = 25


class Suite:
    def __init__(self, hall: Hall, proxy: Proxy, world: dict, logs: Path) -> None:
        self.proxy = proxy
        self.results: dict[tuple[str, str], list[str]] = {}  # (library, check) -> complaints
        self.users = {user["name"]: user for user in world["users"]}
        self.tokens = {bot["name"]: bot for bot in world["bots"]}
        self.guild = next(guild for guild in world["guilds"] if guild["name"] == "Suite")
        self.channel = next(one["id"] for one in self.guild["channels"] if one["name"] == "general")
        self.roles = [one["id"] for one in self.guild["roles"] if one["id"] != self.guild["id"]]
        self.writer = Rest(hall.port, self.users["ada"]["token"])
        url = f"http://127.0.0.1:{proxy.port}"
        shared = {"GUILDHALL_URL": url, "GUILD_ID": self.guild["id"], "CHANNEL_ID": self.channel}
        shared |= {"MEMBER_ID": self.users["mia"]["id"]}
        self.bots = {
            name: Bot(
                name,
                command,
                shared | extra | {"TOKEN": self.tokens[name]["token"], "KICK_ID": self.users[f"guest_{name}"]["id"]},
                logs / f"{name}.log",
            )
            for name, (command, extra) in commands().items()
        }

    def check(self, library: str, check: str, complaints: list[str]) -> None:
        self.results.setdefault((library, check), []).extend(complaints)

    def say(self, content: str) -> str:
        return self.writer.call("POST", f"/channels/{self.channel}/messages", {"content": content})["id"]

    def settle(self, check: str) -> str:
        """Sends a last message and waits until every bot has it: whatever came before it has then arrived."""
        last = self.say(f"end of {check}")
        for name, bot in self.bots.items():
            if not bot.wait(lambda b: b.saw_message(last), 60):
                self.check(name, check, ["the last message never came"])
        return last

    def log_in(self) -> None:
        for name, bot in self.bots.items():
            ready = bot.wait_step("ready") and bot.wait(lambda b: b.count("GUILD_CREATE") >= 1, 30)
            self.check(name, "log in", [] if ready else ["no READY with its GUILD_CREATE"])

    def walk(self, name: str) -> None:
        """One bot walks through the scenario while all watch."""
        bot = self.bots[name]
        before = {one: len(b.events) for one, b in self.bots.items()}
        bot.say("start")
        walked = bot.wait_step("done", 120)
        self.check(name, "steps", [] if walked else ["did not finish"])
        self.check(name, "steps", self.wrong_steps(bot))
        more = self.command(bot)
        more.append(("MESSAGE_CREATE", self.settle("events"), self.channel))
        # A new role comes in at the bottom and moves the others up.
        more += [("GUILD_ROLE_UPDATE", role) for role in self.roles]
        self.roles.append(bot.steps.get("create_role", {}).get("id"))
        kicked, member = self.users[f"guest_{name}"]["id"], self.users["mia"]["id"]
        wanted = compare.expected(bot, self.channel, member, kicked, more)
        for one, watcher in self.bots.items():
            wrong = compare.difference(wanted, compare.seen(watcher, before[one]))
            self.check(one, "events", [f"while {name} acted: {text}" for text in wrong])

    def wrong_steps(self, bot: Bot) -> list[str]:
        """Holds what the steps returned against what they must return."""
        name, steps = bot.name, bot.steps
        wanted = {
            "read_guild": {"name": "Suite"},
            "send_embed": {"title": "Embed", "fields": 1},
            "send_file": {"name": "notes.txt", "size": len(f"file from {name}")},
            "edit": {"content": f"edited by {name}", "edited": True},
            "create_channel": {"name": f"room-{name}"},
            "create_role": {"name": f"role-{name}"},
        }
        if name in MAKERS:
            said = {"author": "Ada of old", "content": "edited by a webhook"}
            wanted["use_webhook"] = said | {"found": True, "known": True}
            wanted["use_emoji"] = {"name": f"emoji_{name}", "kept": True, "known": True}
        wrong = [
            f"{step}: {field} is {steps.get(step, {}).get(field)!r}, not {value!r}"
            for step, fields in wanted.items()
            for field, value in fields.items()
            if steps.get(step, {}).get(field) != value
        ]
        needed = ("read_history", "send_text", "react", "delete", "assign_role", "kick", "register_command")
        wrong += [f"{step}: not done" for step in needed if step not in steps or "failed" in steps[step]]
        history = steps.get("read_history", {}).get("contents", [])
        wrong += [f"read_history: {text!r} is not in it" for text in HISTORY if text not in history]
        if url := steps.get("send_file", {}).get("url"):
            with urllib.request.urlopen(url, timeout=30) as file:
                wrong += [] if file.read().decode() == f"file from {name}" else ["send_file: another content came back"]
        return wrong

    def command(self, bot: Bot) -> list[tuple]:
        """Invokes the bot's slash command as a person; returns the events that its answers cause."""
        command = bot.steps.get("register_command", {})
        if "id" not in command:
            return []
        options = [{"type": 3, "name": "text", "value": "hello"}]
        data = {"id": command["id"], "name": "ping", "type": 1, "version": command["version"], "options": options}
        interaction = {"type": 2, "application_id": command["application"], "guild_id": self.guild["id"]}
        interaction |= {"channel_id": self.channel, "session_id": "suite", "nonce": command["id"], "data": data}
        try:
            self.writer.call("POST", "/interactions", interaction)
        except Refused as error:
            self.check(bot.name, "command", [str(error)])
            return []
        answered = bot.wait_step("answered", 30)
        self.check(bot.name, "command", [] if answered and "failed" not in bot.steps["answered"] else ["no answer"])
        recent = self.writer.call("GET", f"/channels/{self.channel}/messages?limit=10")
        mine = {m["content"]: m["id"] for m in recent if m["author"]["id"] == bot.steps["ready"]["user"]}
        reply, follow_up = mine.get("pong, edited"), mine.get("a follow-up")
        events = [("MESSAGE_CREATE", reply, self.channel), ("MESSAGE_UPDATE", reply, self.channel)]
        return [*events, ("MESSAGE_CREATE", follow_up, self.channel)]

    def cut_and_resume(self) -> None:
        """Cuts every socket, twice, while a writer sends; nothing may be lost, nothing may come twice."""
        before = {name: len(bot.events) for name, bot in self.bots.items()}
        ready = {name: bot.count("READY") for name, bot in self.bots.items()}
        sent: list[str] = []
        stop, failed = threading.Event(), []

        def write() -> None:
            try:
                while not stop.is_set():
                    sent.append(self.say(f"number {len(sent)}"))
                    time.sleep(0.02)
            except Exception as error:  # told in the table instead of on a thread's stderr
                failed.append(f"the writer failed: {error}")

        writer = threading.Thread(target=write)
        writer.start()
        for cut in range(1, CUTS + 1):
            target = len(sent) + BETWEEN_CUTS
            while len(sent) < target and writer.is_alive():
                time.sleep(0.02)
            dropped = self.proxy.cut()
            if dropped != len(self.bots):
                failed.append(f"{dropped} sockets were open at cut {cut}")
            for name, bot in self.bots.items():
                if not bot.wait(lambda b: b.count("RESUMED") >= cut or b.count("READY") > ready[name], 90):
                    self.check(name, "resume", [f"did not come back after cut {cut}"])
        stop.set()
        writer.join()
        last = self.settle("resume")
        for name, bot in self.bots.items():
            created = [e["data"]["id"] for e in bot.events[before[name] :] if e["event"] == "MESSAGE_CREATE"]
            got = [ident for ident in created if ident != last]
            if name in UNORDERED:
                got.sort(key=int)
            self.check(name, "resume", list(failed))
            self.check(name, "resume", [] if got == sent else [f"of {len(sent)} messages: {order(sent, got)}"])
            again = bot.count("READY") - ready[name]
            self.check(name, "resume", [f"identified again {again} times"] if again else [])
        print(f"resume: {len(sent)} messages written across {CUTS} cuts of {len(self.bots)} sockets")

    def judge(self) -> None:
        """What can be said only at the end."""
        for name, bot in self.bots.items():
            # A library may build the object of the last event a moment after it reported the event itself.
            bot.wait(lambda bot: not compare.untyped(bot, 0), 10)
            self.check(name, "typed", compare.untyped(bot, 0))
            self.check(name, "sequence", compare.sequence_gaps(bot))
            warnings = [text for text in bot.warnings if not text.strip().endswith(CUT_WARNINGS)]
            self.check(name, "quiet", warnings + bot.failures)


def order(sent: list[str], got: list[str]) -> str:
    lost, repeated = set(sent) - set(got), len(got) - len(set(got))
    return f"{len(lost)} lost, {repeated} repeated, {len(set(got) - set(sent))} others, {len(got)} in all"


def table(results: dict[tuple[str, str], list[str]]) -> None:
    checks = list(dict.fromkeys(check for _, check in results))
    print("\n" + "library".ljust(12) + "".join(check.ljust(10) for check in checks))
    for name in LIBRARIES:
        cells = ("-" if (name, check) not in results else "FAILED" if results[name, check] else "ok" for check in checks)
        print(name.ljust(12) + "".join(cell.ljust(10) for cell in cells))
    for (name, check), complaints in results.items():
        for text in complaints[:12]:
            print(f"\n{name}, {check}: {text[:1500]}")


def record(proxy: Proxy, file: str) -> None:
    """Keeps every REST exchange as a line of JSON."""
    with open(file, "w") as out:
        for one in proxy.exchanges:
            body = base64.b64encode(one.body).decode()
            line = {"method": one.method, "path": one.path, "status": one.status, "type": one.content_type, "body": body}
            out.write(json.dumps(line) + "\n")


def main() -> int:
    logs = Path(os.environ.get("GUILDHALL_TEST_LOGS") or tempfile.mkdtemp(prefix="guildhall-bots-"))
    logs.mkdir(parents=True, exist_ok=True)
    database = fresh_postgres("clients") if sys.argv[1:] == ["postgres"] else None
    proxy_port = free_port()
    hall = Hall(public_port=proxy_port, database_url=database)
    suite = proxy = None
    try:
        world = hall.seed(SUITE / "world.toml")
        hall.start()
        proxy = Proxy(proxy_port, hall.port)
        suite = Suite(hall, proxy, world, logs)
        suite.log_in()
        for name in suite.bots:
            print(f"{name} walks", flush=True)
            suite.walk(name)
        suite.cut_and_resume()
        suite.judge()
        tour.walk(Rest(proxy_port, f"Bot {suite.tokens['discordjs']['token']}"), suite.guild, suite.channel)
        if file := os.environ.get("GUILDHALL_TEST_RECORD"):
            record(proxy, file)
        table(suite.results)
    except Exception:
        print(f"logs of the bots: {logs}\nlast lines of the server's log:\n{hall.log_tail()}", file=sys.stderr)
        raise
    finally:
        for bot in suite.bots.values() if suite else ():
            bot.stop()
        if proxy:
            proxy.stop()
        hall.stop()
    failed = sum(1 for complaints in suite.results.values() if complaints)
    if failed:
        print(f"\nlogs of the bots: {logs}")
    print(f"\n{len(suite.results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
