"""What a visitor can choose from, and how a choice is written in an address: as the text that the widget shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Offer(Protocol):
    """A list or bounds. Offers with the same `identity` are the same to a widget in a browser."""

    @property
    def identity(self) -> Hashable:
        """The part of the offer that the browser keeps."""

    def has(self, value: Any) -> bool:
        """Whether this can be chosen here."""

    def written(self, value: Any) -> list[str]:
        """A choice as the values of a parameter of an address."""

    def read(self, words: list[str]) -> Any:
        """The choice from the values of a parameter. Raises `ValueError` if they cannot be read."""


@dataclass(frozen=True)
class One:
    """One of a list, or None as long as nothing is chosen."""

    options: Sequence[Any]
    title: Callable[[Any], str] = str

    @property
    def identity(self) -> Hashable:
        return frozenset(map(self.title, self.options))  # the browser keeps the text of an option, not its position

    def has(self, value: Any) -> bool:
        return value in self.options

    def written(self, value: Any) -> list[str]:
        return [self.title(value)]

    def read(self, words: list[str]) -> Any:
        return self.options[[self.title(option) for option in self.options].index(words[-1])]


@dataclass(frozen=True)
class Many:
    """Any number of a list, at most `most`."""

    options: Sequence[Any]
    title: Callable[[Any], str] = str
    most: int | None = None

    @property
    def identity(self) -> Hashable:
        return frozenset(map(self.title, self.options))

    def has(self, value: Any) -> bool:
        return all(each in self.options for each in value) and len(value) <= (self.most or len(value))

    def written(self, value: Any) -> list[str]:
        return [self.title(each) for each in value] or [""]

    def read(self, words: list[str]) -> list[Any]:
        known = {self.title(option): option for option in self.options}
        found = [known[word] for word in dict.fromkeys(words) if word in known]
        if not found and any(words):
            raise ValueError(words)
        return found[: self.most]


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`, whole if both are."""

    low: float
    high: float

    @property
    def identity(self) -> Hashable:
        return self.low, self.high

    def has(self, value: Any) -> bool:
        return bool(self.low <= value <= self.high)

    def written(self, value: Any) -> list[str]:
        return [f"{value:.15g}"]

    def read(self, words: list[str]) -> float:
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        value = int(words[-1]) if whole else float(words[-1])
        if not math.isfinite(value):
            raise ValueError(value)
        return min(max(value, self.low), self.high)


@dataclass(frozen=True)
class Each:
    """Some numbers, one of each of these offers."""

    numbers: Sequence[Number]

    @property
    def identity(self) -> Hashable:
        return tuple(self.numbers)

    def has(self, value: Any) -> bool:
        return len(value) == len(self.numbers) and all(map(Number.has, self.numbers, value))

    def written(self, value: Any) -> list[str]:
        return [word for number, each in zip(self.numbers, value, strict=True) for word in number.written(each)]

    def read(self, words: list[str]) -> tuple[float, ...]:
        return tuple(number.read([word]) for number, word in zip(self.numbers, words, strict=True))


@dataclass(frozen=True)
class Span(Each):
    """Two numbers, the smaller first."""

    def has(self, value: Any) -> bool:
        return super().has(value) and value[0] <= value[1]


@dataclass(frozen=True)
class Switch:
    """On or off."""

    identity: Hashable = None

    def has(self, value: Any) -> bool:
        return isinstance(value, bool)

    def written(self, value: Any) -> list[str]:
        return [str(value).lower()]

    def read(self, words: list[str]) -> bool:
        return bool(["false", "true"].index(words[-1].lower()))


@dataclass(frozen=True)
class FreeText:
    """Whatever is typed."""

    identity: Hashable = None

    def has(self, value: Any) -> bool:
        return isinstance(value, str)

    def written(self, value: Any) -> list[str]:
        return [str(value)]

    def read(self, words: list[str]) -> str:
        return words[-1]
