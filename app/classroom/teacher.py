"""Who teaches which class in this browser: a secret that students do not have, in a cookie of the teacher's browser."""

from __future__ import annotations

import re

import streamlit as st

from app.classroom import here
from app.classroom.records import Class, ClassError
from app.classroom.store import DAY
from app.course import panel
from app.course.lesson import Lesson
from app.shared import link
from app.shared.offers import FreeText

ROOM = "room"  # in the link: the code; "class" is what a map is for, on two pages
COOKIE = "resnet_explorer_class_"  # and the code
SECRETS = "class_secrets"  # in the session, by code
_KEEP = st.components.v2.component(
    "resnet_explorer_keep_class",
    html="<div></div>",
    js=f"""export default function ({{ data }}) {{
  const path = new URL(".", location.href).pathname;
  document.cookie = `{COOKIE}${{data.code}}=${{data.secret}}; SameSite=Strict; path=${{path}}; max-age={int(DAY)}`;
}}
""",
)


def begin(lesson: Lesson) -> None:
    """A new class of this lesson, whose teacher is this browser; it waits before the first step. In a callback."""
    code, secret = here.store().create(lesson.name)
    st.session_state.setdefault(SECRETS, {})[code] = secret
    resume(here.store().find(code), lesson)


def resume(found: Class, lesson: Lesson) -> None:
    """Go on with the step at which a class is, in a callback."""
    panel.go(lesson, max(found.step, 1), {ROOM: found.code})


def taught() -> Class | None:
    """The class in the address, if this browser teaches it."""
    code: str = link.choice(ROOM, FreeText(), "")
    if not code:
        return None
    try:
        return here.store().find(code) if _is_teacher(code) else None
    except ClassError:
        return None


def classes() -> list[Class]:
    """All classes that this browser teaches."""
    codes = {*st.session_state.get(SECRETS, {})} | {
        name.removeprefix(COOKIE) for name in st.context.cookies if name.startswith(COOKIE)
    }
    found = []
    for code in sorted(codes):
        try:
            if _is_teacher(code):
                found.append(here.store().find(code))
        except ClassError:
            continue
    return found


def keep(code: str) -> None:
    """Put the secret into the browser's cookies, so that a teacher who comes back goes on."""
    secret = st.session_state.get(SECRETS, {}).get(code)
    if secret:
        _KEEP(key="keep_class", data={"code": code, "secret": secret}, height="content")


def _is_teacher(code: str) -> bool:
    if not re.fullmatch("[A-Z]+", code):
        return False
    secret = st.session_state.get(SECRETS, {}).get(code) or st.context.cookies.get(COOKIE + code, "")
    return bool(secret) and here.store().teaches(code, secret)
