"""Choices and the link that holds them, by themselves: an app of two widgets."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.shared.offers import Each, FreeText, Many, Number, Offer, One, Span, Switch

OFFERS = [
    (One(["a", "b"], str.upper), "b", ["B"]),
    (Many([1, 2, 3]), [3, 1], ["3", "1"]),
    (Many([1, 2, 3]), [], [""]),
    (Number(0, 63), 5, ["5"]),
    (Number(0.0, 1.0), 0.25, ["0.25"]),
    (Each([Number(0, 7), Number(0, 7)]), (3, 4), ["3", "4"]),
    (Span([Number(0, 100)] * 2), (35, 65), ["35", "65"]),
    (Switch(), True, ["true"]),
    (FreeText(), "3, 7", ["3, 7"]),
]
NONSENSE = [
    (One(["a", "b"]), ["c"]),
    (Many([1, 2]), ["4"]),
    (Number(0, 63), ["many"]),
    (Number(0.0, 1.0), ["nan"]),
    (Each([Number(0, 7), Number(0, 7)]), ["3"]),
    (Switch(), ["perhaps"]),
]


@pytest.mark.parametrize(("offer", "value", "words"), OFFERS)
def test_what_is_written_is_read_again(offer: Offer, value: object, words: list[str]) -> None:
    assert offer.has(value)
    assert offer.written(value) == words
    assert offer.read(words) == value


@pytest.mark.parametrize(("offer", "words"), NONSENSE)
def test_nonsense_is_nothing(offer: Offer, words: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of int, float and list, each in its words)
        offer.read(words)


def small_app() -> None:
    import streamlit as st

    from app.shared import link
    from app.shared.linked import Linked

    link.begin(st.text_input("Page", key="where"))
    many = Linked().selectbox("List", ["short", "long"], key="list")
    letters = ["a", "b"] if many == "short" else ["b", "c", "d"]
    letter = Linked().selectbox("Letter", letters, key="letter", format_func=lambda each: f"{each} of {many}")
    usual = {"a": 1, "b": 2}.get(letter, 0)
    number = Linked().number_input("Number", 0, len(letters), usual, key="number")
    Linked().text_input("About", key="about", of=many)
    st.button("Pick 1", on_click=link.choose, args=("number", 1))
    st.caption(f"{many} {letter} {number}")
    link.finish()


def opened(**url: str) -> AppTest:
    app = AppTest.from_function(small_app)
    for name, value in url.items():
        app.query_params[name] = value
    return app.run()


def link_of(app: AppTest) -> dict[str, object]:
    return {name: value for name, value in app.query_params.items() if name != "page"}


def test_a_choice_goes_where_it_is_offered_and_ends_where_it_is_not() -> None:
    app = opened()
    app.selectbox("letter").set_value("b").run()
    assert app.caption[0].value == "short b 2"
    assert link_of(app) == {"letter": "b of short"}
    app.selectbox("list").set_value("long").run()
    assert app.caption[0].value == "long b 2"
    assert app.selectbox("letter 2").value == "b"  # another list, another widget: the browser keeps nothing of the old
    app.selectbox("letter 2").set_value("d").run()
    app.number_input("number 2").set_value(3).run()
    assert link_of(app) == {"list": "long", "letter": "d of long", "number": "3"}
    app.selectbox("list").set_value("short").run()
    assert app.caption[0].value == "short a 1"
    assert link_of(app) == {}


def test_what_is_usual_follows_as_long_as_nobody_chose() -> None:
    app = opened()
    app.selectbox("letter").set_value("b").run()
    assert app.number_input("number").value == 2
    app.number_input("number").set_value(0).run()
    app.selectbox("letter").set_value("a").run()
    assert app.caption[0].value == "short a 0"
    assert link_of(app) == {"number": "0"}


def test_an_address_is_read_and_its_nonsense_leaves_it() -> None:
    app = opened(list="long", letter="d of long", number="2", colour="red")
    assert app.caption[0].value == "long d 2"
    assert link_of(app) == {"list": "long", "letter": "d of long", "number": "2"}
    app = opened(list="longer", letter="c of short", number="many")
    assert app.caption[0].value == "short a 1"
    assert link_of(app) == {}


def test_what_was_chosen_about_one_thing_is_not_taken_for_another() -> None:
    app = opened(about="3, 7")
    assert app.text_input("about").value == "3, 7"
    app.text_input("where").set_value("another").run()
    assert app.text_input("about").value == "3, 7"
    app.selectbox("list").set_value("long").run()
    assert app.text_input("about").value == ""
    assert link_of(app) == {"list": "long"}


def test_a_browser_that_does_not_know_the_last_pick_yet_does_not_undo_the_next() -> None:
    app = opened(number="2")
    app.button[0].click().run()
    assert app.caption[0].value == "short a 1"
    app.number_input("number").set_value(2)  # as it was before: two clicks quicker than the page
    app.button[0].click().run()
    assert app.caption[0].value == "short a 1"
    app.number_input("number").set_value(2).run()  # by hand
    assert app.caption[0].value == "short a 2"


def test_two_choices_at_once_both_count_though_one_changes_the_list_of_the_other() -> None:
    app = opened()
    app.selectbox("letter").set_value("b")
    app.selectbox("list").set_value("long").run()
    assert app.caption[0].value == "long b 2"
    app.selectbox("list").set_value("short").run()
    assert app.caption[0].value == "short b 2"
