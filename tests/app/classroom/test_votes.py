"""The votes beside the guesses, and as a file."""

from __future__ import annotations

import re

from app.classroom.records import Class, Outcome, Round
from app.classroom.votes import ballots, csv_of
from tests.app.classroom.test_phones import ASKED, LESSON

ROOM = Class("ABCD", "one", 2, (Round(1, open=False, shown=True),), Outcome(1, "80 % are left."))


def test_bars_are_shares_of_all_votes_and_what_holds_is_marked() -> None:
    html = ballots(ASKED, ROOM, {1: [1, 4], 2: [0, 0]})
    widths = [float(width) for width in re.findall(r"width: ([\d.]+)%", html)]
    assert widths[2] == 4 * widths[0] > 0
    assert widths[1] == widths[3] == 0  # nobody has voted yet
    assert re.search(r'class="guess holds"><p>much · <b>measured</b>', html)
    assert re.search(r'class="guess "><p>little</p>', html)


def test_before_they_are_shown_there_is_no_bar() -> None:
    assert "<i" not in ballots(ASKED, ROOM, {})


def test_the_file_has_a_line_for_each_guess_also_for_one_that_nobody_has() -> None:
    assert csv_of([(2, 1, 0, 5), (2, 2, 1, 7)], LESSON).splitlines() == [
        "step,question,vote,guess,count",
        "2,How much?,1,little,5",
        "2,How much?,1,much,0",
        "2,How much?,2,little,0",
        "2,How much?,2,much,7",
    ]
