"""What the page was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.attributions.controls import Overlay
from app.engine.selection import Subject


@dataclass(frozen=True)
class Question:
    """The class in one network, perhaps also in another, the methods, and how their maps are drawn."""

    subject: Subject
    other: Subject | None
    methods: Sequence[str]
    overlay: Overlay
