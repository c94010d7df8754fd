"""`resnet-explorer`: the app as a command, on this machine alone or, with `--lan`, for the phones in the room."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent  # where `.streamlit` lies
OWN_LESSONS = "RESNET_EXPLORER_LESSONS"  # what the server reads
PORT = 8501  # Streamlit's own
ANYWHERE = ("192.0.2.1", 9)  # an address that belongs to nobody (RFC 5737): to find the way out, nothing is sent there


def main(arguments: Sequence[str] | None = None) -> None:
    """Say where the app can be opened, then become its server."""
    parser = argparse.ArgumentParser(prog="resnet-explorer", description="Open ResNet Explorer in a browser.")
    parser.add_argument("--lan", action="store_true", help="for phones and laptops in the same network, too")
    parser.add_argument("--port", type=int, default=PORT, help="default: %(default)s")
    parser.add_argument("--lessons", type=Path, help="a folder with lessons of your own, see app/course/README.md")
    options, others = parser.parse_known_args(arguments)  # the others are Streamlit's
    print(f"ResNet Explorer: http://localhost:{options.port}", flush=True)  # noqa: T201  (what the command is for)
    if options.lan:
        tell(f"http://{own_address()}:{options.port}")
    if options.lessons is not None:
        os.environ[OWN_LESSONS] = str(options.lessons.resolve())
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, *server(options.port, lan=options.lan), *others])


def server(port: int, *, lan: bool) -> list[str]:
    """What Python runs: a server that only this machine reaches, unless it is for the local network."""
    address = "0.0.0.0" if lan else "127.0.0.1"
    command = ["-m", "streamlit", "run", str(ROOT / "app/main.py")]
    return [*command, f"--server.address={address}", f"--server.port={port}"]


def own_address() -> str:
    """This machine's address in the network that leads elsewhere; 127.0.0.1 where there is none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way_out:
        try:
            way_out.connect(ANYWHERE)
        except OSError:
            return "127.0.0.1"
        return str(way_out.getsockname()[0])


def tell(address: str) -> None:
    """Print an address for phones, also as a QR code."""
    import segno

    print(f"For phones in the same network: {address}", flush=True)  # noqa: T201  (what the option is for)
    segno.make(address).terminal(compact=True)
    sys.stdout.flush()
