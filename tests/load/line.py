"""Everything that goes between a visitor and the server, counted."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

BOUNDARY = "a-line-that-is-in-no-photo"
NONE: Mapping[str, str] = {}


class Trouble(Exception):
    """What no visitor may meet: an answer that does not come in time, or a script that cannot run."""


class CountingSocket(socket.socket):
    """Counts what goes through it into a `Line`."""

    def __init__(self, line: Line) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self.line = line
        self.connect(line.server)

    def recv(self, *args: Any) -> bytes:
        data = super().recv(*args)
        self.line.received += len(data)
        return data

    def recv_into(self, *args: Any) -> int:
        count = super().recv_into(*args)
        self.line.received += count
        return count

    def sendall(self, data: Any, *args: Any) -> None:
        super().sendall(data, *args)
        self.line.sent += len(data)


@dataclass(eq=False)
class Line:
    """One visitor's websocket and HTTP requests. `received` and `sent` are bytes, headers and all.

    An action may take `limit` seconds from `begin` on.
    """

    url: str
    limit: float
    received: int = 0
    sent: int = 0
    own: dict[str, str] = field(default_factory=dict)  # headers that prove whose a request is
    _deadline: float = 0.0
    _websocket: ClientConnection | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def server(self) -> tuple[str, int]:
        """Host and port."""
        host, port = urlsplit(self.url).netloc.split(":")
        return host, int(port)

    def begin(self) -> None:
        """An action begins."""
        self._deadline = time.monotonic() + self.limit

    def open(self) -> None:
        """Ask what the front end asks first, then open the websocket."""
        cookie = self.request("GET", "/_stcore/health")[0]["set-cookie"].split(";")[0]
        self.own = {"Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}
        self.request("GET", "/_stcore/host-config")
        self._websocket = self._open.enter_context(
            connect(
                "ws://{}:{}/_stcore/stream".format(*self.server),
                sock=CountingSocket(self),
                open_timeout=self.limit,
                ping_interval=None,
                max_size=None,
                max_queue=None,
                proxy=None,
            )
        )

    def close(self) -> None:
        """Leave, if ever there."""
        self._open.close()

    def send(self, message: bytes) -> None:
        """Into the websocket."""
        assert self._websocket is not None
        self._websocket.send(message)

    def receive(self) -> bytes:
        """From the websocket."""
        assert self._websocket is not None
        try:
            found = self._websocket.recv(max(0.0, self._deadline - time.monotonic()))
        except TimeoutError:
            raise Trouble(f"no end after {self.limit:.0f} s") from None
        assert isinstance(found, bytes)
        return found

    def request(
        self, verb: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = NONE
    ) -> tuple[Message, bytes]:
        """Headers and body of an HTTP answer."""
        connection = HTTPConnection(*self.server)
        connection.sock = CountingSocket(self)
        connection.sock.settimeout(max(0.1, self._deadline - time.monotonic()))
        try:
            connection.request(verb, path, body, {"Accept-Encoding": "gzip", "Connection": "close", **headers})
            answer = connection.getresponse()
            content = answer.read()
        except TimeoutError:
            raise Trouble(f"{verb} {path}: no answer after {self.limit:.0f} s") from None
        finally:
            connection.close()
        if answer.status >= 300:
            raise Trouble(f"{verb} {path}: {answer.status} {content[:200]!r}")
        return answer.headers, gzip.decompress(content) if answer.headers["content-encoding"] == "gzip" else content

    def put(self, path: str, name: str, content: bytes) -> None:
        """Upload a file as a form would."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        self.request("PUT", path, body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **self.own})
