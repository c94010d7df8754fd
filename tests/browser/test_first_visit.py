"""The cost of a first visit, against the files that the server names and against what app/README.md says."""

from __future__ import annotations

import re
import urllib.request

import pytest
from pytest_playwright import CreateContextCallback

from tests.browser.first_visit import first_visit
from tests.browser.steps import DESKTOP, PATIENCE
from tests.serving import ROOT


def test_a_first_visit_costs_what_the_readme_says(base_url: str, new_context: CreateContextCallback) -> None:
    page = new_context(**DESKTOP).new_page()
    page.set_default_timeout(PATIENCE)
    visit = first_visit(page, base_url)

    with urllib.request.urlopen(base_url) as answer:
        named = set(re.findall(r'(?:src|href)="\./([^"]+)"', answer.read().decode()))
    bodies = 0
    for name in named:
        with urllib.request.urlopen(f"{base_url}/{name}") as answer:
            bodies += len(answer.read())
    assert visit.requests > len(named)  # more are asked for by what these files do
    assert visit.received > bodies

    text = " ".join((ROOT / "app/README.md").read_text(encoding="utf-8").split())
    ((requests, received),) = re.findall(r"a first visit is about (\d+) requests and ([\d.]+) MB in Chromium", text)
    ((packed, whole),) = re.findall(r"a first visit is ([\d.]+) MB instead of ([\d.]+) MB", text)
    assert whole == received
    assert visit.requests == pytest.approx(int(requests), rel=0.1)
    assert visit.received == pytest.approx(1e6 * float(received), rel=0.1)
    assert visit.packed == pytest.approx(1e6 * float(packed), rel=0.1)
