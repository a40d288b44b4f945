"""Runs the person's story (clients/browser) against a server of its own.

    GUILDHALL_TEST_BIN=target/debug/guildhall python3 clients/suite/browser.py

Each step of the story is one test. Prints `N passed, N failed`; screenshots of failures are kept.
"""

import os
import shutil
import subprocess
import sys
import tempfile

import install
from hall import Hall

STORY = install.CLIENTS / "browser"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    # An ES module finds its packages beside itself, so the story is run where they are installed.
    home = install.node_modules(STORY).parent
    for file in STORY.glob("*.mjs"):
        shutil.copy(file, home)
    shots = tempfile.mkdtemp(prefix="guildhall-shots-")
    browser = next(path for path in map(shutil.which, BROWSERS) if path)
    hall = Hall()
    # Browsers allow passkeys only where the address has a name.
    here = f"http://localhost:{hall.port}"
    hall.environment["GUILDHALL_PUBLIC_URL"] = here
    try:
        world = hall.seed(install.CLIENTS / "suite/story.toml")
        hall.start()
        where = {"GUILDHALL_URL": here, "CHROMIUM": browser, "SHOTS": shots}
        where["ROBOT"] = world["bots"][0]["token"]
        where["STAFF"] = next(user["token"] for user in world["users"] if user["name"] == "keeper")
        command = ["node", str(home / "story.mjs")]
        story = subprocess.run(command, env=os.environ | where, stdout=subprocess.PIPE, text=True, timeout=600)
        print(story.stdout)
        if story.returncode != 0:
            print(f"pictures: {shots}\nlast lines of the server's log:\n{hall.log_tail()}")
    finally:
        hall.stop()
    lines = story.stdout.splitlines()
    passed = sum(line.startswith("ok ") for line in lines)
    failed = sum(line.startswith("not ok ") for line in lines)
    # A story that breaks off, or pages that complain, fail it too.
    failed = failed or int(story.returncode != 0)
    if not failed:
        shutil.rmtree(shots)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
