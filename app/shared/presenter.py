"""The presenter view, one picture a screen, for a projector; and one picture alone, for a slide or a course page."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from app.shared import glossary, link
from app.shared.components.buttons import BUTTONS
from app.shared.offers import FreeText, One
from app.shared.slides import PREFIX

PRESENT, PANEL = "present", "panel"  # in the address: whether the page is presented, and which slide stands alone
ON = "1"
NAMES = (PRESENT, PANEL)
BUTTON = "present_button"
_FOLDER = Path(__file__).parent / "components"
_PRESENTER = st.components.v2.component(
    "resnet_explorer_presenter",
    html="""<div class="bar" role="toolbar" aria-label="Presenter view" hidden>
<button type="button" data-go="-1" aria-label="Previous picture">‹</button>
<span class="place" aria-live="polite"></span>
<button type="button" data-go="1" aria-label="Next picture">›</button>
<button type="button" data-leave aria-label="Leave the presenter view (Escape)">✕</button>
</div>""",
    css=BUTTONS + (_FOLDER / "presenter.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "presenter.js").read_text(encoding="utf-8"),
)


def heading(question: str, words: tuple[str, ...]) -> None:
    """The question of the page, and beside it the words that it needs and the button that presents it."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.title(question, anchor=False, width="stretch")
        if words:
            with st.popover("Words", type="tertiary", key="words"):
                st.markdown(glossary.markdown(words))
                st.page_link("glossary/page.py", label="All words", icon=":material/dictionary:")
        st.button(
            "Present",
            icon=":material/slideshow:",
            type="tertiary",
            key=BUTTON,
            help="One picture a screen, for a projector (key P). Arrow keys go on, Escape leaves.",
            on_click=link.choose,
            args=(PRESENT, ON),
        )


def view() -> None:
    """What the address asks for: the presenter view, one slide alone, or the page. Unknown words ask for the page."""
    panel = link.choice(PANEL, FreeText(), "")
    alone = panel if re.fullmatch("[a-z0-9_]+", panel) else ""
    presented = link.choice(PRESENT, One([ON]), None) is not None and not alone
    with st.container(key="presented" if presented else "invisible_alone" if alone else "invisible_presenter"):
        data = {"prefix": f"st-key-{PREFIX}", "presented": presented, "alone": alone, "button": f"st-key-{BUTTON}"}
        _PRESENTER(key="presenter", data=data, on_leave_change=_leave)


def is_on() -> bool:
    """Whether the page is presented."""
    return link.value(PRESENT, None) is not None


def is_alone() -> bool:
    """Whether each picture has the whole screen."""
    return is_on() or bool(link.value(PANEL, ""))


def _leave() -> None:
    link.forget(PRESENT)
