"""Runs real OAuth2 clients (clients/oauth: oauth4webapi, passport-discord) through a browser against a server of its own,
and then a browser through two servers, one of which signs people in for the other.

    GUILDHALL_TEST_BIN=target/debug/guildhall python3 clients/suite/oauth.py

Prints `N passed, N failed` for each.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import install
from hall import Hall

STORY = install.CLIENTS / "oauth"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def clients(home: Path, browser: str) -> int:
    hall = Hall()
    try:
        hall.start()
        where = {"GUILDHALL_URL": f"http://127.0.0.1:{hall.port}", "CHROMIUM": browser}
        story = subprocess.run(["node", str(home / "story.mjs")], env=os.environ | where, timeout=600)
        if story.returncode != 0:
            print(f"last lines of the server's log:\n{hall.log_tail()}")
    finally:
        hall.stop()
    return story.returncode


def known_as(registered: dict, provider: str) -> str:
    """The setting by which the second hall knows the first: TOML in one line."""
    fields = {"address": provider} | registered
    return "{ first = { " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in fields.items()) + " } }"


def two_halls(home: Path, browser: str) -> int:
    first, second = Hall(), Hall(settings={"GUILDHALL_OUTGOING_ALLOW": "127.0.0.0/8"})
    # For a browser another site than the first.
    second.environment["GUILDHALL_PUBLIC_URL"] = f"http://localhost:{second.port}"
    provider = first.environment["GUILDHALL_PUBLIC_URL"]
    where = {"FIRST_URL": provider, "SECOND_URL": second.environment["GUILDHALL_PUBLIC_URL"], "CHROMIUM": browser}
    try:
        first.start()
        with subprocess.Popen(
            ["node", str(home / "halls.mjs")],
            env=os.environ | where,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as story:
            for line in story.stdout:
                if not line.startswith("{"):
                    print(line, end="", flush=True)
                    continue
                second.environment["GUILDHALL_ACCOUNTS_PROVIDERS"] = known_as(json.loads(line), provider)
                second.start()
                story.stdin.write("ready\n")
                story.stdin.flush()
        if story.returncode != 0:
            print(f"last lines of the first server's log:\n{first.log_tail()}\nand of the second's:\n{second.log_tail()}")
    finally:
        first.stop()
        second.stop()
    return story.returncode


def main() -> int:
    # An ES module finds its packages beside itself, so the stories are run where they are installed.
    home = install.node_modules(STORY).parent
    for module in STORY.glob("*.mjs"):
        shutil.copy(module, home)
    browser = next(path for path in map(shutil.which, BROWSERS) if path)
    return clients(home, browser) | two_halls(home, browser)


if __name__ == "__main__":
    sys.exit(main())
