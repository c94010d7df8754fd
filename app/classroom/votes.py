"""The votes of a class: as bars beside the guesses, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from app.classroom.store import Class
from app.lessons.lesson import Lesson, Question
from app.shared.drawing.colours import OUTPUT, SHORTCUT

NAMES = {1: "votes", 2: "in the second vote"}
STYLE = f"""<style>
.ballots {{ list-style: none; margin: 0; padding: 0; }}
.ballots li {{ margin: 0.5rem 0; padding: 0.5rem 0.8rem; border: 1px solid #8888; border-radius: 8px; }}
.ballots li.holds {{ border: 3px solid {OUTPUT}; }}
.ballots p {{ margin: 0; font-size: 1.1em; }}
.ballots div {{ display: flex; align-items: center; gap: 0.6rem; white-space: nowrap; }}
.ballots i {{ flex: none; height: 0.8rem; border-radius: 3px; background: {SHORTCUT}; }}
.ballots .second i {{ background: {OUTPUT}; }}
</style>"""
WIDEST = 60  # per cent of the line, of a bar with all votes


def ballots(asked: Question, room: Class, counts: Mapping[int, Sequence[int]]) -> str:
    """Every guess with a bar for each vote that is shown, as HTML; the guess that holds is marked."""
    rows = []
    for place, guess in enumerate(asked.guesses):
        holds = room.outcome is not None and room.outcome.place == place
        mark = " · <b>measured</b>" if holds else ""
        bars = "".join(_bar(number, votes, place) for number, votes in counts.items())
        rows.append(f'<li class="{"holds" if holds else ""}"><p>{escape(guess.says)}{mark}</p>{bars}</li>')
    return f"{STYLE}<ul class='ballots'>{''.join(rows)}</ul>"


def _bar(number: int, votes: Sequence[int], place: int) -> str:
    share = votes[place] / max(1, sum(votes))
    of = "second" if number > 1 else "first"
    return f'<div class="{of}"><i style="width: {WIDEST * share:.1f}%"></i>{votes[place]} {NAMES[number]}</div>'


def csv_of(table: Iterable[tuple[int, int, int, int]], lesson: Lesson) -> str:
    """All votes of a class: step, its question, which vote, the guess, how many."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", "question", "vote", "guess", "count"])
    for step, number, guess, count in table:
        asked = lesson.steps[step - 1].question
        if asked is not None:
            writer.writerow([step, asked.ask, number, asked.guesses[guess].says, count])
    return text.getvalue()
