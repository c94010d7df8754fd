"""Every program that the Attributions page shows is run, and must end with the numbers that the page shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import resnet_core as rc
from app.attributions import code, computed
from app.attributions.charts import regions
from app.engine import compute
from app.engine.selection import Subject
from app.shared import explanations
from resnet_core.pictures.masks import rectangle
from tests.app.test_snippets import BUNDLED, CAT, run

ABOUT = Subject(BUNDLED, CAT, 3, "cat")
TWO = [("saliency", {}), ("grad_cam", {"layer": "layer2"})]


def maps() -> dict[str, rc.AttributionRecord]:
    return {
        rc.METHODS[method].title: compute.attribution(BUNDLED, CAT, 3, method, **options) for method, options in TWO
    }


def test_a_map() -> None:
    options = {"steps": 8, "baseline": "black"}
    record = compute.attribution(BUNDLED, CAT, 3, "integrated_gradients", **options)
    program = code.map_code(ABOUT, "integrated_gradients", options)
    assert "steps=8)" in program  # what is usual is not said
    assert_frame_equal(run(program), pd.DataFrame(record.map[0].numpy()))


def test_the_agreement_of_two_maps() -> None:
    shown = rc.agreement(maps()).rename_axis("method").reset_index()
    assert_frame_equal(run(code.agreement_code(ABOUT, TWO)), shown)


def test_the_cascade_of_a_map() -> None:
    found = explanations.check(BUNDLED, CAT, 3, "saliency", "randomisation").randomisation
    assert found is not None
    assert_frame_equal(run(code.cascade_code(ABOUT, "saliency", {})), found.table)


def test_deletion_and_insertion() -> None:
    tables = []
    for method, options in TWO:
        found = explanations.check(BUNDLED, CAT, 3, method, "deletion", **options).deletion
        assert found is not None
        tables.append(found.table.assign(method=rc.METHODS[method].title))
    shown = pd.concat(tables, ignore_index=True)
    assert_frame_equal(run(code.curves_code(ABOUT, TWO)), shown)


def test_superpixels_taken_away() -> None:
    gone = regions.selected(computed.superpixels(BUNDLED, CAT, 24)[0], {0, 3})
    assert 0 < gone.sum() < gone.size
    shown = computed.edit_effect(BUNDLED, CAT, gone, "mean")
    assert np.abs(shown["change"]).max() > 0
    assert_frame_equal(run(code.superpixels_code(ABOUT, 24, {3, 0}, "mean")), shown)


def test_the_first_pixels_of_a_map_taken_away() -> None:
    for method, options in TWO:
        record = compute.attribution(BUNDLED, CAT, 3, method, **options)
        gone = regions.first_pixels(explanations.values_of(record), 0.25)
        assert gone.mean() == pytest.approx(0.25, abs=0.02)
        shown = computed.edit_effect(BUNDLED, CAT, gone, "black")
        assert_frame_equal(run(code.pixels_code(ABOUT, method, options, 0.25, "black")), shown)


def test_a_rectangle_taken_away() -> None:
    edges = {"left": 10.0, "right": 60.0, "top": 0.0, "bottom": 50.0}
    gone = rectangle(32, 32, **edges)
    shown = computed.edit_effect(BUNDLED, CAT, gone, "black")
    assert_frame_equal(run(code.rectangle_code(ABOUT, edges, "black")), shown)
