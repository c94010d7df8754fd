"""Files that visitors uploaded: the address notes that there was one, so that a page can say when it is lost.

Files are in the server's memory only, and no link contains them.
"""

from __future__ import annotations

from app.shared import link
from app.shared.offers import One

YES = "own"


def in_use(what: str) -> bool:
    """Whether the visitor chose an own file, even if it is lost now."""
    return link.choice(what, One([YES]), None) is not None


def use(what: str) -> None:
    """A file was uploaded."""
    link.choose(what, YES)


def forget(what: str) -> None:
    """The visitor no longer uses it."""
    link.forget(what)
