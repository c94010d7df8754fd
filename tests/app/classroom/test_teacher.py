"""Where the code of a class stands in the address."""

from __future__ import annotations

from app.classroom import teacher
from app.shared import map_choice


def test_the_code_of_a_class_is_not_taken_for_the_class_of_a_map() -> None:
    assert teacher.ROOM not in {map_choice.CLASS, map_choice.CLASS_2}
