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
ALONE = (  # for the class of a slide: it covers the page, of which nothing else is seen
    ":is([data-testid=stHeader], [data-testid=stSidebar], [data-testid=stCaptionContainer]) {{display: none}} "
    "[data-testid=stMainBlockContainer] {{visibility: hidden}} {slide} {{visibility: visible; position: fixed; "
    "inset: 0; z-index: 1000; width: 100vw !important; height: 100vh !important; max-width: none; max-height: none; "
    "overflow: auto; padding: 1.5rem 2.5rem 3.5rem; box-sizing: border-box; justify-content: safe center}} "
    "{slide} [class*=st-key-taken_away] {{display: none}}"
)
_FOLDER = Path(__file__).parent / "components"
_KEYS = st.components.v2.component(
    "resnet_explorer_presenter",
    html="""<div class="bar" role="toolbar" aria-label="Presenter view">
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
        st.button(
            "Present",
            icon=":material/slideshow:",
            type="tertiary",
            key="present_button",
            help="One picture a screen, for a projector. Arrow keys go on, Escape leaves.",
            shortcut="p",
            on_click=link.choose,
            args=(PRESENT, ON),
        )


def view() -> None:
    """What the address asks for: the presenter view, one slide alone, or neither. Unknown words ask for neither."""
    alone = link.choice(PANEL, FreeText(), "")
    presented = link.choice(PRESENT, One([ON]), None) is not None
    if re.fullmatch("[a-z0-9_]+", alone):
        slide = f".st-key-{PREFIX}{alone}"
        there = f".stApp:has({slide})"  # else the whole page
        rules = re.sub(r"(^|(?<=}} ))", f"{there} ", ALONE).format(slide=slide)
        st.html(f"<style>{rules}</style>")
    elif presented:
        with st.container(key="presented"):
            _KEYS(
                key="presenter",
                data={"prefix": f"st-key-{PREFIX}", "alone": ALONE.format(slide="SLIDE")},
                on_leave_change=_leave,
            )


def is_alone() -> bool:
    """Whether each picture has the whole screen."""
    return link.value(PRESENT, None) is not None or bool(link.value(PANEL, ""))


def _leave() -> None:
    link.forget(PRESENT)
