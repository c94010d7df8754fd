"""Superpixels by number: in the address, and as a visitor may write them."""

from __future__ import annotations

import pytest

from app.attributions.edit_controls import number_text, parsed_numbers


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ([], ""),
        ([0], "1"),
        ([2, 6], "3, 7"),
        ([0, 1], "1, 2"),
        ([0, 1, 2, 5, 7, 8, 9, 10], "1-3, 6, 8-11"),
        (list(range(48)), "1-48"),
    ],
)
def test_what_is_written_can_be_read(ids: list[int], text: str) -> None:
    assert number_text(ids) == text
    assert parsed_numbers(text, 48) == ids


def test_order_doubles_and_separators_do_not_matter() -> None:
    assert parsed_numbers(" 9,3  3-4,, 2 ", 9) == [1, 2, 3, 8]


@pytest.mark.parametrize("text", ["0", "10", "8-10", "5-3", "-3", "a", "1.5", "3-", "1-2-3", "٣٣٣"])
def test_what_names_no_superpixel_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed_numbers(text, 9)
