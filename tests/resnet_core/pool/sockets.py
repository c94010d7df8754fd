"""To whom processes of this machine speak, as Linux lists it."""

from __future__ import annotations

import os
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path


def family(pid: int) -> set[int]:
    """A process and all that it started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def strangers(pids: set[int]) -> set[str]:
    """The addresses outside this machine that these processes are connected to, by TCP or UDP."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            with suppress(OSError):
                inodes.add(os.readlink(link).removeprefix("socket:[").removesuffix("]"))
    remotes = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes:
                remotes.add(_address(fields[2].partition(":")[0]))
    return {str(each) for each in remotes if not (each.is_loopback or each.is_unspecified)}


def _address(hexadecimal: str) -> IPv4Address | IPv6Address:
    """Of four bytes a word, the last byte of each word first."""
    words = [bytes.fromhex(hexadecimal[place : place + 8])[::-1] for place in range(0, len(hexadecimal), 8)]
    found = ip_address(b"".join(words))
    return getattr(found, "ipv4_mapped", None) or found
