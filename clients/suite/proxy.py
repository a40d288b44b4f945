"""A TCP proxy in front of the server: it can cut WebSockets off in mid-sentence and notes every REST answer.

It changes no byte. The server announces the proxy's address as its own (GUILDHALL_PUBLIC_URL), so that clients
come back through it when they resume.
"""

import asyncio
import threading
from collections import deque
from dataclasses import dataclass


@dataclass
class Exchange:
    """One REST request and its answer."""

    method: str
    path: str
    status: int
    content_type: str
    body: bytes


class HttpStream:
    """Splits one direction of a kept-alive HTTP/1.1 connection into messages (head lines, headers, body)."""

    def __init__(self) -> None:
        self.buffer = b""
        self.head: tuple[list[str], dict[str, str]] | None = None

    def feed(self, data: bytes):
        self.buffer += data
        while (message := self._next()) is not None:
            yield message

    def _next(self):
        if self.head is None:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return None
            first, *lines = head.decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in lines)
            self.head = first.split(" ", 2), {name.lower(): value.strip() for name, _, value in pairs}
            self.buffer = rest
        body = self._body(*self.head)
        if body is None:
            return None
        message, self.head = (*self.head, body), None
        return message

    def _body(self, first: list[str], headers: dict[str, str]) -> bytes | None:
        if first[0].startswith("HTTP/") and (first[1][0] == "1" or first[1] in ("204", "304")):
            return b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        length = int(headers.get("content-length", 0))
        if len(self.buffer) < length:
            return None
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return body

    def _chunks(self) -> bytes | None:
        body, at = b"", 0
        while (end := self.buffer.find(b"\r\n", at)) >= 0:
            size = int(self.buffer[at:end].split(b";")[0], 16)
            if len(self.buffer) < end + 4 + size:
                return None
            body += self.buffer[end + 2 : end + 2 + size]
            at = end + 4 + size
            if size == 0:
                self.buffer = self.buffer[at:]
                return body
        return None


class Proxy:
    """Listens on `port` and forwards to `upstream`, both on 127.0.0.1, on a thread of its own."""

    def __init__(self, port: int, upstream: int) -> None:
        self.port, self.upstream = port, upstream
        self.exchanges: list[Exchange] = []
        self._sockets: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()

    def cut(self) -> int:
        """Drops every WebSocket on both sides without a close frame; returns how many there were."""

        async def drop() -> int:
            doomed, self._sockets = self._sockets, set()
            for writer in doomed:
                writer.transport.abort()
            return len(doomed) // 2

        return asyncio.run_coroutine_threadsafe(drop(), self._loop).result()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(asyncio.start_server(self._connection, "127.0.0.1", self.port))
        ready.set()
        self._loop.run_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        asked: deque[tuple[str, str]] = deque()
        requests, answers = HttpStream(), HttpStream()
        websocket = False

        def on_request(data: bytes) -> None:
            nonlocal websocket
            for (method, path, _), headers, _ in [] if websocket else requests.feed(data):
                asked.append((method, path))
                if headers.get("upgrade", "").lower() == "websocket":
                    websocket = True
                    self._sockets |= {writer, up_writer}

        def on_answer(data: bytes) -> None:
            for first, headers, body in [] if websocket else answers.feed(data):
                if first[1][0] != "1" and asked:
                    kind = headers.get("content-type", "")
                    self.exchanges.append(Exchange(*asked.popleft(), int(first[1]), kind, body))

        await asyncio.gather(_pump(reader, up_writer, on_request), _pump(up_reader, writer, on_answer))
        self._sockets -= {writer, up_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note) -> None:
    try:
        while data := await reader.read(65536):
            note(data)
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
