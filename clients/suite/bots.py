"""The bots as processes: started, told what to do on standard input, heard on standard output."""

import json
import os
import subprocess
import threading
import time
from pathlib import Path

import install

LIBRARIES = ("discordjs", "discordpy", "hikari", "serenity", "twilight")


def commands() -> dict[str, tuple[list[str], dict[str, str]]]:
    """How each bot is run, and what it needs in its environment; installs what is not there yet."""
    python, rust = str(install.python()), install.rust_bots()
    node = {"NODE_PATH": str(install.node_modules())}
    return {
        "discordjs": (["node", str(install.BOTS / "discordjs/bot.js")], node),
        "discordpy": ([python, str(install.BOTS / "discordpy/bot.py")], {}),
        "hikari": ([python, str(install.BOTS / "hikari/bot.py")], {}),
        "serenity": ([str(rust / "serenity-bot")], {}),
        "twilight": ([str(rust / "twilight-bot")], {}),
    }


class Bot:
    """One running bot and everything it has reported so far."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.events: list[dict] = []  # every dispatch: event, data, maybe seq
        self.typed: list[dict] = []  # every event the library built an object for
        self.steps: dict[str, dict] = {}
        self.failures: list[str] = []
        self.warnings: list[str] = []
        self._news = threading.Condition()
        self._log = open(log, "w")
        self.process = subprocess.Popen(
            command,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            bufsize=1,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for text in self.process.stdout:
            try:
                line = json.loads(text)
            except ValueError:
                line = {"warning": text.strip()}
            with self._news:
                if "event" in line:
                    self.events.append(line)
                elif "typed" in line:
                    self.typed.append(line)
                elif line.get("step") == "failed":
                    self.failures.append(f"{line['at']}: {line['error']}")
                    self.steps.setdefault(line["at"], {})["failed"] = True
                elif "step" in line:
                    self.steps[line["step"]] = line
                elif "warning" in line:
                    self.warnings.append(line["warning"])
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def say(self, line: str) -> None:
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError:
            self.failures.append(f"the bot is gone; it was to {line}")

    def wait(self, done, seconds: float) -> bool:
        """Waits until `done(self)` holds; false when time is up or the bot ended."""
        deadline = time.monotonic() + seconds
        with self._news:
            while not done(self):
                left = deadline - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    return done(self)
                self._news.wait(min(left, 0.5))
            return True

    def wait_step(self, step: str, seconds: float = 60) -> bool:
        return self.wait(lambda bot: step in bot.steps, seconds)

    def count(self, event: str) -> int:
        return sum(1 for line in self.events if line["event"] == event)

    def saw_message(self, ident: str) -> bool:
        return any(e["event"] == "MESSAGE_CREATE" and e["data"]["id"] == ident for e in self.events[-200:])

    def stop(self) -> None:
        self.say("quit")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(5)
        self._log.close()
