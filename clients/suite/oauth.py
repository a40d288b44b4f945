"""Runs real OAuth2 clients (clients/oauth: oauth4webapi, passport-discord) through a browser against a server of its own.

    GUILDHALL_TEST_BIN=target/debug/guildhall python3 clients/suite/oauth.py

Prints `N passed, N failed`.
"""

import os
import shutil
import subprocess
import sys

import install
from hall import Hall

STORY = install.CLIENTS / "oauth"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    # An ES module finds its packages beside itself, so the story is run where they are installed.
    home = install.node_modules(STORY).parent
    shutil.copy(STORY / "story.mjs", home)
    browser = next(path for path in map(shutil.which, BROWSERS) if path)
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


if __name__ == "__main__":
    sys.exit(main())
