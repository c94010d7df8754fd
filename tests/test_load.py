"""The load driver: a small class on a real server, and that it would notice what it is there to notice."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.load import report
from tests.load.compare import differences, errors, mistaken
from tests.load.line import Trouble
from tests.load.measure import Reading, fresh, group, growth, kept_busy, walked
from tests.load.screen import Place, Screen, pictures
from tests.load.walk import Seen, Step, photo, walk

SHORT = 8  # steps: Start, Predict, Feature maps and Attributions; `python -m tests.load` walks all pages
LIMIT = 300  # seconds: a busy machine is slow, not broken


def drawn(place: Place, fragment: str = "", **element: object) -> ForwardMsg:
    """A message that draws one element; without one, a container."""
    message = ForwardMsg()
    message.metadata.delta_path.extend(place)
    message.delta.fragment_id = fragment
    if not element:
        message.delta.add_block.vertical.SetInParent()
    for kind, body in element.items():
        getattr(message.delta.new_element, kind).body = body
    return message


def texts(screen: Screen) -> list[str]:
    return [node.content.body for node in screen.nodes.values() if not node.is_container]


def seen(screen: Screen, what: str = "the page", **known: str) -> Seen:
    return Seen(Step("Predict", what, lambda _: None), 1.0, 2000, 100, dict(screen.nodes), known)


def screen_of(*messages: ForwardMsg) -> Screen:
    screen = Screen(run="first")
    for message in messages:
        screen.put(message)
    return screen


def test_a_whole_run_leaves_nothing_of_the_last_one() -> None:
    screen = screen_of(drawn((0, 0), markdown="old"), drawn((0, 1), markdown="gone"))
    screen.run = "second"
    screen.put(drawn((0, 0), markdown="new"))
    screen.finish()
    assert texts(screen) == ["new"]


def test_a_fragments_run_touches_its_own_part_alone() -> None:
    screen = screen_of(
        drawn((0, 0), markdown="outside"),
        drawn((0, 1), fragment="f"),
        drawn((0, 1, 0), fragment="f", markdown="old"),
        drawn((0, 1, 1), fragment="f", markdown="gone"),
        drawn((0, 2), fragment="g", markdown="another fragment"),
    )
    screen.run, screen.fragments = "second", frozenset({"f"})
    for message in (drawn((0, 1), fragment="f"), drawn((0, 1, 0), fragment="f", markdown="new")):
        screen.put(message)
    screen.finish()
    assert sorted(texts(screen)) == ["another fragment", "new", "outside"]


def test_an_element_takes_the_place_of_a_container_and_of_all_in_it() -> None:
    screen = screen_of(drawn((0, 0)), drawn((0, 0, 0), markdown="inside"), drawn((0, 0), markdown="instead"))
    assert texts(screen) == ["instead"]


def test_a_widget_is_found_by_its_key() -> None:
    message = ForwardMsg()
    message.metadata.delta_path.extend((0, 0))
    message.delta.new_element.selectbox.id = "$$ID-0a1b-cam-point"
    screen = screen_of(message)
    assert screen.widget("cam-point").kind == "selectbox"
    with pytest.raises(Trouble, match="no widget 'point'"):
        screen.widget("point")


def test_every_student_has_another_photo() -> None:
    assert photo(1) == photo(1)
    assert photo(1) != photo(2)


def test_a_page_that_shows_an_error_is_reported() -> None:
    wrong = drawn((0, 0), alert="out of luck")
    wrong.delta.new_element.alert.format = Alert.ERROR
    assert errors(seen(screen_of(wrong))) == ["Predict, the page: error: out of luck"]
    raised = ForwardMsg()
    raised.metadata.delta_path.extend((0, 1))
    raised.delta.new_element.exception.type = "ValueError"
    assert errors(seen(screen_of(raised))) == ["Predict, the page: ValueError: "]
    assert errors(seen(screen_of(drawn((0, 0), markdown="fine")))) == []


def test_what_differs_is_named_and_what_the_clock_says_is_not() -> None:
    took = "Can you trust it? (1 forward passes, {}\N{NO-BREAK SPACE}s)"
    one = screen_of(drawn((0, 0), html=took.format("0.4")), drawn((0, 1), markdown="The answer is 0.71"))
    other = screen_of(drawn((0, 0), html=took.format("12.9")), drawn((0, 1), markdown="The answer is 0.72"))
    assert differences(seen(one), seen(one)) == []
    (found,) = differences(seen(one), seen(other))
    assert (
        found == "Predict, the page: (0, 1) markdown.markdown.body: 'The answer is 0.71' against 'The answer is 0.72'"
    )


def pictured(url: str) -> Screen:
    message = ForwardMsg()
    message.metadata.delta_path.extend((0, 0))
    message.delta.new_element.imgs.imgs.add(url=url)
    return screen_of(message)


def test_pictures_count_by_what_is_in_them() -> None:
    one, other = pictured("/media/a.png"), pictured("/media/b.png")
    same, another = {"/media/a.png": "x", "/media/b.png": "x"}, {"/media/a.png": "x", "/media/b.png": "y"}
    assert pictures(one.nodes) == ["/media/a.png"]
    assert differences(seen(one, **same), seen(other, **same)) == []
    assert len(differences(seen(one, **another), seen(other, **another))) == 1
    walks = [[seen(screen, "a new photo", **same)] for screen in (one, other)]
    assert mistaken(walks) == ["students 0 and 1 saw the same pictures"]
    assert mistaken([[seen(screen, "a new photo", **another)] for screen in (one, other)]) == []


def at(actions: int, used: float, kept: int = 1000) -> Reading:
    return Reading(actions, 10**9, int(used), {}, 0, kept)


def test_memory_is_judged_where_the_caches_are_full() -> None:
    filling = [at(actions, 10**8 + 10**6 * actions, kept=10 * actions) for actions in range(0, 98, 7)]
    full = [at(98 + 25 * turn, 10**9 + 2048 * 25 * turn) for turn in range(4)]
    found = growth(filling + full)
    assert found is not None
    assert (found.slope, found.error) == (pytest.approx(2048), pytest.approx(0, abs=1e-3))
    assert found.start == 98
    assert growth(filling + full[:-1]) is None


def test_the_standard_error_of_growth_is_that_of_a_straight_line_and_counts() -> None:
    used = [0, 2, 1, 3]  # slope 0.8 an action, residuals -0.3, 0.9, -0.9, 0.3
    found = growth([at(place, each) for place, each in enumerate(used)])
    assert found is not None
    assert found.slope == pytest.approx(0.8)
    assert found.error == pytest.approx((1.8 / 2 / 5) ** 0.5)
    assert found.most == found.slope + found.error


def test_percentiles_are_values_that_were_measured() -> None:
    assert report.percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert report.percentile([float(n) for n in range(1, 101)], 0.95) == 95.0
    assert math.isnan(report.percentile([], 0.5))


def test_two_students_at_once_each_see_what_one_alone_sees(tmp_path: Path) -> None:
    problems: list[str] = []
    told: list[Reading] = []
    with fresh(tmp_path, "at once", problems) as server:
        found = group(server, 2, 2, LIMIT, SHORT)
        readings = kept_busy(server, 2, 4, LIMIT, problems, told.append)
    with fresh(tmp_path, "alone", problems) as server:
        alone = walked(server, 1, LIMIT, SHORT)
    for each in found.walks:
        problems += [text for one in each for text in errors(one)]
    for one, other in zip(found.walks[1], alone, strict=True):
        problems += differences(one, other)
    assert problems == mistaken(found.walks) == []
    assert {step.page for step in walk(0)[:SHORT]} == {"Start", "Predict", "Feature maps", "Attributions"}
    assert [len(each) for each in found.walks] == 2 * [SHORT]
    assert "photo-1.jpg" in "".join(str(node.drawn) for node in alone[2].nodes.values())
    assert readings[-1].copies
    assert set(readings[-1].copies.values()) == {1}
    assert readings[-1].actions == 4
    assert told == readings[1:]
    assert readings[-1].kept > readings[-1].weights > 0
    table = list(report.latencies(found, found))
    assert [row.split(" | ")[0].lstrip("| ") for row in table[2:]] == [step.page for step in walk(0)[:SHORT]]
