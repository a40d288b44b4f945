"""Installs the client libraries, once per set of pinned versions, in a cache folder outside the clone."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CLIENTS = Path(__file__).resolve().parent.parent
BOTS = CLIENTS / "bots"


def cache() -> Path:
    """The folder that survives from one run to the next."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("GUILDHALL_TEST_CACHE") or home / "guildhall-test")


def _keyed(kind: str, *locks: Path) -> Path:
    """A folder named after the content of the lock files, so that changed pins are installed afresh."""
    digest = hashlib.sha256(b"\0".join(lock.read_bytes() for lock in locks))
    return cache() / f"{kind}-{digest.hexdigest()[:12]}"


def _once(folder: Path, install) -> Path:
    """Runs `install(folder)` unless an earlier run finished it."""
    mark = folder / ".installed"
    if not mark.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder)
        mark.touch()
    return folder


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    # Installers talk on standard output; ours is for results.
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, stdout=sys.stderr)


def python() -> Path:
    """The interpreter of the virtual environment with all Python packages."""
    wanted = CLIENTS / "requirements.txt"

    def install(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", folder)
        _run(folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted)

    return _once(_keyed("python", wanted), install) / "bin/python"


def node_modules(source: Path = BOTS / "discordjs") -> Path:
    """The folder with what a package (discord.js's bot, the browser story) needs."""

    def install(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        _run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)

    return _once(_keyed("node", source / "package-lock.json"), install) / "node_modules"


def rust_bots() -> Path:
    """The folder with the built serenity and twilight bots."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or cache() / "target") / "client-bots"
    target = Path(os.environ.get("GUILDHALL_TEST_BOTS") or target)
    manifest = BOTS / "rust/Cargo.toml"
    _run("cargo", "build", "--quiet", "--locked", "--manifest-path", manifest, "--target-dir", target)
    return target / "debug"


if __name__ == "__main__":
    # `install.py` alone prepares everything but the browser's part, and prints the interpreter to run the suite's other parts with.
    node_modules()
    rust_bots()
    print(python())
