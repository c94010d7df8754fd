"""Files that visitors gave: the address notes that there was one, so that a page can say when it is gone.

Files live in the server's memory, and no link carries them.
"""

from __future__ import annotations

import streamlit as st

YES = "own"


def gone(what: str, *, here: bool) -> bool:
    """True if the address says that a visitor gave `what`, and it is not `here` any more; notes it if it is."""
    noted = st.query_params.get(what) == YES
    if here and not noted:
        st.query_params[what] = YES
    return noted and not here


def forget(what: str) -> None:
    """Its owner wants it no more, in a callback."""
    st.query_params.pop(what, None)
