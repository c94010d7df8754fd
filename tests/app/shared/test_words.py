"""What comes with a file is shown as it is: `tests/browser/test_hostile.py` looks at the same in a browser."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import resnet_core as rc
from app.engine.selection import Net, Photo
from app.shared import input_view, sentences
from app.shared.sentences import JOINER, one_line, plain

TEXTS = {  # text: Markdown that shows it, without the joiners
    "golf ball": "golf ball",
    "IMG-1.jpg": "IMG-1.jpg",
    "IMG_1.jpg": r"IMG\_1.jpg",
    "**a** _b_ ~~c~~ `d`": r"\*\*a\*\* \_b\_ \~\~c\~\~ \`d\`",
    "$a$ \\": r"\$a\$ \\",
    "![a](http://b)": r"\!\[a\](http://b)",
    "<b>&lt;": r"\<b\>\&lt;",
    "# a": r"\# a",
    "12. a": r"12\. a",
    "1) a": r"1\) a",
    "- a": r"\- a",
    "+ a": r"\+ a",
    "v1.5 - 3": "v1.5 - 3",
    "a\nb\tc  d": "a b c d",
    "a\u202eb\u2066c\x00d": "a b c d",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
}
STARTS = re.compile(r":[a-z]|https?:/|www\.|@[a-z]|--|->|<-|>=|~=")  # of icons, colours, emoji, links and arrows


@pytest.mark.parametrize("text", TEXTS)
def test_the_signs_of_markdown_are_escaped(text: str) -> None:
    assert plain(text).replace(JOINER, "") == TEXTS[text]


@pytest.mark.parametrize(
    "text",
    [
        ":red[a]",
        ":material/home:",
        ":smile:",
        "http://a.example",
        "HTTPS://a.example",
        "www.a.example",
        "WWW.a.example",
        "a@b.example",
        "a -- b -> c <- d <-> e >= f <= g ~= h",
    ],
)
def test_what_begins_in_the_middle_of_a_word_is_kept_from_beginning(text: str) -> None:
    assert STARTS.search(text.lower())
    shown = plain(text)
    assert STARTS.search(shown.lower().replace("\\", "")) is None
    assert shown.replace(JOINER, "").replace("\\", "") == text


def test_one_line_keeps_what_has_a_shape() -> None:
    assert (
        one_line("\U0001f469\u200d\U0001f52c caf\u00e9 \u00e4\u0308")
        == "\U0001f469\u200d\U0001f52c caf\u00e9 \u00e4\u0308"
    )
    assert one_line(" \u2028 \ud800 ") == ""


@pytest.mark.parametrize(
    ("key", "chosen_on", "said"),
    [
        (("resnet20", "cifar10"), "test", True),
        (("resnet20", "cifar10-epoch-03"), "test", False),  # how long the run lasted says nothing of its third epoch
        (("resnet20", "cifar10"), "held out", False),
        (("resnet50", "imagenet"), "", False),
    ],
)
def test_beside_an_accuracy_stands_what_its_pictures_decided(key: tuple[str, str], chosen_on: str, said: bool) -> None:
    weights = rc.WEIGHTS[key]
    assert chosen_on == "held out" or weights.chosen_on == chosen_on
    words_of = sentences.chosen_words(replace(weights, chosen_on=chosen_on))
    assert words_of.startswith(" (these decided how long it was trained") is said
    assert bool(words_of) is said


def ends_of(method: str, *, signed: bool, **options: object) -> tuple[str, str]:
    nothing = torch.zeros(1)
    return sentences.legend_ends(
        rc.AttributionRecord(method, nothing, nothing, nothing, signed, None, 0.0, options), "{dog}"
    )


def test_the_ends_of_a_legend_are_those_of_the_method_as_it_was_asked() -> None:
    assert ends_of("occlusion", signed=True) == ("counted against {dog}", "counted for {dog}")
    assert ends_of("grad_cam", signed=False) == ("not counted for it", "counted most for {dog}")
    assert ends_of("grad_cam", signed=True, relu="off") == ("counted against {dog}", "counted for {dog}")
    assert ends_of("smoothgrad", signed=True, base="gradient") == (
        "with noise, darker for {dog}",
        "with noise, brighter for {dog}",
    )
    assert ends_of("guided_backprop", signed=True) == ("negative on the way back", "positive on the way back")
    assert ends_of("smoothgrad", signed=True, base="input_x_gradient") == ("counted against {dog}", "counted for {dog}")
    assert ends_of("vargrad", signed=False) == ("influence is steady", "influence on {dog} varies most")


def test_the_strongest_part_of_a_map_is_where_most_of_its_strongest_region_lies() -> None:
    values = np.zeros((9, 9))
    values[4, 5] = values[6:, 4:] = 1.0  # a superpixel whose first pixel lies above
    said = sentences.map_alt(rc.METHODS["feature_ablation"], "cat", values)
    assert said == "Feature ablation for cat: strongest in the lower right of the picture"


@pytest.mark.parametrize(
    ("size", "variant", "weights", "done"),
    [
        ((300, 200), "resnet18", "imagenette", "cut to the centre square and enlarged to 224 by 224 pixels"),
        ((400, 300), "resnet18", "imagenette", "cut to the centre square and reduced to 224 by 224 pixels"),
        ((90, 32), "resnet20", "cifar10", "cut to the centre square"),
        ((32, 32), "resnet20", "cifar10", "all of its 32 by 32 pixels"),
        ((64, 64), "resnet20", "cifar10", "reduced to 32 by 32 pixels"),
    ],
)
def test_a_photo_is_called_cut_or_reduced_only_if_it_is(
    size: tuple[int, int], variant: str, weights: str, done: str
) -> None:
    photo = Photo("digest", "A title", "", Image.new("RGB", size))
    assert input_view.view_alt(Net(variant, weights), photo) == f"A title, {done}"
