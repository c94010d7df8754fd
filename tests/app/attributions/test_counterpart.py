"""A second network: its class, its options, and where the maps of both can be compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

import resnet_core as rc
from app.attributions.second import same_pixels, usable
from app.engine import compute
from app.engine.selection import RANDOM, Net, Subject
from app.shared.map_choice import counterpart

RESNET, PLAIN = Net("resnet20", "cifar10"), Net("resnet20", "cifar10-plain")
PHOTO = compute.sample_photo("cat")


def asked(net: Net, name: str) -> Subject:
    return Subject(net, PHOTO, rc.class_names(compute.model(net)).index(name), name)


def test_the_same_word_counts_and_not_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = rc.load("resnet20", "cifar10-plain")
    assert twin.weights is not None
    twin.weights = replace(twin.weights, classes=twin.weights.classes[::-1])
    model = compute.model
    monkeypatch.setattr(compute, "model", lambda net: twin if net == PLAIN else model(net))
    frog = asked(RESNET, "frog")
    other = counterpart(frog, PLAIN)
    assert (other.name, other.net) == ("frog", PLAIN)
    assert other.target == 9 - frog.target


def test_two_random_networks_of_one_variant_have_two_names() -> None:
    twin = compute.untrained_twin(Net("resnet18", "imagenette"))
    assert twin.label == "ResNet-18 · random weights (10 classes)"
    assert Net("resnet18", RANDOM).label == "ResNet-18 · random weights"
    assert compute.untrained_twin(RESNET).label == "ResNet-20 · random weights"  # its ten classes are the paper's


def test_random_weights_have_no_words_and_are_asked_for_the_same_number() -> None:
    other = counterpart(asked(RESNET, "frog"), Net("resnet18", RANDOM))
    assert (other.target, other.name) == (6, "class 6")


def test_a_network_without_the_word_is_asked_for_its_own_first_answer() -> None:
    other = counterpart(asked(RESNET, "frog"), Net("resnet18", "imagenette"))
    first = compute.prediction(other.net, PHOTO).iloc[0]
    assert (other.target, other.name) == (first["index"], first["class"])


@pytest.mark.parametrize(
    ("first", "second", "layer", "expected"),
    [
        ("resnet20", "resnet18", "layer3", {}),  # its last stage: so is the second's
        ("resnet20", "resnet18", "layer2", {"layer": "layer2"}),
        ("resnet18", "resnet20", "layer4", {}),
        ("resnet18", "resnet20", "layer3", {"layer": "layer3"}),
        ("resnet18", "resnet20", "layer3.1", {"layer": "layer3.1"}),
        ("resnet50", "resnet20", "layer3.5", {}),  # it has no such block
    ],
)
def test_the_last_stage_of_one_is_the_last_of_the_other(
    first: str, second: str, layer: str, expected: dict[str, str]
) -> None:
    assert usable({"layer": layer}, "layer_conductance", Net(first, RANDOM), Net(second, RANDOM)) == expected


def test_other_options_stay() -> None:
    options = {"samples": 7, "seed": 3}
    assert usable(options, "smoothgrad", RESNET, Net("resnet18", RANDOM)) == options


def test_maps_are_compared_where_pixels_are_the_same_part_of_the_photo() -> None:
    subject = asked(RESNET, "frog")
    assert same_pixels(subject, replace(subject, net=PLAIN))
    assert not same_pixels(subject, replace(subject, net=Net("resnet18", "imagenette")))
