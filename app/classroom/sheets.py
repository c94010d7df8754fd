"""A lesson on paper: a worksheet for students, and a sheet for the teacher with what was measured here."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import segno

from app.classroom.records import Outcome
from app.course.lesson import Lesson, Step

STYLE = """
@page { margin: 16mm 15mm; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; font: 11pt/1.4 "Source Sans", sans-serif; }
header { border-bottom: 2px solid #0072b2; }
h1 { margin: 0 0 0.2rem; font-size: 18pt; }
section { margin: 1rem 0; break-inside: avoid; }
h2 { margin: 0; font-size: 13pt; }
p { margin: 0.3rem 0; }
ul { margin: 0.3rem 0; padding-left: 0; list-style: none; }
li::before { content: "\\25A1\\2002"; }
li.holds { font-weight: 600; }
li.holds::before { content: "\\2611\\2002"; }
.where { display: flex; gap: 0.8rem; align-items: center; color: #444; font-size: 9pt; overflow-wrap: anywhere; }
.where img { width: 17mm; flex: none; }
.lines { height: 16mm; border-bottom: 1px dotted; background: linear-gradient(#888 0 0) 0 8mm / 100% 1px no-repeat; }
.note { margin: 0.4rem 0; padding: 0.4rem 0.7rem; border-left: 3px solid #e69f00; }
.said { margin: 0.4rem 0; padding: 0.4rem 0.7rem; border-left: 3px solid #009e73; }
"""
OFFLINE = (
    "Everything runs on the teacher's machine: neither the internet nor an account is needed. If phones cannot reach "
    "it (guests on a Wi-Fi are often kept apart), let the class vote by hands and press “Measure” on the projector. If "
    "the projector fails, read the questions and the measured answers from this sheet."
)


def worksheet(lesson: Lesson, base: str) -> str:
    """Questions and room for answers; `base` is the address of the explorer."""
    parts = []
    for number, step in enumerate(lesson.steps, start=1):
        asked = step.question
        question = ""
        if asked is not None:
            guesses = "".join(f"<li>{escape(guess.says)}</li>" for guess in asked.guesses)
            question = f"<p><b>{escape(asked.ask)}</b></p><ul>{guesses}</ul><p>Measured, and why:</p>"
        parts.append(_section(lesson, step, number, base, f"{question}<div class='lines'></div>"))
    return _page(lesson.title, f"<p>Guess first. Then measure.</p>{''.join(parts)}")


def teacher_sheet(lesson: Lesson, base: str, outcomes: Mapping[int, Outcome]) -> str:
    """What to expect at each step, what was measured here (by the step's number), and what to do without a network."""
    parts = []
    for number, step in enumerate(lesson.steps, start=1):
        asked, outcome, told = step.question, outcomes.get(number), ""
        if asked is not None:
            holds = None if outcome is None else outcome.place
            marked = [(escape(guess.says), place == holds) for place, guess in enumerate(asked.guesses)]
            guesses = "".join(f"<li{' class=holds' if right else ''}>{says}</li>" for says, right in marked)
            told = f"<p><b>{escape(asked.ask)}</b></p><ul>{guesses}</ul>"
        if outcome is not None:
            told += f"<p class='said'>{escape(outcome.said)}</p>"
        if step.teacher:
            told += f"<p class='note'>{escape(step.teacher)}</p>"
        parts.append(_section(lesson, step, number, base, told))
    goal = f"<p>{lesson.minutes} minutes. Afterwards students can say: {escape(lesson.goal)}</p>"
    return _page(f"{lesson.title}: for the teacher", f"{goal}<p class='note'>{OFFLINE}</p>{''.join(parts)}")


def _section(lesson: Lesson, step: Step, number: int, base: str, more: str) -> str:
    address = base + step.address(lesson.name, number)
    code = segno.make(address, error="l").svg_data_uri(border=1)
    where = f"<div class='where'><img src=\"{code}\" alt=''><span>{escape(address)}</span></div>"
    return f"<section><h2>{number}. {escape(step.title)}</h2><p>{escape(step.text)}</p>{where}{more}</section>"


def _page(title: str, content: str) -> str:
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(title)}</title><style>{STYLE}</style>"
        f"<header><h1>{escape(title)}</h1></header>{content}</html>"
    )
