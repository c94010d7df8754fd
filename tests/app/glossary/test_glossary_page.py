"""The words of the field: all on one page, and on each page those that it needs."""

from __future__ import annotations

import pytest

from app.pages import PAGES
from app.shared.glossary import WORDS
from tests.app.test_pages import page_text, start


def test_the_page_explains_every_word() -> None:
    text = page_text(start("glossary/page.py"))
    assert all(f"**{word}**: {meaning}" in text for word, meaning in WORDS.items())


@pytest.mark.parametrize("page", [page for page in PAGES if page.words], ids=lambda page: page.title)
def test_the_words_of_a_page_are_explained(page: object) -> None:
    assert set(page.words) <= set(WORDS)
