"""The votes of a class: as bars beside the guesses, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from app.classroom.records import Class
from app.course.lesson import Lesson, Question
from app.shared.drawing.colours import OUTPUT, SHORTCUT

NAMES = {1: "first vote", 2: "second vote"}
TONES = {1: SHORTCUT, 2: OUTPUT}
STYLE = f"""<style>
.ballots {{ margin: 0; }}
.ballots p {{ margin: 0; }}
.ballots .guess {{ margin: 0.4rem 0; padding: 0.45rem 0.8rem; border: 1px solid #8888; border-radius: 8px; }}
.ballots .holds {{ border: 3px solid {OUTPUT}; }}
.ballots .bar {{ display: flex; align-items: center; gap: 0.6rem; white-space: nowrap; }}
.ballots i {{ flex: none; height: 0.7rem; border-radius: 3px; }}
.ballots .key i {{ width: 0.7rem; margin-right: 0.3rem; display: inline-block; }}
</style>"""
WIDEST = 85  # per cent of the line, of a bar with all votes


def ballots(asked: Question, room: Class, counts: Mapping[int, Sequence[int]]) -> str:
    """Every guess with a bar for each vote that is shown, as HTML; the guess that holds is marked."""
    rows = []
    for place, guess in enumerate(asked.guesses):
        holds = room.outcome is not None and room.outcome.place == place
        mark = " · <b>measured</b>" if holds else ""
        bars = "".join(_bar(number, votes, place) for number, votes in counts.items())
        rows.append(f'<div class="guess {"holds" if holds else ""}"><p>{escape(guess.says)}{mark}</p>{bars}</div>')
    key = " &nbsp; ".join(f'<i style="background: {TONES[each]}"></i>{NAMES[each]}' for each in counts)
    legend = f'<p class="key">{key}</p>' if counts else ""
    return f'{STYLE}<div class="ballots">{legend}{"".join(rows)}</div>'


def _bar(number: int, votes: Sequence[int], place: int) -> str:
    width = WIDEST * votes[place] / max(1, sum(votes))
    style = f"width: {width:.1f}%; background: {TONES[number]}"
    return f'<div class="bar" title="{NAMES[number]}"><i style="{style}"></i>{votes[place]}</div>'


def csv_of(table: Iterable[tuple[int, int, int, int]], lesson: Lesson) -> str:
    """All votes of a class, a line for each guess: step, its question, which vote, the guess, how many have it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", "question", "vote", "guess", "count"])
    counts = {(step, number, guess): count for step, number, guess, count in table}
    for step, number in sorted({(step, number) for step, number, _ in counts}):
        asked = lesson.steps[step - 1].question
        if asked is not None:
            for place, guess in enumerate(asked.guesses):
                writer.writerow([step, asked.ask, number, guess.says, counts.get((step, number, place), 0)])
    return text.getvalue()
