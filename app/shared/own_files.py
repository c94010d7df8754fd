"""Files that visitors gave: the address notes that there was one, so that a page can say when it is gone.

Files live in the server's memory, and no link carries them.
"""

from __future__ import annotations

from app.shared import link
from app.shared.offers import One

YES = "own"


def in_use(what: str) -> bool:
    """Whether a file of the visitor's own is what they chose, be it here or gone."""
    return link.choice(what, One([YES]), None) is not None


def use(what: str) -> None:
    """A file was given."""
    link.choose(what, YES)


def forget(what: str) -> None:
    """Its owner wants it no more."""
    link.forget(what)
