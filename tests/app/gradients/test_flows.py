"""Which networks can be measured with trained weights, and the sentences about those that cannot."""

from dataclasses import replace

import pytest

import resnet_core as rc
from app.engine.selection import RANDOM, Flow, Photo
from app.gradients import networks
from app.shared.lists import listed
from resnet_core.variants import Shortcut

FLOW = Flow("resnet20", rc.Build("none", norm="none", init="normal"), 2, 1, "noise")


@pytest.fixture
def nothing_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "is_cached", lambda weights: weights.source == "bundled")


@pytest.mark.usefixtures("nothing_downloaded")
@pytest.mark.parametrize(
    ("variant", "shortcut", "weights_id"),
    [("resnet20", "A", "cifar10"), ("resnet20", "none", "cifar10-plain"), ("resnet18", "B", "imagenette")],
)
def test_the_weights_are_those_of_the_network_itself(variant: str, shortcut: Shortcut, weights_id: str) -> None:
    weights = networks.trained_weights(variant, shortcut)
    assert weights is not None
    assert (weights.id, weights.shortcut) == (weights_id, shortcut)
    assert networks.trained_weights("resnet110", shortcut) is None
    assert networks.trained_weights("resnet18", "none") is None


def test_of_downloaded_weights_the_recipe_counts_that_all_depths_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "is_cached", lambda weights: True)
    for name in ("resnet18", "resnet34", "resnet50"):
        weights = networks.trained_weights(name, "B")
        assert weights is not None
        assert weights.id == "imagenet"


@pytest.mark.usefixtures("no_deep_cifar_weights")
def test_a_trained_network_is_measured_once_whatever_decides_about_random_weights() -> None:
    asked = [replace(FLOW, seed=seed, variant=name) for name in ("resnet20", "resnet56") for seed in range(3)]
    found, missing = networks.trained(asked)
    assert found == (Flow("resnet20", rc.Build("none"), 0, 1, "noise", weights="cifar10-plain"),)
    assert [flow.title for flow in missing] == ["plain-56"]
    assert found[0].title == "plain-20, trained"


@pytest.mark.usefixtures("no_deep_cifar_weights")
def test_who_is_left_out_is_said_with_the_reason_and_who_could_be_measured() -> None:
    assert networks.left_out(()) == ""
    deep = [replace(FLOW, variant="resnet56"), replace(FLOW, variant="resnet110", how=rc.Build("A"))]
    assert networks.left_out(deep) == (
        "Left out: plain-56 and ResNet-110 (no trained weights come with this app). "
        "Trained weights are here for plain-20 and ResNet-20."
    )


@pytest.mark.usefixtures("nothing_downloaded")
def test_weights_that_could_be_downloaded_are_told_from_those_that_nobody_has() -> None:
    missing = [replace(FLOW, variant="resnet34"), replace(FLOW, variant="resnet34", how=rc.Build("B"))]
    assert networks.left_out(missing) == (
        "Left out: plain-34 (no trained weights come with this app); ResNet-34 (ImageNet weights not downloaded; "
        "Predict can do it). Trained weights are here for ResNet-18."
    )


def test_what_is_measured_in_words() -> None:
    said = networks.about([FLOW])
    assert "no norm, weights of std 0.01; measured after 1 SGD step, in double precision" in said
    assert "Sixteen pictures of noise, 32 × 32 pixels" in said
    zero = replace(FLOW, how=rc.Build("A", zero_init_residual=True), steps=0)
    said = networks.about([FLOW, zero])
    assert "the last γ of each residual block 0" in said
    assert "before any SGD step, in single precision, where the last digits are rounding noise" in networks.about(
        [replace(zero, double=False)]
    )
    assert "Each network was measured once" in networks.about([FLOW])
    grown = f"{networks.OTHER_PROCESSOR}{networks.GROWN}."
    assert networks.about([FLOW]).endswith(grown)
    assert networks.about([replace(zero, steps=20)]).endswith(grown)  # of residual nets double precision too
    assert networks.about([replace(FLOW, steps=0)]).endswith(f"{networks.OTHER_PROCESSOR}.")
    assert networks.about([zero, replace(zero, seed=7)]).endswith(
        "Titles give the smallest and the largest of 2 seeds; others can lie beyond them or do otherwise."
    )
    (trained,), _ = networks.trained([replace(FLOW, source="your photo", photo=Photo("1", "", "", None))])  # type: ignore[arg-type]
    assert networks.about([trained]).startswith(f"Trained on {rc.WEIGHTS['resnet20', 'cifar10-plain'].data};")
    assert "crops of your photo" in networks.about([trained])
    assert "Untrained" not in networks.about([trained])


def test_random_weights_are_the_usual_case_and_every_choice_is_part_of_the_key() -> None:
    assert FLOW.weights == RANDOM
    others = [
        replace(FLOW, weights="cifar10-plain"),
        replace(FLOW, how=rc.Build(zero_init_residual=True)),
        replace(FLOW, double=False),
    ]
    assert len({FLOW, *others}) == 4
    assert [flow.title for flow in others] == ["plain-20, trained", "ResNet-20, zero-init", "plain-20"]


@pytest.mark.parametrize(("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists_read_like_sentences(names: list[str], text: str) -> None:
    assert listed(names) == text
