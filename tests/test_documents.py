"""The documents lead somewhere: their links, their commands, the files and the pages that they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.pages import PAGES
from tests import facts

ROOT = Path(__file__).parent.parent
DOCUMENTS = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "app/README.md", "resnet_core/README.md", "tests/README.md")
}


def anchors(text: str) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", DOCUMENTS[name]):
        file, _, anchor = target.partition("#")
        path = ((ROOT / name).parent / file).resolve() if file else ROOT / name
        assert path.is_file(), target
        assert not anchor or anchor in anchors(path.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_and_every_module_that_is_named_exists(name: str) -> None:
    text = DOCUMENTS[name]
    for file in re.findall(r"(?<![\w./])((?:app|resnet_core|tests|\.streamlit|\.ci)/[\w./]*\w)", text):
        assert (ROOT / file).exists(), file
    for module in re.findall(r"python -m ((?:app|resnet_core|tests)[.\w]*)", text):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_the_readme_is_short_and_names_every_page_by_its_question() -> None:
    assert len(DOCUMENTS["README.md"].splitlines()) <= 130
    rows = re.findall(r"^\| (.+?) \| (.+?\?) \| .+ \|$", DOCUMENTS["README.md"], re.MULTILINE)
    assert rows == [(page.title, page.question) for page in PAGES]


def test_every_document_is_one_link_from_the_readme() -> None:
    assert {name for name in DOCUMENTS if f"]({name}" in DOCUMENTS["README.md"]} == DOCUMENTS.keys() - {"README.md"}


def test_the_table_of_facts_is_what_its_command_prints_now() -> None:
    """In its cheapest cell: an older rounding had left it stale."""
    row = next(line for line in DOCUMENTS["resnet_core/README.md"].splitlines() if line.startswith("| residual (A)"))
    assert row.split(" | ")[-1].split(" / ")[:1] == facts.ratios("A", (20,), facts.NOISE).split(" / ")
