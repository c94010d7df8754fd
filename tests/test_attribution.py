"""Attribution maps against Captum on torchvision's network, autograd by hand, and the laws of each method."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_core import attribution, attribution_methods
from resnet_core.attribution import METHODS, Option, attribute
from resnet_core.errors import ResNetCoreError
from resnet_core.model import ResNet, build
from resnet_core.private_view import gradient_free_view
from resnet_core.records import AttributionRecord
from resnet_core.variants import VARIANTS
from tests.fingerprints import fingerprint

CHEAP: dict[str, dict[str, Any]] = {"integrated_gradients": {"steps": 8}}
IMAGENET_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
IMAGENET_STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def pictures(count: int, height: int, width: int, seed: int = 0) -> Tensor:
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(seed))


def run(model: ResNet, batch: Tensor, method: str, **more: Any) -> AttributionRecord:
    return attribute(model, batch, method=method, **{**CHEAP.get(method, {}), **more})


def assert_close(ours: Tensor, reference: Tensor) -> None:
    """Equal to 1e-5 of the reference's largest value."""
    reference = reference.detach()
    assert ours.shape == reference.shape
    torch.testing.assert_close(ours, reference, rtol=0, atol=1e-5 * float(reference.abs().max()))


@pytest.fixture
def small() -> ResNet:
    return build("resnet20", seed=0).eval()


@pytest.fixture
def resnet18() -> ResNet:
    return build("resnet18", seed=1).eval()


@pytest.fixture
def torchvisions(resnet18: ResNet) -> nn.Module:
    import torchvision

    model: nn.Module = torchvision.models.resnet18()
    # in the same memory order too: another one rounds differently, and at a ReLU's kink that is a different gradient
    model.load_state_dict({key: value.clone() for key, value in resnet18.state_dict().items()}, assign=True)
    return model.eval()


# --- the numbers


def captum_directly(model: Any, batch: Tensor, target: Tensor, method: str) -> tuple[Tensor, Tensor | None]:
    from captum.attr import InputXGradient, IntegratedGradients, LayerGradCam, Saliency

    leaf = batch.clone().requires_grad_()
    if method == "saliency":
        return Saliency(model).attribute(leaf, target=target), None
    if method == "input_x_gradient":
        return InputXGradient(model).attribute(leaf, target=target), None
    if method == "grad_cam":
        return LayerGradCam(model, model.layer4).attribute(leaf, target=target, relu_attributions=True), None
    black = (-IMAGENET_MEAN / IMAGENET_STD).expand_as(batch)
    raw, delta = IntegratedGradients(model).attribute(
        leaf, baselines=black, target=target, n_steps=8, return_convergence_delta=True
    )
    return raw, delta


@pytest.mark.parametrize("method", METHODS)
def test_equals_captum_called_directly_on_torchvisions_network(
    resnet18: ResNet, torchvisions: nn.Module, method: str
) -> None:
    batch, target = pictures(3, 64, 64), torch.tensor([3, 999, 0])
    raw, delta = captum_directly(torchvisions, batch, target, method)
    record = run(resnet18, batch, method, target=target)
    assert_close(record.raw, raw)
    assert (record.delta is None) == (delta is None)
    if delta is not None and record.delta is not None:
        with torch.no_grad():
            scale = float(torchvisions(batch).abs().max())
        torch.testing.assert_close(record.delta, delta.detach().to(record.delta), rtol=0, atol=1e-5 * scale)


def test_saliency_is_the_largest_absolute_gradient_of_the_three_colours(small: ResNet) -> None:
    batch = pictures(2, 32, 32).requires_grad_()
    logits = small(batch)
    (gradient,) = torch.autograd.grad(logits[0, 4] + logits[1, 7], batch)
    record = attribute(small, batch, [4, 7], "saliency")
    assert_close(record.raw, gradient.abs())
    for picture in range(2):
        by_hand = torch.maximum(
            torch.maximum(gradient[picture, 0].abs(), gradient[picture, 1].abs()), gradient[picture, 2].abs()
        )
        assert_close(record.map[picture], by_hand)


def test_input_x_gradient_is_the_signed_product_summed_over_colours(small: ResNet) -> None:
    batch = pictures(1, 32, 32).requires_grad_()
    (gradient,) = torch.autograd.grad(small(batch)[0, 4], batch)
    record = attribute(small, batch, 4, "input_x_gradient")
    product = batch.detach() * gradient
    assert_close(record.map, product[:, 0] + product[:, 1] + product[:, 2])
    assert record.map.min() < 0 < record.map.max()


@pytest.mark.parametrize(
    ("baseline", "level"), [("black", torch.tensor(0.0)), ("white", torch.tensor(1.0)), ("mean", IMAGENET_MEAN)]
)
def test_integrated_gradients_sum_to_the_difference_of_the_two_logits(
    resnet18: ResNet, baseline: str, level: Tensor
) -> None:
    batch = pictures(2, 64, 64)
    target = torch.tensor([5, 6])
    start = ((level - IMAGENET_MEAN) / IMAGENET_STD).expand_as(batch)
    with torch.no_grad():
        difference = (resnet18(batch) - resnet18(start)).gather(1, target[:, None])[:, 0]
    record = attribute(resnet18, batch, target, steps=16, baseline=baseline)
    assert record.delta is not None
    total = record.raw.sum((1, 2, 3))
    assert_close(total - record.delta, difference)
    assert_close(record.map.sum((1, 2)), total)


def test_more_steps_bring_the_completeness_error_down(small: ResNet) -> None:
    few, many = (attribute(small, pictures(2, 32, 32), 3, steps=steps).delta for steps in (8, 128))
    assert few is not None
    assert many is not None
    assert many.abs().max() < 0.25 * few.abs().max()


def test_without_biases_a_path_from_zero_gives_input_times_gradient(small: ResNet) -> None:
    # untrained, every layer but the head's bias scales with its input: the gradient is the same all along the way
    small.double()  # rounding must not tip a ReLU on the way
    batch = pictures(2, 32, 32)
    path = attribute(small, batch, 3, steps=8, baseline="mean")
    assert path.delta is not None
    assert path.delta.abs().max() < 1e-5
    assert_close(path.raw, attribute(small, batch, 3, "input_x_gradient").raw)


def test_pixels_of_the_baselines_own_colour_get_nothing(resnet18: ResNet) -> None:
    batch = pictures(1, 64, 64)
    batch[:, :, :32] = -IMAGENET_MEAN / IMAGENET_STD
    black_half = attribute(resnet18, batch, 5, steps=8).map[:, :32]
    assert (black_half == 0).all()
    assert (attribute(resnet18, batch, 5, steps=8, baseline="white").map[:, :32] != 0).any()


@pytest.mark.parametrize("layer", ["layer1", "layer2", "layer3", "layer4"])
def test_grad_cam_is_relu_of_maps_weighted_by_their_mean_gradients(resnet18: ResNet, layer: str) -> None:
    from captum.attr import LayerAttribution

    batch = pictures(2, 64, 96)
    names = list(resnet18.stages)
    with torch.no_grad():
        maps = resnet18.stem(batch)
        for name in names[: names.index(layer) + 1]:
            maps = resnet18.stages[name](maps)
    maps.requires_grad_()
    out = maps
    for name in names[names.index(layer) + 1 :]:
        out = resnet18.stages[name](out)
    logits = resnet18.head(out)
    (gradients,) = torch.autograd.grad(logits[0, 8] + logits[1, 9], maps)
    weights = gradients.mean((2, 3), keepdim=True)
    by_hand = (weights * maps).sum(1, keepdim=True).clamp(min=0)
    record = attribute(resnet18, batch, [8, 9], "grad_cam", layer=layer)
    assert by_hand.max() > 0
    assert_close(record.raw, by_hand)
    assert_close(record.map[:, None], LayerAttribution.interpolate(by_hand, (64, 96), interpolate_mode="bilinear"))


def test_grad_cam_takes_the_last_stage_unless_told(small: ResNet, resnet18: ResNet) -> None:
    assert attribute(small, pictures(1, 32, 32), 0, "grad_cam").options == {"layer": "layer3"}
    assert attribute(resnet18, pictures(1, 64, 64), 0, "grad_cam").options == {"layer": "layer4"}


@pytest.mark.parametrize("method", METHODS)
def test_a_long_batch_is_what_its_pictures_are_alone(
    small: ResNet, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.double()  # batches of other sizes round differently, which a ReLU's kink would make visible
    batch = pictures(3, 32, 32)
    whole = run(small, batch, method)
    monkeypatch.setattr(attribution_methods, "PICTURES_AT_ONCE", 2)
    parts = run(small, batch, method)
    assert_close(parts.raw, whole.raw)
    assert_close(parts.map, whole.map)
    assert torch.equal(parts.target, whole.target)
    for index in range(3):
        assert_close(parts.map[index], run(small, batch[index : index + 1], method).map[0])


@pytest.mark.parametrize(
    ("height", "width", "at_once"), [(224, 224, 4), (32, 32, 32), (96, 96, 21), (224, 448, 2), (2000, 2000, 1)]
)
def test_memory_is_bounded_by_pixels_in_one_pass(height: int, width: int, at_once: int) -> None:
    assert attribution_methods.at_once(torch.empty(9, 3, height, width, device="meta")) == at_once


# --- the record


@pytest.mark.parametrize("method", METHODS)
def test_record_says_what_was_done(small: ResNet, method: str) -> None:
    how = METHODS[method]
    record = attribute(small, pictures(2, 32, 48), method=method)
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


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_says_to_people_what_it_is(method: Any) -> None:
    for text in (method.title, method.idea, method.sign, method.paper, *(option.help for option in method.options)):
        assert text == text.strip()
        assert text
    assert method.idea.endswith(".")
    assert method.sign.endswith(".")
    assert method.paper[-4:].isdigit()


@pytest.mark.parametrize("method", METHODS)
def test_a_method_costs_the_passes_it_announces(small: ResNet, method: str) -> None:
    seen = {"forward": 0, "backward": 0}

    class CountingHead(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            seen["forward"] += len(x)
            logits = super().forward(x)
            if logits.requires_grad:
                logits.register_hook(lambda gradient: seen.update(backward=seen["backward"] + len(gradient)))
            return logits

    small.fc = CountingHead(64, 10)
    record = run(small, pictures(3, 32, 32), method, target=0)
    passes = METHODS[method].passes(record.options)
    assert seen == {"forward": 3 * passes.forward, "backward": 3 * passes.backward}
    before = seen["forward"]
    run(small, pictures(3, 32, 32), method, target=None)
    assert seen["forward"] - before == 3 * (passes.forward + 1)


def test_grad_cam_records_nothing_below_its_layer(resnet18: ResNet) -> None:
    saved: list[torch.Size] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor.shape)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        attribute(resnet18, pictures(1, 64, 64), 0, "grad_cam")
        assert len(saved) < 10
        attribute(resnet18, pictures(1, 64, 64), 0, "saliency")
        assert len(saved) > 60


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


WRONG_TARGETS = [10, -1, [0], [0, 1, 2], [0, 10], 1.0, [0.5, 1.0], True, "tench", [None, 1], [[0, 1]], [], 2**70]


@pytest.mark.parametrize("target", WRONG_TARGETS, ids=repr)
def test_wrong_targets_are_named_with_what_is_allowed(small: ResNet, target: Any) -> None:
    with pytest.raises(
        ResNetCoreError, match=r"The target is .*from 0 to 9 \(the network tells 10 classes apart\).* 2 of"
    ):
        attribute(small, pictures(2, 32, 32), target, "saliency")


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        (
            "lrp",
            {},
            r"The method is 'lrp', but must be one of 'saliency', 'input_x_gradient', 'integrated_gradients', ",
        ),
        ("saliency", {"steps": 8}, r"Saliency has no option 'steps'; it has none\."),
        ("integrated_gradients", {"step": 8}, r"Integrated gradients has no option 'step'; it has steps, baseline\."),
        ("integrated_gradients", {"steps": 7}, r"The option steps is 7, but must be a whole number from 8 to 256\."),
        ("integrated_gradients", {"steps": 257}, r"The option steps is 257, .* from 8 to 256\."),
        ("integrated_gradients", {"steps": 16.0}, r"The option steps is 16\.0, but must be a whole number"),
        ("integrated_gradients", {"steps": True}, r"The option steps is True, but must be a whole number"),
        ("integrated_gradients", {"steps": "16"}, r"The option steps is '16', but must be a whole number"),
        ("integrated_gradients", {"steps": None}, r"The option steps is None, but must be a whole number"),
        ("integrated_gradients", {"baseline": "red"}, r"baseline is 'red', .* one of 'black', 'mean', 'white'\."),
        ("grad_cam", {"layer": "layer4"}, r"layer is 'layer4', .* one of 'layer1', 'layer2', 'layer3'\."),
        ("grad_cam", {"layer": None}, r"layer is None, .* one of 'layer1', 'layer2', 'layer3'\."),
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
def test_the_layers_offered_are_the_stages_of_the_network(variant: Any) -> None:
    (layer,) = METHODS["grad_cam"].options
    assert layer.choices is not None
    assert list(layer.choices(variant)) == list(build(variant, device="meta").stages)


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
    model = build("resnet20", seed=0)  # in train mode, where a stray forward pass would move the statistics
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
def test_a_picture_that_asks_for_gradients_gets_none(small: ResNet, method: str) -> None:
    batch = pictures(1, 32, 32).requires_grad_()
    run(small, batch, method)
    assert batch.grad is None
    assert batch.requires_grad


@pytest.mark.parametrize("method", METHODS)
def test_eval_mode_is_used_whatever_the_models_mode(method: str) -> None:
    model = build("resnet20", seed=0)
    batch = pictures(3, 32, 32)
    training = run(model.train(), batch, method, target=2)
    assert torch.equal(training.map, run(model.eval(), batch, method, target=2).map)


@pytest.mark.parametrize("method", METHODS)
def test_works_without_gradients_and_in_inference_mode(small: ResNet, method: str) -> None:
    batch = pictures(2, 32, 32)
    expected = run(small, batch, method)
    with torch.no_grad():
        inside_no_grad = run(small, batch, method)
        assert not torch.is_grad_enabled()
    with torch.inference_mode():
        inside_inference = run(small, batch, method)
        assert torch.is_inference_mode_enabled()
        made_there = pictures(2, 32, 32)
        model_made_there = build("resnet20", seed=0).eval()
        target_made_there = expected.target.clone()
    batch_from_inference = run(small, made_there, method, target=target_made_there)
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


def test_eight_threads_on_one_model_get_what_each_gets_alone(small: ResNet) -> None:
    calls = [(method, seed) for seed in range(2) for method in METHODS]
    alone = [run(small, pictures(2, 32, 32, seed), method) for method, seed in calls]
    before = fingerprint(small)
    start = Barrier(len(calls))

    def work(call: tuple[str, int]) -> list[AttributionRecord]:
        method, seed = call
        start.wait(timeout=20)
        return [run(small, pictures(2, 32, 32, seed), method, progress=lambda _done, _total: None) for _ in range(2)]

    with ThreadPoolExecutor(len(calls)) as pool:
        together = list(pool.map(work, calls))
    for expected, records in zip(alone, together, strict=True):
        for record in records:
            assert torch.equal(record.raw, expected.raw)
            assert torch.equal(record.map, expected.map)
            assert torch.equal(record.target, expected.target)
    assert fingerprint(small) == before


# --- progress, NaN, imports


@pytest.mark.parametrize("target", [None, 0])
@pytest.mark.parametrize("method", METHODS)
def test_progress_counts_up_to_the_total(small: ResNet, method: str, target: int | None) -> None:
    seen: list[tuple[int, int]] = []
    record = run(small, pictures(3, 32, 32), method, target=target, progress=lambda *report: seen.append(report))
    passes = sum(METHODS[method].passes(record.options)) + (target is None)
    total = 9 * passes * 3  # blocks, passes, pictures
    done = [report[0] for report in seen]
    assert {report[1] for report in seen} == {total}
    assert done == sorted(done)
    assert done.count(total) == 1
    assert done[0] == 0
    steps = [after - before for before, after in zip(done, done[1:], strict=False)]
    assert max(steps[:-1]) <= attribution_methods.at_once(torch.empty(1, 3, 32, 32))
    if method != "grad_cam":  # whose way back ends at the layer
        assert done[-2] >= total - 30


def test_progress_is_called_on_the_callers_thread_only(small: ResNet) -> None:
    seen: list[tuple[int, int]] = []
    view = gradient_free_view(small)
    finish = attribution._report_passes(view, lambda *report: seen.append(report), passes=2)
    with ThreadPoolExecutor(1) as another:  # as a GPU's backward pass does
        another.submit(view, pictures(1, 32, 32)).result(timeout=20)
    assert seen == []
    view(pictures(1, 32, 32))
    finish()
    assert seen == [(done, 18) for done in range(9, 19)]


@pytest.mark.parametrize("method", METHODS)
def test_nan_stays_where_it_belongs(small: ResNet, method: str) -> None:
    batch = pictures(2, 32, 32)
    clean = run(small, batch, method, target=1)
    batch[1, 0, 5, 5] = float("nan")
    record = run(small, batch, method, target=1)
    if method != "saliency":  # a ReLU's gradient at NaN is a number
        assert record.map[1].isnan().any()
    assert_close(record.map[0], clean.map[0])
    assert run(small, batch, method).map.shape == (2, 32, 32)  # a class is predicted even from NaN logits


@pytest.mark.parametrize("method", METHODS)
def test_a_model_with_nan_gives_nan(small: ResNet, method: str) -> None:
    with torch.no_grad():
        small.fc.weight.fill_(float("nan"))
    assert run(small, pictures(1, 32, 32), method).map.isnan().any()


def heavy_after(statement: str) -> set[str]:
    """Which heavy libraries a fresh interpreter holds after `statement`."""
    code = f"{statement}\nimport sys\nprint(*({{'captum', 'torchvision', 'matplotlib'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    return set(done.stdout.split())


def test_captum_is_not_imported_before_a_map_is_made() -> None:
    assert heavy_after("import resnet_core.attribution") == set()
    assert heavy_after("import matplotlib") == {"matplotlib"}  # the check can fail
