"""How students join: the address that phones in the room can reach, the code, and both as a QR code."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import segno
import streamlit as st

from app.command import own_address

OTHER = "another address"
HERE = {"localhost", "127.0.0.1", "::1"}


def card(code: str, *, large: bool = False) -> None:
    """What the class needs to see; `large` on the whole page."""
    base = _base(code if large else f"{code}_small")
    address = f"{base}/join?code={code}"
    picture, words = st.columns([2, 3], vertical_alignment="center") if large else (st.container(), st.container())
    picture.image(_qr(address), width="stretch" if large else 180)
    with words:
        st.markdown(f"Open **{base.removeprefix('http://')}/join** and type")
        with st.container(key="lesson_code" if large else f"code_{code}"):
            st.title(code, anchor=False)
    if urlsplit(base).hostname in HERE:
        st.warning(
            "Phones cannot reach this address. Start the explorer with `resnet-explorer --lan`, or type the address "
            "that phones in this room can reach."
        )


def addresses() -> list[str]:
    """This server's addresses, those first that phones can reach."""
    port = urlsplit(st.context.url or "").port
    return [f"http://{host}{f':{port}' if port else ''}" for host in _hosts()]


def _base(key: str) -> str:
    """The address of this server for phones: chosen from those of this machine, or typed."""
    found = addresses()
    chosen: str = st.selectbox("Address for phones", [*found, OTHER], key=f"phones_{key}")
    if chosen == OTHER:
        return st.text_input("Address", value=found[0], key=f"typed_{key}").rstrip("/")
    return chosen


def _hosts() -> list[str]:
    """Where this machine may be reached: as this browser reached it, unless by a name that means itself, and others."""
    asked = urlsplit(st.context.url or "").hostname or "localhost"
    try:
        known = [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    except OSError:
        known = []
    all_hosts = [asked, own_address(), *known]
    return sorted(dict.fromkeys(all_hosts), key=lambda host: host in HERE or host.startswith("127."))


def _qr(address: str) -> str:
    return str(segno.make(address, error="m").svg_data_uri(scale=8, border=2, light="white"))
