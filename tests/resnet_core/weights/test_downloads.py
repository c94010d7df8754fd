"""Downloads against a real server on this machine: whole and checked, or nothing at all."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from resnet_core.errors import WeightsError
from resnet_core.weights import downloads
from resnet_core.weights.catalogue import WEIGHTS
from resnet_core.weights.downloads import cached_path, fetch
from resnet_core.weights.files import Weights

CONTENT = os.urandom(700_001)
FILE = f"resnet50-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"
NAMED = r"The ImageNet weights of ResNet-50 \(98 MB\) "


class Handler(BaseHTTPRequestHandler):
    """Sends `CONTENT` in the manner that the path begins with."""

    def do_GET(self) -> None:
        manner = self.path.split("/")[1]
        if manner == "missing":
            self.send_error(404)
            return
        self.send_response(200)
        if manner != "sizeless":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if manner == "other":
            self.wfile.write(bytes(len(CONTENT)))
        elif manner == "short":
            self.wfile.write(CONTENT[:300_000])
        elif manner == "silent":
            self.wfile.write(CONTENT[:300_000])
            self.wfile.flush()
            self.server.released.wait(20)  # type: ignore[attr-defined]
            self.wfile.write(CONTENT[300_000:])
        elif manner == "slow":
            for start in range(0, len(CONTENT), 100_000):
                self.wfile.write(CONTENT[start : start + 100_000])
                self.server.seen.acquire(timeout=20)  # type: ignore[attr-defined]
        else:
            self.wfile.write(CONTENT)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class QuietServer(ThreadingHTTPServer):
    """One that is told when to go on: the silent manner once, the slow one after each of its pieces."""

    released: threading.Event
    seen: threading.Semaphore

    def handle_error(self, *_arguments: object) -> None:
        """A client that goes away in the middle is part of these tests."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[QuietServer]:
    monkeypatch.setenv("no_proxy", "*")
    with QuietServer(("127.0.0.1", 0), Handler) as running:
        running.released, running.seen = threading.Event(), threading.Semaphore(0)
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield running
        running.released.set()
        running.shutdown()


def at(server: QuietServer, manner: str, file: str = FILE) -> Weights:
    url = f"http://127.0.0.1:{server.server_port}/{manner}/{file}"
    return replace(WEIGHTS["resnet50", "imagenet"], url=url)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("manner", ["whole", "sizeless"])
def test_the_whole_file_arrives_and_is_reported(server: QuietServer, manner: str, tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    path = fetch(at(server, manner), tmp_path / "new" / FILE, lambda done, total: reports.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == [FILE]
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in reports] == sorted(done for done, _ in reports)
    assert fetch(at(server, manner), tmp_path / "silently" / FILE).read_bytes() == CONTENT


def test_a_file_that_is_there_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(CONTENT)
    weights = replace(WEIGHTS["resnet50", "imagenet"], url="http://nowhere.invalid/" + FILE)
    assert fetch(weights, tmp_path / FILE).read_bytes() == CONTENT


def test_a_damaged_file_is_replaced_or_removed(server: QuietServer, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(CONTENT[:-1])
    assert fetch(at(server, "whole"), tmp_path / FILE).read_bytes() == CONTENT
    (tmp_path / FILE).write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match="404"):
        fetch(at(server, "missing"), tmp_path / FILE)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("missing", "the server answered 404 Not Found"),
        ("short", r"the connection ended after 300,000 of 700,001 bytes"),
        ("other", r"another file came instead \(its SHA-256 starts with [0-9a-f]{8}, not [0-9a-f]{8}\)"),
    ],
)
def test_what_the_network_does_wrong_is_one_sentence(
    server: QuietServer, manner: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=rf"^{NAMED}could not be downloaded: {reason}\. Use another\.$"):
        fetch(at(server, manner), tmp_path / FILE, advice="Use another.")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:9/", "Connection refused"),
        ("http://nowhere.invalid/", "."),  # each system has its own words
        ("http://[broken/", "Invalid IPv6 URL"),
    ],
)
def test_no_network_is_one_sentence(url: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    weights = replace(WEIGHTS["resnet50", "imagenet"], url=url + FILE)
    with pytest.raises(WeightsError, match=rf"^{NAMED}could not be downloaded: .*{reason}.*\.$"):
        fetch(weights, tmp_path / FILE)
    assert left_in(tmp_path) == []


def test_a_silent_network_ends_after_a_while(
    server: QuietServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "NETWORK_SECONDS", 0.3)
    with pytest.raises(WeightsError, match="could not be downloaded: timed out"):
        fetch(at(server, "silent"), tmp_path / FILE)
    assert left_in(tmp_path) == []


def test_progress_goes_on_while_a_slow_server_sends(server: QuietServer, tmp_path: Path) -> None:
    counts: list[int] = []

    def progress(done: int, _total: int) -> None:
        if done % 100_000 == 0 and done not in (0, *counts):
            server.seen.release()  # it sends no more before what it sent is told
        counts.append(done)

    assert fetch(at(server, "slow"), tmp_path / FILE, progress).read_bytes() == CONTENT
    assert {100_000 * pieces for pieces in range(1, 8)} | {len(CONTENT)} <= set(counts)
    assert counts == sorted(counts)


class Cancelled(ConnectionError):
    """An OSError on purpose: it must come through as it is."""


def test_progress_cancels_while_nothing_comes_and_nothing_stays(server: QuietServer, tmp_path: Path) -> None:
    times: list[float] = []

    def progress(done: int, total: int) -> None:
        times.append(time.monotonic())
        assert total in (len(CONTENT), at(server, "silent").bytes)
        if done == 300_000 and len(times) > 12:
            raise Cancelled("nobody waits any more")

    with pytest.raises(Cancelled, match="nobody waits"):
        fetch(at(server, "silent"), tmp_path / FILE, progress)
    assert left_in(tmp_path) == []
    gaps = sorted(later - earlier for earlier, later in zip(times, times[1:], strict=False))
    assert gaps[len(gaps) // 2] < 0.2  # the median, since the machine may be busy


def test_cancelling_before_the_end_and_at_the_end_leaves_nothing(server: QuietServer, tmp_path: Path) -> None:
    def at_once(_done: int, _total: int) -> None:
        raise Cancelled("at once")

    def when_done(done: int, total: int) -> None:
        if done == total:
            raise Cancelled("when done")

    for progress in (at_once, when_done):
        with pytest.raises(Cancelled, match=progress.__name__.replace("_", " ")):
            fetch(at(server, "whole"), tmp_path / FILE, progress)
        assert left_in(tmp_path) == []
    (tmp_path / FILE).write_bytes(CONTENT)
    with pytest.raises(Cancelled, match="at once"):  # while the file that is there is checked
        fetch(at(server, "whole"), tmp_path / FILE, at_once)
    assert left_in(tmp_path) == [FILE]


def test_eight_at_once_all_get_the_file(server: QuietServer, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(fetch, at(server, "whole"), tmp_path / FILE) for _ in range(8)]
        assert all(job.result().read_bytes() == CONTENT for job in jobs)
    assert left_in(tmp_path) == [FILE]


class FullDisk(io.BytesIO):
    def write(self, _content: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_sentence(server: QuietServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_full(path: Path, *_arguments: object, **_options: object) -> FullDisk:
        path.touch()
        return FullDisk()

    monkeypatch.setattr(Path, "open", open_full)
    with pytest.raises(WeightsError, match=rf"^{NAMED}cannot be kept in .*: No space left on device\. Make room"):
        fetch(at(server, "whole"), tmp_path / FILE)
    assert left_in(tmp_path) == []


class NearlyFull(io.FileIO):
    """Takes a thousand bytes at a time."""

    def write(self, content: Any) -> int:
        return super().write(bytes(content[:1000]))


def test_a_disk_that_takes_less_than_it_is_given_gets_the_rest(
    server: QuietServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "open", lambda path, mode="rb", **_options: NearlyFull(path, mode))
    assert fetch(at(server, "whole"), tmp_path / FILE).read_bytes() == CONTENT


class FullAtTheEnd(io.FileIO):
    """A disk in the network, which tells only at the end that there is no room."""

    def close(self) -> None:
        told = self.closed or not self.writable()
        super().close()
        if not told:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))


def test_a_disk_that_is_found_full_at_the_end_is_one_sentence(
    server: QuietServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "open", lambda path, mode="rb", **_options: FullAtTheEnd(path, mode))
    with pytest.raises(WeightsError, match=rf"^{NAMED}cannot be kept in .*: Disk quota exceeded\. Make room"):
        fetch(at(server, "whole"), tmp_path / FILE)
    assert left_in(tmp_path) == []


def test_a_disk_that_becomes_read_only_is_one_sentence(
    server: QuietServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, *_arguments: object, **_options: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(WeightsError, match=rf"^{NAMED}cannot be kept in .*: Read-only file system\. Make room"):
        fetch(at(server, "whole"), tmp_path / FILE)


def test_a_cache_folder_that_may_not_be_written_is_one_sentence(
    server: QuietServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, *_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", refuse)  # a superuser, as in a container, is refused nothing
    with pytest.raises(WeightsError, match=rf"^{NAMED}cannot be kept in .*: Permission denied\. .*TORCH_HOME"):
        fetch(at(server, "whole"), tmp_path / FILE)
    assert left_in(tmp_path) == []


def test_a_cache_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WeightsError, match=rf"^{NAMED}cannot be kept in .*TORCH_HOME"):
        fetch(WEIGHTS["resnet50", "imagenet"], tmp_path / "file" / "checkpoints" / FILE)


def test_the_cache_is_torchs_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    url = WEIGHTS["resnet18", "imagenet"].url
    assert url is not None
    assert cached_path(url) == tmp_path / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
