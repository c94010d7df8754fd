"""What stands beneath the spinner while a visitor waits."""

from __future__ import annotations

import pytest

from app.engine import waiting as module
from app.engine.waiter import waiter


class Bar:
    """What a place of the page has shown."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def progress(self, _percent: int, text: str) -> None:
        self.texts.append(text)

    caption = empty = lambda self, text="": self.texts.append(text)


class Told:
    """A cluster of which `word` is told."""

    word = ""

    def said(self) -> str:
        return self.word


def test_what_is_told_of_the_cluster_stands_there_at_once_and_a_bar_never_goes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bar, told = Bar(), Told()
    monkeypatch.setattr(module, "cluster", told)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    monkeypatch.setattr(module.st, "empty", lambda: bar)
    with module.waiting("Something") as report:
        waiter.get().on_position(0)
        report(76, 100)
        told.word = "It ended."
        report(3, 100)
        report(3, 100)
        waiter.get().on_position(1)
    assert bar.texts == [
        "All cores are busy: yours is next. ",
        "76 % of the passes are done. ",
        "76 % of the passes are done. It ended.",
        "All cores are busy: one other computation is before yours. What costs less is done at once. It ended.",
        "",
    ]
