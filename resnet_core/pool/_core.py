"""One core of a cluster: a process of its own that does one piece of work after another."""

from __future__ import annotations

import hashlib
import pickle
import platform
import threading
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import torch

from resnet_core.errors import ResNetCoreError
from resnet_core.pool._packing import Label, Missing, Shelf, unpacked
from resnet_core.pool.single_thread import single_thread

SHELF = 512  # MiB of networks and batches
Outcome = tuple[str, bytes]  # done, failed or missing; and the result, the exception or the digest


class Core:
    """An actor. `work` runs in one thread, `look` and `stop` in another."""

    def __init__(self) -> None:
        self._shelf = Shelf(SHELF)
        self._lock = threading.Lock()
        self._at_work: tuple[int, int, int] = (0, 0, 1)  # the piece, what is done of it, and its total
        self._stopped: set[int] = set()

    def hello(self) -> dict[str, str]:
        """What must be the same everywhere."""
        return versions()

    def work(self, piece: int, call: bytes, labels: list[Label], contents: dict[str, Any]) -> Outcome:
        """Do `call`, the pickled (function, task), with the things of `labels`; `contents` are references to bytes."""

        def report(done: int, total: int) -> None:
            with self._lock:
                self._at_work = piece, done, total
                if piece in self._stopped:
                    raise CancelledError

        try:
            report(0, 1)
            shared = [
                unpacked(label, self._shelf, lambda label=label: fetched(contents.get(label.digest)))  # type: ignore[misc]
                for label in labels
            ]
            function, task = pickle.loads(call)
            with single_thread():
                return "done", pickle.dumps(function(task, *shared, report), protocol=5)
        except Missing as missing:
            return "missing", str(missing).encode()
        except BaseException as error:  # whatever it is, the one who asked gets it
            return "failed", portable(error)
        finally:
            with self._lock:
                self._stopped.discard(piece)

    def look(self) -> tuple[int, int, int]:
        """The piece at work, what is done of it, and its total."""
        with self._lock:
            return self._at_work

    def stop(self, piece: int) -> None:
        """Let the next report of a piece raise `CancelledError`."""
        with self._lock:
            self._stopped.add(piece)


def fetched(reference: Any) -> bytes | None:
    """The bytes in the object store of the cluster."""
    if reference is None:
        return None
    import ray

    return bytes(ray.get(reference))


def portable(error: BaseException) -> bytes:
    """An exception as bytes, or what it says if it cannot be pickled."""
    try:
        content = pickle.dumps(error)
        pickle.loads(content)
    except Exception:
        return pickle.dumps(ResNetCoreError(f"{type(error).__name__}: {error}"))
    return content


def versions() -> dict[str, str]:
    """Python, torch, the code of resnet_core, and the processor's type, of this machine."""
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        code.update(path.read_bytes())
    return {
        "Python": platform.python_version(),
        "torch": torch.__version__,
        "resnet_core": f"code {code.hexdigest()[:8]}",
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
    }
