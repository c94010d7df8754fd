"""The process between a `RayPool` and a cluster: `python -m resnet_core.pool._driver ADDRESS CORES`.

It reads messages from its standard input and writes what it has to say to its standard output, both pickled. Ray ends
a process whose cluster is gone, whatever else the process does: so it is this one, and not that of the app.
"""

from __future__ import annotations

import os
import pickle
import socket
import sys
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Any

from resnet_core.pool._child import place_of
from resnet_core.pool._core import versions
from resnet_core.pool._dispatch import LOOK_EVERY, Dispatcher, Gone

OBJECT_STORE = 200 * 2**20  # bytes, of a cluster that is started here
KNOCK = 10.0  # seconds for an address to answer


def main() -> None:
    address, cores = sys.argv[1], int(sys.argv[2])
    voice = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what Ray prints is no message
    inbox: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
    lock = threading.Lock()

    def tell(*message: Any) -> None:
        with lock, suppress(BrokenPipeError):
            pickle.dump(message, voice)
            voice.flush()

    try:
        connect(address, cores, tell)
        dispatcher = Dispatcher(inbox, tell, versions(), cores)
    except Exception as error:
        tell("gone", sentence_of(error, address))
        return
    threading.Thread(target=listen, args=(sys.stdin.buffer, inbox), daemon=True).start()
    try:
        while True:
            with suppress(Empty):
                message = inbox.get(timeout=LOOK_EVERY)
                if message[0] == "end":
                    return
                dispatcher.handle(message)
            dispatcher.look()
    except Gone as error:
        tell("gone", str(error))
    finally:
        import ray

        ray.shutdown()


def listen(source: IO[bytes], inbox: SimpleQueue[tuple[Any, ...]]) -> None:
    """Put what comes into the inbox, at last that nothing comes any more."""
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            inbox.put(pickle.load(source))
    inbox.put(("end",))


def connect(address: str, cores: int, tell: Any) -> None:
    """Join the cluster at `address`, or start one here."""
    host, _, port = address.rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), timeout=KNOCK).close()
    import ray

    tell("connecting")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "namespace": "resnet-explorer"}
    if address:
        ray.init(address=address, **quiet)
    else:
        ray.init(
            address="local",  # else Ray joins a cluster that runs here already
            num_cpus=cores or None,
            object_store_memory=OBJECT_STORE,
            include_dashboard=False,
            _node_ip_address="127.0.0.1",
            **quiet,
        )
    tell("connected")


def sentence_of(error: Exception, address: str) -> str:
    """Why there is no cluster, for whoever asked for it."""
    said = str(error).strip()
    if "ersion mismatch" in said:
        return f"The cluster {place_of(address)} runs other versions. {' '.join(said.split())}"
    if "token" in said.lower():
        return (
            f"The cluster {place_of(address)} asks for a token, but none is set here: put it into RAY_AUTH_TOKEN, or "
            "into ~/.ray/auth_token."
        )
    if isinstance(error, OSError):
        return f"No cluster answers {place_of(address)}: {said or type(error).__name__}."
    return f"No cluster could be used: {said.splitlines()[0] if said else type(error).__name__}"


if __name__ == "__main__":
    main()
