"""Proves that an address holds what a person sees: `python -m tests.walk --steps 200 --seed 1`.

A visitor walks the pages at random: choices, photos, clicks, back, forward, reload. After each step a fresh browser
opens the address, and must show the same. Prints every step; ends with 1 if anything differed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, NAMES
from tests.browser.steps import DESKTOP, PHONE
from tests.serving import serving
from tests.walk.walk import walk


def main(argv: list[str] | None = None) -> int:
    """0 if every address held."""
    parser = argparse.ArgumentParser(prog="python -m tests.walk", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="steps after which the address is opened elsewhere")
    parser.add_argument("--phone", action="store_true")
    asked = parser.parse_args(argv)
    device = PHONE if asked.phone else DESKTOP
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "log.txt") as url, sync_playwright() as play:
        path = next(filter(None, map(shutil.which, NAMES)), None)
        browser = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        mine, other = (browser.new_context(base_url=url, **device).new_page() for _ in range(2))
        for step in walk(mine, other, asked.steps, asked.seed, every=asked.every):
            wrong += bool(step.problems)
            lines = [f"{step.number:3} {step.what} -> {step.address}", *(f"      {text}" for text in step.problems)]
            print(*lines, sep="\n", flush=True)  # noqa: T201
        browser.close()
    print(f"{asked.steps} steps, seed {asked.seed}: {wrong} addresses lie")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
