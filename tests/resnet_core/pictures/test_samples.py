"""The sample photos: where they come from, and which of them the exercises need."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_image

import resnet_core as rc
from resnet_core.inside.answers import transform_of
from resnet_core.pictures.samples import SAMPLES


@pytest.mark.parametrize(("name", "file"), [("palace", "china.jpg"), ("flower", "flower.jpg")])
def test_photos_of_scikit_learn_are_its_own_and_carry_their_credit(name: str, file: str) -> None:
    assert np.array_equal(np.asarray(SAMPLES[name].load()), load_sample_image(file))
    assert "CC BY 2.0, flickr.com/photos/" in SAMPLES[name].credit


def test_on_the_palace_a_map_can_be_put_to_the_test_by_taking_parts_away() -> None:
    """A quarter of the superpixels: the first of Grad-CAM's order take the answer with them, the last leave it."""
    model = rc.load("resnet18", "imagenette", device="cpu")
    batch = rc.preprocess(SAMPLES["palace"].load(), model)
    cut = rc.superpixels(transform_of(model).restore(batch), 48)[0]
    heat = rc.attribute(model, batch, method="grad_cam").map[0]
    order = torch.zeros(int(cut.max()) + 1).index_add(0, cut.flatten(), heat.flatten()).argsort(descending=True)
    quarter = len(order) // 4
    for fill in ("blur", "mean", "white"):
        first, last = (
            rc.edit_effect(model, batch, torch.isin(cut, some)[None], fill).iloc[0]
            for some in (order[:quarter], order[-quarter:])
        )
        assert first["class"] == "church"
        assert first["probability_after"] < 0.2 * first["probability_before"]
        assert last["probability_after"] > 0.8 * last["probability_before"]
