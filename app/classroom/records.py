"""What is known of a class at its step, and what goes wrong with one."""

from __future__ import annotations

from dataclasses import dataclass


class ClassError(Exception):
    """What somebody asked for cannot be; the message is for them."""


@dataclass(frozen=True)
class Round:
    """One vote on a step's question: `open` takes guesses, `shown` lets everybody see how many have which."""

    number: int
    open: bool
    shown: bool


@dataclass(frozen=True)
class Outcome:
    """What the measurement said: the place of the guess that holds, or None, and the words."""

    place: int | None
    said: str


@dataclass(frozen=True)
class Class:
    """Where a class is: step 0 is before the first. `rounds` and `outcome` are those of the step."""

    code: str
    lesson: str
    step: int
    rounds: tuple[Round, ...]
    outcome: Outcome | None
