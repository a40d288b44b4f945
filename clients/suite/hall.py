"""The server under test: started with a folder and a seeded world of its own, and spoken to over REST."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

SUITE = Path(__file__).resolve().parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fresh_postgres(purpose: str) -> str | None:
    """A new, empty database on the server that GUILDHALL_TEST_POSTGRES names; None without one."""
    server = os.environ.get("GUILDHALL_TEST_POSTGRES")
    if not server:
        return None
    name = f"guildhall_{purpose}_{os.getpid()}"
    subprocess.run(["psql", "-q", server, "-c", f"CREATE DATABASE {name}"], check=True)
    return urlsplit(server)._replace(path=f"/{name}").geturl()


class Hall:
    """`guildhall serve` on a private port. `public_port` is what it announces to clients (a proxy's, say), `settings`
    are environment variables for it."""

    def __init__(
        self, public_port: int | None = None, database_url: str | None = None, settings: dict[str, str] | None = None
    ) -> None:
        self.binary = os.environ["GUILDHALL_TEST_BIN"]
        self.folder = tempfile.TemporaryDirectory(prefix="guildhall-suite-")
        self.port = free_port()
        self.log = open(Path(self.folder.name) / "server.log", "a+")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("GUILDHALL_")}
        self.environment |= {
            "GUILDHALL_LISTEN": f"127.0.0.1:{self.port}",
            "GUILDHALL_PUBLIC_URL": f"http://127.0.0.1:{public_port or self.port}",
            "GUILDHALL_DATA": str(Path(self.folder.name) / "data"),
        }
        self.environment |= settings or {}
        if database_url:
            self.environment["GUILDHALL_DATABASE_URL"] = database_url
        self.process: subprocess.Popen | None = None

    def seed(self, world: Path) -> dict:
        """Builds the described world; returns its ids and tokens."""
        command = [self.binary, "seed", str(world), "--json"]
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"guildhall seed failed:\n{self.log_tail()}")
        return json.loads(done.stdout)

    def start(self) -> None:
        """Starts the server and returns when it is ready to serve."""
        self.process = subprocess.Popen(
            [self.binary, "serve"], env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the server did not become ready:\n{self.log_tail()}")

    def kill(self) -> None:
        """SIGKILL: no drain, no goodbye."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()
        self.folder.cleanup()

    def log_tail(self, lines: int = 40) -> str:
        self.log.flush()
        return "\n".join(Path(self.log.name).read_text(errors="replace").splitlines()[-lines:])


class Refused(Exception):
    """An answer outside 200..299."""


class Rest:
    """A plain REST client that honours 429."""

    def __init__(self, port: int, authorization: str) -> None:
        self.base, self.authorization = f"http://127.0.0.1:{port}/api/v10", authorization

    def call(self, method: str, path: str, body: object = None, accept_errors: bool = False):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    text = answer.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                text = error.read().decode(errors="replace")
                if error.code == 429:
                    time.sleep(float(error.headers.get("Retry-After", 1)))
                elif accept_errors:
                    return None
                else:
                    raise Refused(f"{method} {path}: {error.code} {text}") from None
