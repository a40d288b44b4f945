"""Runs top.gg's own library (clients/topgg: @top-gg/sdk) against the directory of a server of its own.

    GUILDHALL_TEST_BIN=target/debug/guildhall python3 clients/suite/topgg.py

Prints `N passed, N failed`.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import install
from hall import SUITE, Hall

STORY = install.CLIENTS / "topgg"
# New accounts without a mail address vote here.
SETTINGS = {"GUILDHALL_DIRECTORY_VOTE_VERIFIED_MAIL": "false", "GUILDHALL_DIRECTORY_VOTE_ACCOUNT_HOURS": "0"}


def call(hall: Hall, token: str, method: str, path: str, body: object = None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": token, "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{hall.port}{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or "null")


def approve(hall: Hall, bot: str) -> None:
    """What staff do, past them: this is about what comes after."""
    with sqlite3.connect(Path(hall.environment["GUILDHALL_DATA"]) / "guildhall.db", timeout=30) as database:
        database.execute("UPDATE listings SET state = 0, approved_at = created_at WHERE id = ?", (int(bot),))
    database.close()


def main() -> int:
    # An ES module finds its packages beside itself, so the story is run where they are installed.
    home = install.node_modules(STORY).parent
    shutil.copy(STORY / "story.mjs", home)
    hall = Hall(settings=SETTINGS)
    try:
        world = hall.seed(SUITE / "world.toml")
        hall.start()
        users = {user["name"]: user for user in world["users"]}
        bot = world["bots"][0]
        owner, voter = users["host"]["token"], users["mia"]["token"]
        listing = f"/v2/listings/bots/{bot['id']}"
        draft = {"short": "Keeps your guild quiet and tidy.", "long": "It does what it says. " * 12, "tags": ["utility"]}
        call(hall, owner, "PUT", listing, draft)
        approve(hall, bot["id"])
        call(hall, voter, "POST", f"{listing}/votes")
        token = call(hall, owner, "POST", f"{listing}/token")["token"]
        where = {"GUILDHALL_URL": f"http://127.0.0.1:{hall.port}", "TOKEN": token, "BOT": bot["id"]}
        where |= {"VOTER": users["mia"]["id"], "OTHER": users["ada"]["id"]}
        story = subprocess.run(["node", str(home / "story.mjs")], env=os.environ | where, timeout=300)
        if story.returncode != 0:
            print(f"last lines of the server's log:\n{hall.log_tail()}")
    finally:
        hall.stop()
    return story.returncode


if __name__ == "__main__":
    sys.exit(main())
