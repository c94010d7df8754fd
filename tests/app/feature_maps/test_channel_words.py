"""Channels and units in words, from hand-made numbers."""

import numpy as np
import pandas as pd
from PIL import Image

import resnet_core as rc
from app.feature_maps import words


def statistics() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "mean": [0.5, -2.0, 0.0],
            "variance": [4.0, 1.0, 0.0],
            "zeros": [0.25, 0.0, 1.0],
            "finite": [True, True, True],
        }
    )


def test_a_sheet_tells_its_silent_channels_and_its_strongest() -> None:
    assert words.sheet_alt("y of layer1.0", statistics(), [2, 1, 0]) == (
        "All 3 channels of y of layer1.0 as one picture. 1 are 0 everywhere; strongest on average: 1"
    )
    assert words.sheet_alt("y of layer1.0", statistics(), [0]) == (  # of what the picture shows
        "1 of 3 channels of y of layer1.0 as one picture. 0 are 0 everywhere; strongest on average: 0"
    )


def test_a_channel_tells_mean_spread_and_zeros() -> None:
    assert words.channel_label(7, statistics().loc[0]) == "channel 7: mean 0.5, std 2, 25 % zeros"
    broken = statistics().assign(finite=False).loc[0]
    nearly = statistics().assign(zeros=0.9997).loc[0]
    assert words.channel_label(7, nearly).endswith("more than 99 % zeros")  # not silent
    assert words.channel_label(7, broken) == "channel 7: holds values that are not finite"


def test_a_histogram_in_words() -> None:
    values = np.array([[0.0, np.nan], [1.0, 2.0]], dtype=np.float32)
    assert words.histogram_alt("a<br>b", values) == "a b; values from 0 to 2, mean 1"
    assert "no finite value" in words.histogram_alt("a", np.full((1, 1), np.nan, dtype=np.float32))


def test_the_answer_is_named_where_it_decides_the_order() -> None:
    assert "contribution to {tench}, largest first" in words.sort_words("contribution", "{tench}")
    assert words.sort_words("index", "tench") == ""


def test_a_unit_tells_what_it_can_see() -> None:
    values = np.array([[0.0, 1.5]], dtype=np.float32)
    inside = words.unit_words(values, 0, 1, rc.Box(0, 2, 10, 22, clipped=False), side=40)
    assert inside == ("Unit in row 0, column 1: 1.5. In theory it can depend on 10 × 20 pixels, 12 % of the picture.")
    small = words.unit_words(values, 0, 1, rc.Box(0, 0, 14, 14), side=224)
    assert small.endswith("14 × 14 pixels, less than 1 % of the picture.")  # of layer1.0 of ResNet-18 in a corner
    cut = words.unit_words(values, 0, 1, rc.Box(0, 2, 10, 22, clipped=True), side=40)
    assert "the frame is cut by the picture's border" in cut
    assert "0, whatever the picture" in words.unit_words(values, 0, 1, None, side=40)
    whole = words.unit_words(values, 0, 1, rc.Box(0, 0, 40, 40, clipped=True), side=40)
    assert whole.endswith("it can depend on the whole picture.")


def test_the_measured_field_is_the_smallest_part_with_nine_tenths_of_the_gradient() -> None:
    field = np.zeros((10, 10), dtype=np.float32)
    field[2:4, 2:7] = 1.0  # ten equal pixels: nine of them hold 90 %
    assert "lies in 36 % of the theoretical field" in words.effective_words(field, rc.Box(0, 0, 5, 5, clipped=False))


def test_a_silent_unit_has_no_measured_field() -> None:
    said = words.effective_words(np.zeros((4, 4), dtype=np.float32), rc.Box(0, 0, 4, 4, clipped=False))
    assert "The unit is 0 here" in said


def measured(**columns: list[object]) -> pd.DataFrame:
    sound = {"block": ["layer1.0", "layer1.1"], "finite": [True, True], "zeros": [0.5, 0.5]}
    return pd.DataFrame({**sound, **columns})


def test_a_sound_record_of_a_photo_has_no_problem() -> None:
    photo = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))
    assert words.record_problems(photo, measured(), trained=True) == []


def test_one_colour_broken_values_and_silence_are_told() -> None:
    photo, found = Image.new("RGB", (4, 4), "red"), measured(finite=[True, False], zeros=[0.5, 1.0])
    problems = words.record_problems(photo, found, trained=True)
    assert len(problems) == 3
    assert "one colour" in problems[0]
    assert problems[1].startswith("From layer1.1 on the activations are NaN or infinite")
    assert problems[1].endswith("these weights are broken, or the network diverged.")
    assert problems[2].startswith("From layer1.1 on all activations are 0")
    untrained = words.record_problems(photo, found, trained=False)[1]
    assert "broken" not in untrained
    assert untrained.endswith("beyond single precision.")
