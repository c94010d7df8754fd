"""The addresses that phones call, on a server as a user starts it."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.classroom.routes import MOST_BYTES
from app.classroom.store import WHERE, Store
from tests.serving import Server, running

LESSON, STEP = "take-a-block-away", 2


def asked(server: Server, path: str, body: bytes | None = None) -> tuple[HTTPConnection, HTTPResponse]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.request("GET" if body is None else "POST", path, body)
    return connection, connection.getresponse()


def post(server: Server, path: str, data: Any) -> tuple[int, dict[str, Any]]:
    connection, answer = asked(server, path, data if isinstance(data, bytes) else json.dumps(data).encode())
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_phones_join_vote_follow_and_do_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WHERE, str(tmp_path / "classes.sqlite"))
    store = Store.usual()
    code, _ = store.create(LESSON)
    store.go(code, STEP, asks=True)
    with running(tmp_path / "log.txt") as server:
        connection, page = asked(server, "/join")
        assert b"Join the class" in page.read()
        connection.close()
        status, joined = post(server, f"/class/{code.lower()}/join", {})
        assert (status, joined["code"]) == (200, code)
        vote = {"student": joined["student"], "step": STEP, "round": 1, "guess": 1}
        assert post(server, f"/class/{code}/vote", vote) == (200, {"counted": 1})
        assert store.counts(code, STEP, 1, 3) == [0, 1, 0]
        for wrong, says in (
            ({**vote, "guess": "x"}, "A vote has a step, a round and a guess."),
            ({**vote, "guess": 7}, "There is no such guess."),
            ({**vote, "student": "nobody"}, "Join the class first."),
            ({**vote, "round": 2}, "This vote is closed."),
            (b"[1]", "This is not a vote."),
            (b"{", "This is not JSON."),
            (b"x" * (MOST_BYTES + 1), "This is too long."),
        ):
            assert post(server, f"/class/{code}/vote", wrong) == (409, {"says": says})
        assert post(server, "/class/QQQQ/join", {})[0] == 409
        assert post(server, f"/class/{code}/photo?student={joined['student']}", b"a")[1] == {
            "says": "No photo can be sent now."
        }
        for refused in (f"/class/{code}/stream?student=nobody", "/class/QQQQ/presence"):
            connection, answer = asked(server, refused)
            assert (answer.status, "says" in json.loads(answer.read())) == (409, True)
            connection.close()
        stream, answer = asked(server, f"/class/{code}/stream?student={joined['student']}")
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert [answer.readline() for _ in range(2)] == [b"event: mine\n", f"data: [[{STEP}, 1, 1]]\n".encode()]
        end = time.monotonic()
    assert time.monotonic() - end < 15  # `running` would kill it after 30 seconds
    answer.close()
    stream.close()
    assert "Traceback" not in server.said(), server.said()
