"""The contract of `attribute` for every method: record, targets, options, nothing left behind, progress, threads."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import captum
import numpy as np
import pytest
import torch
import torchvision
from torch import Tensor, nn

import resnet_core as rc
from resnet_core.attribution import maps
from resnet_core.attribution.maps import ABSENT_METHODS, METHODS, Option, attribute
from resnet_core.attribution.methods import method as methods
from resnet_core.attribution.methods.method import Method
from resnet_core.attribution.records import AttributionRecord
from resnet_core.errors import ResNetCoreError
from resnet_core.nets.blocks import HookPoint
from resnet_core.nets.model import ResNet, build
from resnet_core.nets.private_view import gradient_free_view
from resnet_core.pictures.samples import SAMPLES
from resnet_core.variants import VARIANTS
from tests.attributions import NARROW, TINY, assert_close, pictures, run
from tests.fingerprints import fingerprint

IDS = (
    *("saliency", "input_x_gradient", "smoothgrad", "smoothgrad_squared", "vargrad"),
    *("integrated_gradients", "gradient_shap", "deeplift", "deeplift_shap"),
    *("guided_backprop", "deconvolution"),
    *("occlusion", "feature_ablation", "kernel_shap", "lime"),
    *("grad_cam", "guided_grad_cam", "layer_conductance"),
)
RANDOM = [name for name, method in METHODS.items() if method.random]
GRADIENT_AT_NAN = {"saliency", "smoothgrad", "smoothgrad_squared", "vargrad", "guided_backprop", "deconvolution"}


@pytest.fixture
def tiny() -> ResNet:
    return build(TINY, seed=0).eval()


@pytest.fixture
def resnet18() -> ResNet:
    return build("resnet18", seed=1).eval()


# --- batches


@pytest.mark.parametrize("method", METHODS)
def test_a_long_batch_is_what_its_pictures_are_alone(
    tiny: ResNet, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.double()  # batches of other sizes round differently, which a ReLU's kink would make visible
    batch = pictures(3, 32, 32)
    whole = run(tiny, batch, method)
    assert whole.map.dtype == torch.float64
    monkeypatch.setattr(methods, "PICTURES_AT_ONCE", 2)
    parts = run(tiny, batch, method)
    assert_close(parts.raw, whole.raw)
    assert_close(parts.map, whole.map)
    assert torch.equal(parts.target, whole.target)
    for index in range(3):
        assert_close(parts.map[index], run(tiny, batch[index : index + 1], method).map[0])


@pytest.mark.parametrize(
    ("height", "width", "at_once"), [(224, 224, 4), (32, 32, 32), (96, 96, 21), (224, 448, 2), (2000, 2000, 1)]
)
def test_memory_is_bounded_by_pixels_in_one_pass(height: int, width: int, at_once: int) -> None:
    assert methods.at_once(torch.empty(9, 3, height, width, device="meta")) == at_once


@pytest.mark.parametrize("method", METHODS)
def test_no_pass_holds_more_pictures_than_the_bound(tiny: ResNet, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Watching(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            sizes.append(len(x))
            return super().forward(x)

    tiny.fc = Watching(8, 10)
    monkeypatch.setattr(methods, "PICTURES_AT_ONCE", 3)
    run(tiny, pictures(4, 32, 32), method, target=1)
    assert max(sizes) <= 3


NETWORKS: dict[str, Callable[[], ResNet]] = {
    "plain": lambda: build(TINY, seed=1, shortcut="none"),
    "no batch norm": lambda: build(TINY, seed=1, norm="none"),
    "bottlenecks": lambda: build(NARROW, seed=1),
}


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("method", METHODS)
def test_every_kind_of_network_can_be_explained(kind: str, method: str) -> None:
    model = NETWORKS[kind]()
    record = run(model, pictures(1, 32, 32), method, target=1)
    assert record.map.isfinite().all()
    assert record.map.any() or method == "grad_cam"  # a class that everything speaks against
    if METHODS[method].completeness and method != "gradient_shap":
        assert record.delta is not None
        assert record.delta.abs().max() < 0.25 * record.raw.abs().sum()


# --- random numbers


@pytest.mark.parametrize("method", RANDOM)
def test_a_seed_repeats_a_map_and_another_seed_does_not(tiny: ResNet, method: str) -> None:
    batch = pictures(1, 32, 32)
    first = run(tiny, batch, method, target=1)
    assert first.options["seed"] == 0
    torch.manual_seed(123)  # the global generator belongs to others
    assert torch.equal(run(tiny, batch, method, target=1, seed=0).raw, first.raw)
    assert not torch.equal(run(tiny, batch, method, target=1, seed=1).raw, first.raw)


@pytest.mark.parametrize("method", METHODS)
def test_the_global_generator_is_left_alone(tiny: ResNet, method: str) -> None:
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()
    run(tiny, pictures(1, 32, 32), method)
    assert torch.equal(torch.get_rng_state(), torch_before)
    numpy_after = np.random.get_state()
    assert np.array_equal(numpy_after[1], numpy_before[1])
    assert numpy_after[2:] == numpy_before[2:]


def test_which_methods_are_random() -> None:
    assert set(RANDOM) == {
        *("smoothgrad", "smoothgrad_squared", "vargrad", "gradient_shap", "deeplift_shap", "kernel_shap", "lime")
    }


# --- the record


@pytest.mark.parametrize("method", METHODS)
def test_record_says_what_was_done(tiny: ResNet, method: str) -> None:
    how = METHODS[method]
    record = run(tiny, pictures(2, 32, 48), method, target=[0, 1])
    assert record.method == method == how.id
    assert record.map.shape == (2, 32, 48)
    assert record.signed is how.signed
    assert bool((record.map < 0).any()) is how.signed
    assert (record.delta is not None) is how.completeness
    assert record.delta is None or record.delta.shape == (2,)
    assert 0 < record.seconds < 60
    assert set(record.options) == {option.name for option in how.options}
    for tensor in (record.map, record.raw, record.target, record.delta):
        assert tensor is None or not (tensor.requires_grad or tensor.is_inference())


def test_defaults_are_resolved_in_the_record(small: ResNet) -> None:
    assert attribute(small, pictures(1, 32, 32)).options == {"steps": 32, "baseline": "black"}
    assert attribute(small, pictures(1, 32, 32), steps=9).options == {"steps": 9, "baseline": "black"}
    assert attribute(small, pictures(1, 32, 32), method="saliency").options == {}


def test_the_methods_and_their_families() -> None:
    assert tuple(sorted(METHODS)) == tuple(sorted(IDS))
    assert all(name == method.id for name, method in METHODS.items())
    families = [method.family for method in METHODS.values()]
    assert families == sorted(families, key=["gradient", "path", "rule", "perturbation", "activation"].index)
    assert len({method.title for method in METHODS.values()}) == len(METHODS)


def test_what_is_absent_says_why() -> None:
    assert "Layer-wise relevance propagation" in ABSENT_METHODS
    assert not set(ABSENT_METHODS) & {method.title for method in METHODS.values()}
    assert all(reason.endswith(".") for reason in ABSENT_METHODS.values())


def test_captums_relevances_are_as_far_from_the_logit_as_is_said() -> None:
    ours = rc.load("resnet18", "imagenette", device="cpu")
    theirs = torchvision.models.resnet18(weights=None, num_classes=10).eval()
    theirs.load_state_dict(ours.state_dict())
    ratios = []
    for sample in ("golf-ball", "cat", "coffee"):
        batch = rc.preprocess(SAMPLES[sample].load(), ours)
        target = int(rc.predict(ours, batch, top=1)["index"][0])
        relevance = captum.attr.LRP(copy.deepcopy(theirs)).attribute(batch.clone().requires_grad_(), target=target)
        ratios.append(float((relevance.sum() / ours(batch)[0, target]).detach()))
    assert "more than a million times as large, with either sign" in ABSENT_METHODS["Layer-wise relevance propagation"]
    assert min(map(abs, ratios)) > 1e6
    assert min(ratios) < 0 < max(ratios)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_says_to_people_what_it_is(method: Method) -> None:
    helps = [option.help for option in method.options]
    sentences = (method.idea, method.sign, method.cannot, *helps)
    for text in (method.title, method.paper, *sentences):
        assert text == text.strip()
        assert text
    assert all(sentence.endswith((".", "?")) for sentence in sentences)
    assert method.paper[-4:].isdigit()


def test_a_relu_that_is_off_makes_the_record_signed(tiny: ResNet) -> None:
    batch = pictures(4, 32, 32)
    on, off = (run(tiny, batch, "grad_cam", target=1, relu=relu) for relu in ("on", "off"))
    assert not on.signed
    assert off.signed
    assert off.map.min() < 0 <= on.map.min()
    assert_close(on.raw, off.raw.clamp(min=0))


@pytest.mark.parametrize("method", METHODS)
def test_a_method_costs_the_passes_it_announces(tiny: ResNet, method: str) -> None:
    seen = {"forward": 0, "backward": 0}

    class CountingHead(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            seen["forward"] += len(x)
            logits = super().forward(x)
            if logits.requires_grad:
                logits.register_hook(lambda gradient: seen.update(backward=seen["backward"] + len(gradient)))
            return logits

    tiny.fc = CountingHead(8, 10)
    record = run(tiny, pictures(3, 32, 32), method, target=0)
    passes = METHODS[method].passes(record.options)
    counted = dict(seen)
    if METHODS[method].at_most:
        assert 3 < counted["forward"] <= 3 * passes.forward
        assert counted["backward"] == passes.backward == 0
    else:
        assert counted == {"forward": 3 * passes.forward, "backward": 3 * passes.backward}
    run(tiny, pictures(3, 32, 32), method, target=None)
    assert seen["forward"] == 2 * counted["forward"] + 3  # a class is predicted for each picture


# --- targets, options, errors


def test_target_is_each_pictures_predicted_class_unless_told(small: ResNet) -> None:
    batch = pictures(6, 32, 32)
    with torch.no_grad():
        predicted = small(batch).argmax(1)
    record = attribute(small, batch, method="saliency")
    assert torch.equal(record.target, predicted)
    assert torch.equal(record.map, attribute(small, batch, predicted, "saliency").map)


def test_one_number_is_the_target_of_every_picture(small: ResNet) -> None:
    batch = pictures(2, 32, 32)
    one = attribute(small, batch, 3, "saliency")
    assert one.target.tolist() == [3, 3]
    for same in ([3, 3], (3, 3), torch.tensor([3, 3]), torch.tensor(3), torch.tensor([3, 3]).numpy()):
        assert torch.equal(attribute(small, batch, same, "saliency").map, one.map)
    assert not torch.equal(attribute(small, batch, [3, 4], "saliency").map, one.map)


def test_the_record_keeps_its_target_when_the_callers_tensor_changes(small: ResNet) -> None:
    target = torch.tensor([1, 2])
    record = attribute(small, pictures(2, 32, 32), target, "saliency")
    target.fill_(9)
    assert record.target.tolist() == [1, 2]


@pytest.mark.parametrize("method", ["integrated_gradients", "deeplift"])
def test_rounding_does_not_pass_for_a_map(small: ResNet, method: str) -> None:
    """Of one colour, a picture is its own blur but for rounding; the map was noise of size 1e-8, and called sound."""
    batch = torch.cat([torch.full((1, 3, 32, 32), 0.37), pictures(1, 32, 32)])
    record = attribute(small, batch, 1, method, baseline="blur")
    assert record.delta is not None
    assert not record.map[0].any()
    assert not record.raw[0].any()
    assert record.delta[0] == 0
    assert record.map[1].any()


WRONG_TARGETS = [10, -1, [0], [0, 1, 2], [0, 10], 1.0, [0.5, 1.0], True, "tench", [None, 1], [[0, 1]], [], 2**70]


@pytest.mark.parametrize("target", WRONG_TARGETS, ids=repr)
def test_wrong_targets_are_named_with_what_is_allowed(small: ResNet, target: Any) -> None:
    with pytest.raises(
        ResNetCoreError, match=r"The target (is|holds) .*from 0 to 9 \(the network tells 10 classes apart\).* 2 of"
    ):
        attribute(small, pictures(2, 32, 32), target, "saliency")


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        (
            "lrp",
            {},
            r"The method is 'lrp', but must be one of 'saliency', 'input_x_gradient', 'smoothgrad', ",
        ),
        ("saliency", {"steps": 8}, r"Saliency has no option 'steps'; it has none\."),
        ("integrated_gradients", {"step": 8}, r"Integrated gradients has no option 'step'; it has steps, baseline\."),
        ("integrated_gradients", {"steps": 7}, r"The option steps is 7, but must be a whole number from 8 to 256\."),
        ("integrated_gradients", {"steps": 257}, r"The option steps is 257, .* from 8 to 256\."),
        ("integrated_gradients", {"steps": 16.0}, r"The option steps is 16\.0, but must be a whole number"),
        ("integrated_gradients", {"steps": True}, r"The option steps is True, but must be a whole number"),
        ("integrated_gradients", {"steps": "16"}, r"The option steps is '16', but must be a whole number"),
        ("integrated_gradients", {"steps": None}, r"The option steps is None, but must be a whole number"),
        (
            "integrated_gradients",
            {"baseline": "red"},
            r"baseline is 'red', .* one of 'blur', 'mean', 'black',",
        ),
        ("grad_cam", {"layer": "layer4"}, r"layer is 'layer4', .* one of 'layer1\.0', .*, 'layer3\.2', 'layer3'\."),
        ("grad_cam", {"layer": None}, r"layer is None, .* one of 'layer1\.0', .*, 'layer3\.2', 'layer3'\."),
        ("grad_cam", {"point": "stem"}, r"point is 'stem', .* one of 'output', 'sum', 'residual'\."),
        ("smoothgrad", {"noise": 0.6}, r"The option noise is 0\.6, but must be a number from 0\.01 to 0\.5\."),
        ("smoothgrad", {"seed": -1}, r"The option seed is -1, but must be a whole number from 0 to 9999\."),
        ("lime", {"superpixels": 129}, r"The option superpixels is 129, .* from 8 to 128\."),
        ("occlusion", {"fill": "red"}, r"fill is 'red', .* one of 'blur', 'mean', 'black', 'white'\."),
    ],
)
def test_wrong_methods_and_options_are_named_with_what_is_allowed(
    small: ResNet, method: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ResNetCoreError, match=message):
        attribute(small, pictures(1, 32, 32), 0, method, **options)


def test_a_wrong_batch_is_refused(small: ResNet) -> None:
    with pytest.raises(ResNetCoreError, match=r"The batch is \(3, 32, 32\), but a network reads"):
        attribute(small, pictures(1, 32, 32)[0])
    with pytest.raises(ResNetCoreError, match=r"The batch is torch\.uint8"):
        attribute(small, torch.zeros(1, 3, 32, 32, dtype=torch.uint8))


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_the_layers_offered_are_the_blocks_and_stages_of_the_network_in_depth_order(variant: Any) -> None:
    model = build(variant, device="meta")
    expected: list[str] = []
    for stage in model.stages:
        expected += [*(name for name, _ in model.named_blocks() if name.startswith(f"{stage}.")), stage]
    for method in ("grad_cam", "guided_grad_cam", "layer_conductance"):
        layer = METHODS[method].options[0]
        assert layer.choices is not None
        assert list(layer.choices(variant)) == expected
        assert layer.resolve({}, variant) == expected[-1]


def test_numbers_of_an_option_are_whole_only_if_its_default_is() -> None:
    noise = Option("noise", "Spread.", default=0.1, low=0.0, high=1.0)
    variant = VARIANTS["resnet20"]
    assert noise.resolve({}, variant) == 0.1
    for given in (1, 0.5, torch.tensor(0.25).numpy()[()]):
        value = noise.resolve({"noise": given}, variant)
        assert isinstance(value, float)
        assert value == given
    for wrong in (float("nan"), 1.5, "0.5", True):
        with pytest.raises(ResNetCoreError, match=r"The option noise is .*, but must be a number from 0\.0 to 1\.0\."):
            noise.resolve({"noise": wrong}, variant)
    steps = Option("steps", "Points.", default=32, low=8, high=256)
    assert type(steps.resolve({"steps": torch.tensor(9).numpy()[()]}, variant)) is int


# --- nothing is left behind


class Stop(Exception):
    """Raised by a test's progress to cancel the work."""


class FailingBlock(nn.Module):
    @property
    def hook_points(self) -> dict[str, HookPoint]:
        return {"y": HookPoint(self, at_input=False)}

    def forward(self, x: Tensor) -> Tensor:
        raise FloatingPointError("this block is broken")


def _change_statistics(model: ResNet) -> None:
    model.bn1.running_mean.add_(1e-3)  # type: ignore[union-attr, operator]


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.layer2[0].bn1.register_forward_hook(lambda *_: None),
        lambda model: model.layer2[0].relu.register_full_backward_hook(lambda *_: None),
        lambda model: model.layer2[0].train(),
        lambda model: model.fc.weight.requires_grad_(False),
        lambda model: setattr(model.fc.weight, "grad", torch.zeros_like(model.fc.weight)),
        lambda model: setattr(model.fc, "weight", nn.Parameter(model.fc.weight.detach())),
        _change_statistics,
    ],
)
def test_the_fingerprint_sees_every_kind_of_change(small: ResNet, change: Callable[[ResNet], object]) -> None:
    before = fingerprint(small)
    assert fingerprint(small) == before
    change(small)
    assert fingerprint(small) != before


def cancel_at(share: float) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done >= share * total:
            raise Stop("nobody waits any more")

    return progress


SITUATIONS: dict[str, tuple[dict[str, Any], type[Exception] | None]] = {
    "normal": ({}, None),
    "predicted target": ({"target": None}, None),
    "wrong target": ({"target": 10}, ResNetCoreError),
    "failing block": ({}, FloatingPointError),
    "cancelled at once": ({"progress": cancel_at(0)}, Stop),
    "cancelled on the way": ({"progress": cancel_at(0.4)}, Stop),
    "cancelled backward": ({"progress": cancel_at(0.6)}, Stop),
    "cancelled at the end": ({"progress": cancel_at(1)}, Stop),
}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_left_on_the_model_or_the_batch(method: str, situation: str) -> None:
    model = build(TINY, seed=0)  # in train mode, where a stray forward pass would move the statistics
    if situation == "failing block":
        model.layer3[1] = FailingBlock()  # type: ignore[index, operator]
    more, error = SITUATIONS[situation]
    batch = pictures(2, 32, 32)
    before, pixels = fingerprint(model), batch.clone()
    call = {"target": 1, **more}
    if error is None:
        run(model, batch, method, **call)
    else:
        with pytest.raises(error, match=r"target|broken|nobody"):
            run(model, batch, method, **call)
    assert fingerprint(model) == before
    assert torch.equal(batch, pixels)
    assert not batch.requires_grad
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize("method", METHODS)
def test_a_picture_that_asks_for_gradients_gets_none(tiny: ResNet, method: str) -> None:
    batch = pictures(1, 32, 32).requires_grad_()
    run(tiny, batch, method)
    assert batch.grad is None
    assert batch.requires_grad


@pytest.mark.parametrize("method", METHODS)
def test_eval_mode_is_used_whatever_the_models_mode(method: str) -> None:
    model = build(TINY, seed=0)
    batch = pictures(3, 32, 32)
    training = run(model.train(), batch, method, target=2)
    assert torch.equal(training.map, run(model.eval(), batch, method, target=2).map)


@pytest.mark.parametrize("method", METHODS)
def test_works_without_gradients_and_in_inference_mode(tiny: ResNet, method: str) -> None:
    batch = pictures(2, 32, 32)
    expected = run(tiny, batch, method)
    with torch.no_grad():
        inside_no_grad = run(tiny, batch, method)
        assert not torch.is_grad_enabled()
    with torch.inference_mode():
        inside_inference = run(tiny, batch, method)
        assert torch.is_inference_mode_enabled()
        made_there = pictures(2, 32, 32)
        model_made_there = build(TINY, seed=0).eval()
        target_made_there = expected.target.clone()
    batch_from_inference = run(tiny, made_there, method, target=target_made_there)
    model_from_inference = run(model_made_there, batch, method)
    for record in (inside_no_grad, inside_inference, batch_from_inference, model_from_inference):
        assert torch.equal(record.map, expected.map)
        assert torch.equal(record.target, expected.target)
        for tensor in (record.map, record.raw, record.target, record.delta):
            assert tensor is None or not (tensor.is_inference() or tensor.requires_grad)


def test_the_view_shares_the_models_weights(small: ResNet) -> None:
    view = gradient_free_view(small)
    for mine, theirs in zip(view.parameters(), small.parameters(), strict=True):
        assert mine.data_ptr() == theirs.data_ptr()
        assert not mine.requires_grad
        assert theirs.requires_grad


def test_threads_on_one_model_get_what_each_gets_alone(tiny: ResNet) -> None:
    calls = [(method, seed) for seed in range(2) for method in METHODS]
    alone = [run(tiny, pictures(2, 32, 32, seed), method) for method, seed in calls]
    before = fingerprint(tiny)
    start = Barrier(len(calls))

    def work(call: tuple[str, int]) -> list[AttributionRecord]:
        method, seed = call
        start.wait(timeout=20)
        return [run(tiny, pictures(2, 32, 32, seed), method, progress=lambda _done, _total: None) for _ in range(2)]

    with ThreadPoolExecutor(len(calls)) as pool:
        together = list(pool.map(work, calls))
    for expected, records in zip(alone, together, strict=True):
        for record in records:
            assert torch.equal(record.raw, expected.raw)
            assert torch.equal(record.map, expected.map)
            assert torch.equal(record.target, expected.target)
    assert fingerprint(tiny) == before


# --- progress, NaN


@pytest.mark.parametrize("target", [None, 0])
@pytest.mark.parametrize("method", METHODS)
def test_progress_counts_up_to_the_total(tiny: ResNet, method: str, target: int | None) -> None:
    seen: list[tuple[int, int]] = []
    record = run(tiny, pictures(3, 32, 32), method, target=target, progress=lambda *report: seen.append(report))
    passes = sum(METHODS[method].passes(record.options)) + (target is None)
    total = 4 * passes * 3  # blocks, passes, pictures
    done = [report[0] for report in seen]
    assert {report[1] for report in seen} == {total}
    assert done == sorted(done)
    assert done.count(total) == 1
    assert done[0] == 0
    steps = [after - before for before, after in zip(done, done[1:], strict=False)]
    assert max(steps[:-1]) <= methods.at_once(torch.empty(1, 3, 32, 32))
    if not METHODS[method].at_most and METHODS[method].family != "activation":  # whose way back ends at the layer
        assert done[-2] >= total - 30


def test_progress_is_called_on_the_callers_thread_only(small: ResNet) -> None:
    seen: list[tuple[int, int]] = []
    view = gradient_free_view(small)
    finish = maps._report_passes(view, lambda *report: seen.append(report), passes=2)
    with ThreadPoolExecutor(1) as another:  # as a GPU's backward pass does
        another.submit(view, pictures(1, 32, 32)).result(timeout=20)
    assert seen == []
    view(pictures(1, 32, 32))
    finish()
    assert seen == [(done, 18) for done in range(9, 19)]


@pytest.mark.parametrize("method", METHODS)
def test_nan_stays_where_it_belongs(tiny: ResNet, method: str) -> None:
    batch = pictures(2, 32, 32)
    clean = run(tiny, batch, method, target=1)
    batch[1, 0, 5, 5] = float("nan")
    record = run(tiny, batch, method, target=1)
    if method not in GRADIENT_AT_NAN:  # a ReLU's gradient at NaN is a number
        assert record.map[1].isnan().any()
    assert_close(record.map[0], clean.map[0])
    assert run(tiny, batch, method).map.shape == (2, 32, 32)  # a class is predicted even from NaN logits


@pytest.mark.parametrize("method", METHODS)
def test_a_model_with_nan_gives_nan(tiny: ResNet, method: str) -> None:
    with torch.no_grad():
        tiny.fc.weight.fill_(float("nan"))
    assert run(tiny, pictures(1, 32, 32), method).map.isnan().any()
