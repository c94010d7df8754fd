"""The process that speaks to a cluster, as its parent sees it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

KNOCK = 10.0  # seconds in which an address must answer
START = 90.0  # seconds for all else: imports, a cluster that is started here, the first process on it
CLOSE = 10.0  # seconds to end by itself
REFUSED = b"InvalidAuthToken"  # what Ray logs then
TAIL = 20_000  # bytes of what Ray logged
HERE = ("", "127.0.0.1", "localhost")  # addresses of this machine
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # no request leaves the machine
    "RAY_AUTH_MODE": "token",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "5",  # until a cluster without its head counts as gone
    "RAY_worker_niceness": "0",  # of a cluster that is started here, as of threads; Ray's own is 15
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def place_of(address: str) -> str:
    """Where a cluster is, in words."""
    return "on this machine" if address in ("", "auto") else f"at {address}"


class Child:
    """A process under `resnet_core.pool._driver`. `heard` gets its messages, and `ended` why there are no more."""

    def __init__(self, address: str, cores: int, heard: Callable[..., None], ended: Callable[[str], None]) -> None:
        self._address, self._heard, self._ended = address, heard, ended
        self._lock = threading.Lock()
        self._impatient = False
        self._stage = ""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed when the process has ended)
        environment = {**SETTINGS, **os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        if address.rpartition(":")[0] in HERE or address == "auto":
            environment["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # else Ray takes the machine's own address instead
        if not address:
            environment.setdefault("RAY_AUTH_TOKEN", os.urandom(32).hex())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "resnet_core.pool._driver", address, str(cores)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
        )
        self._patience = threading.Timer(START, self._give_up)
        self._patience.daemon = True
        self._patience.start()
        threading.Thread(target=self._listen, name="cluster", daemon=True).start()

    @property
    def process(self) -> int:
        """Its id."""
        return self._process.pid

    def tell(self, *message: Any) -> None:
        """Send a message; one that comes too late is lost."""
        assert self._process.stdin is not None
        with self._lock, suppress(OSError, ValueError):
            pickle.dump(message, self._process.stdin)
            self._process.stdin.flush()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        with self._lock, suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(CLOSE)
        except subprocess.TimeoutExpired:
            self._give_up()

    def _give_up(self) -> None:
        self._impatient = True
        self._process.kill()

    def _wait(self, seconds: float) -> None:
        """End the process unless it says something within so many seconds."""
        self._patience.cancel()
        self._patience = threading.Timer(seconds, self._give_up)
        self._patience.daemon = True
        self._patience.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        why = ""
        with self._process.stdout as voice, suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                what, *rest = pickle.load(voice)
                if what == "gone":
                    why = rest[0]
                elif what in ("connecting", "connected"):
                    self._stage = what
                    self._wait(START)
                    if what == "connecting" and self._address:
                        threading.Thread(target=self._knock, daemon=True).start()
                else:
                    self._patience.cancel()
                    self._heard(what, *rest)
        self._patience.cancel()
        self._process.wait()
        self.close()
        self._ended(why or self._reason())
        self._log.close()

    def _knock(self) -> None:
        """End the process if the cluster refuses or does not answer in time."""
        until = time.monotonic() + KNOCK
        while self._stage == "connecting":
            if time.monotonic() > until or REFUSED in self._logged():
                self._give_up()
                return
            time.sleep(0.2)

    def _logged(self) -> bytes:
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), TAIL, max(0, size - TAIL))

    def _reason(self) -> str:
        """Why the process ended without a word."""
        where = f"The cluster {place_of(self._address)}"
        if REFUSED in self._logged():
            return f"{where} refuses the token in RAY_AUTH_TOKEN or ~/.ray/auth_token."
        if self._stage == "connecting":
            return f"{where} does not answer within {KNOCK:.0f} seconds."
        if self._impatient:
            return f"{where} has had no free core for {START:.0f} seconds."
        return f"{where} does not answer any more."
