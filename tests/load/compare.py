"""Whether two students saw the same, and whether one saw what nobody may see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.message import Message
from streamlit.proto.Alert_pb2 import Alert

from tests.load.screen import Place, pictures
from tests.load.walk import Seen

AROUND = 40  # characters shown on each side of a difference
NEUTRAL = (
    (re.compile(r"passes, [\d.]+\N{NO-BREAK SPACE}s\)"), "passes)"),  # how long a map took
    (re.compile(r'"turn": ?\d+'), '"turn"'),  # counts from the clock
)
PER_SESSION = {"deferred_file_id"}  # names of files that are written when somebody asks for them


def errors(seen: Seen) -> list[str]:
    """What no student may see after an action."""
    found = [seen.trouble] if seen.trouble else []
    for node in seen.nodes.values():
        if node.kind == "exception":
            found.append(f"{node.content.type}: {node.content.message}")
        elif node.kind == "alert" and node.content.format == Alert.ERROR:
            found.append(f"error: {node.content.body}")
    return [f"{seen.step.name}: {text}" for text in found]


def leaves(message: Message, way: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in a message with the way to it."""
    for field, value in message.ListFields():
        for index, each in enumerate(value if field.is_repeated else [value]):
            here = f"{way}.{field.name}" + (f"[{index}]" if field.is_repeated else "")
            if isinstance(each, Message):
                yield from leaves(each, here)
            elif field.name not in PER_SESSION:
                yield here, each


def facts(seen: Seen) -> dict[tuple[Place, str], Any]:
    """Everything that stands on the page, without what belongs to one session or to the clock."""
    found: dict[tuple[Place, str], Any] = {}
    for place, node in seen.nodes.items():
        found[place, ""] = node.kind
        for way, value in leaves(node.drawn):
            if isinstance(value, str):
                for pattern, plain in NEUTRAL:
                    value = pattern.sub(plain, value)
                value = seen.pictures.get(value, value)  # what is in the picture counts, not its name
            found[place, way] = value
    return found


def mistaken(walks: Sequence[Sequence[Seen]]) -> list[str]:
    """Students who saw the same pictures although each gave a photo of their own."""
    owners: dict[frozenset[str], int] = {}
    found = []
    for number, walk in enumerate(walks):
        for seen in walk:
            if seen.step.what == "a new photo":
                shown = frozenset(seen.pictures[url] for url in pictures(seen.nodes))
                first = owners.setdefault(shown, number)
                if first != number:
                    found.append(f"students {first} and {number} saw the same pictures")
    return found


def differences(first: Seen, second: Seen) -> list[str]:
    """Where two records of the same step do not show the same."""
    one, other = facts(first), facts(second)
    found = []
    for key in sorted({**one, **other}):
        here, there = one.get(key), other.get(key)
        if here != there:
            place, way = key
            parts = " against ".join(_around(here, there))
            found.append(f"{first.step.name}: {place} {one.get((place, ''))}{way}: {parts}")
    return found


def _around(first: Any, second: Any) -> tuple[str, str]:
    """Both values, of long ones only what lies around the first difference."""
    one, other = (each if isinstance(each, str | bytes) else repr(each) for each in (first, second))
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, at - AROUND)
    return repr(one[start : at + AROUND]), repr(other[start : at + AROUND])
