"""Gradient flow: arithmetic by hand, finite differences, torchvision's network, torch's own SGD."""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_core.errors import ResNetCoreError
from resnet_core.gradients.flow import gradient_flow
from resnet_core.nets.model import ResNet, build
from resnet_core.variants import VARIANTS, Stem, Variant
from tests.fingerprints import fingerprint

MEASURED = [
    *("grad_norm", "weight_norm", "relative_update", "grad_norm_at_unit_weight"),
    *("activation_std", "input_grad_norm", "zeros"),
]


def pictures(count: int, size: int = 32, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Noise and labels."""
    generator = torch.Generator().manual_seed(seed)
    batch = torch.randn(count, 3, size, size, generator=generator)
    return batch, torch.randint(0, 10, (count,), generator=generator)


def tiny(blocks: tuple[int, ...], width: int, stem: int) -> Variant:
    """A CIFAR net of a handful of weights, whose stem has a `stem` x `stem` kernel."""
    widths = tuple(width * 2**index for index in range(len(blocks)))
    return replace(VARIANTS["resnet20"], name="tiny", blocks=blocks, widths=widths, stem=Stem(stem, 1, width, False))


def same(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    """Equal bit for bit, notes included."""
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    return first.attrs == second.attrs


# --- what the numbers are


@pytest.mark.parametrize(("shortcut", "carried"), [("A", 1), ("none", 0)])
def test_a_block_worked_out_by_hand(shortcut: Any, carried: int) -> None:
    """One pixel a picture, so only the middle of a 3x3 kernel counts: 1 x 1 arithmetic.

    Picture (1, 2, 2): stem 0.5*2 + 0.5*2 = 2; conv1 0.5*2 = 1; conv2 3*1 = 3; y = 3 + 2 carried. Picture (0, 0, 0)
    gives 0 everywhere, and ReLU passes no gradient at 0. The head makes the logits (0, ln 3) of the first, so p = 1/4
    and 3/4, and (0, 0) of the second.
    """
    variant = tiny((1,), width=1, stem=1)
    model = build(variant, shortcut=shortcut, norm="none", num_classes=2, seed=0)
    y = 3 + 2 * carried
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.conv1.weight.copy_(torch.tensor([0, 0.5, 0.5]).view(1, 3, 1, 1))
        model.layer1[0].conv1.weight[0, 0, 1, 1] = 0.5
        model.layer1[0].conv2.weight[0, 0, 1, 1] = 3
        model.fc.weight[1, 0] = math.log(3) / y
    batch = torch.tensor([[1.0, 2, 2], [0, 0, 0]]).view(2, 3, 1, 1)
    table = gradient_flow(variant, batch, torch.tensor([0, 1]), norm="none", weights=model, lr=0.1)

    assert table.attrs["losses"] == [pytest.approx((math.log(4) + math.log(2)) / 2)]
    at_y = 0.75 * math.log(3) / y / 2  # dL/dz = p - 1(label), through the head, halved by the mean of two pictures
    at_x = at_y * (3 * 0.5 + carried)
    assert table["grad_norm"].tolist() == pytest.approx([3 * at_x, 2 * 3 * at_y, 1 * at_y])  # |(1, 2, 2)| = 3
    assert table["weight_norm"].tolist() == pytest.approx([math.sqrt(0.5), 0.5, 3])
    assert table["relative_update"].tolist() == pytest.approx(
        [0.1 * 3 * at_x / math.sqrt(0.5), 0.1 * 2 * 3 * at_y / 0.5, 0.1 * at_y / 3]
    )
    assert table["activation_std"].tolist() == pytest.approx([1, 0.5, 1.5])  # of (2, 0), (1, 0) and (3, 0)
    assert table["input_grad_norm"].tolist() == pytest.approx([math.nan, at_x, at_x], nan_ok=True)
    assert table["zeros"].tolist() == pytest.approx([0, 8 / 9, 8 / 9])


@pytest.mark.parametrize("shortcut", ["B", "none"])
def test_finite_differences(shortcut: Any) -> None:
    variant = tiny((1, 1), width=2, stem=3)
    batch, labels = pictures(3, size=4)
    batch = batch.double()
    model = build(variant, shortcut=shortcut, seed=0).double()
    convs = {name: layer for name, layer in model.named_modules() if isinstance(layer, nn.Conv2d)}
    step = 1e-6

    def slope(tensor: Tensor, loss: Callable[[], Tensor]) -> Tensor:
        """The central difference of `loss` for every entry of `tensor`, which is moved and put back."""
        found = torch.zeros_like(tensor)
        for index in range(tensor.numel()):
            entry = tensor.view(-1)[index]
            middle = entry.clone()
            entry.copy_(middle + step)
            above = loss()
            entry.copy_(middle - step)
            found.view(-1)[index] = (above - loss()) / (2 * step)
            entry.copy_(middle)
        return found

    table = gradient_flow(variant, batch, labels, shortcut=shortcut, weights=model, dtype=torch.float64)
    with torch.no_grad():
        norms = [
            slope(convs[name].weight, lambda: functional.cross_entropy(model(batch), labels)).norm().item()
            for name in table["conv"]
        ]
        between = model.layer1[0](model.stem(batch))
        at_input = slope(between, lambda: functional.cross_entropy(model.head(model.layer2[0](between)), labels))
    assert table["grad_norm"].tolist() == pytest.approx(norms, rel=1e-6)
    assert table["input_grad_norm"].iloc[-1] == pytest.approx(at_input.norm().item(), rel=1e-6)


def test_equals_backward_on_torchvisions_network() -> None:
    import torchvision

    batch, labels = pictures(4, size=64)
    theirs = torchvision.models.resnet18()
    theirs.load_state_dict(build("resnet18", seed=3).state_dict())
    theirs.train()
    activations: dict[str, Tensor] = {}
    inputs: dict[str, Tensor] = {}
    for name, module in theirs.named_modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(lambda _m, _i, out, name=name: activations.update({name: out.detach()}))
        elif isinstance(module, torchvision.models.resnet.BasicBlock):
            module.register_forward_pre_hook(
                lambda _m, args, name=name: args[0].register_hook(lambda g: inputs.update({name: g})) and None
            )
    loss = functional.cross_entropy(theirs(batch), labels)
    loss.backward()
    convs = {name: module for name, module in theirs.named_modules() if isinstance(module, nn.Conv2d)}

    table = gradient_flow("resnet18", batch, labels, num_classes=1000, seed=3)
    assert set(table["conv"]) == {name for name in convs if "downsample" not in name}
    assert table.attrs["losses"] == [pytest.approx(loss.item(), rel=1e-5)]
    for row in table.itertuples():
        conv = convs[row.conv]
        assert row.grad_norm == pytest.approx(conv.weight.grad.double().norm().item(), rel=1e-4), row.conv
        assert row.weight_norm == pytest.approx(conv.weight.double().norm().item(), rel=1e-6), row.conv
        assert row.activation_std == pytest.approx(activations[row.conv].double().std().item(), rel=1e-4), row.conv
        if row.kind != "stem":
            assert row.input_grad_norm == pytest.approx(inputs[row.block].double().norm().item(), rel=1e-4), row.conv


@pytest.mark.parametrize(
    ("name", "kinds"), [("resnet18", ["first", "last"]), ("resnet50", ["first", "middle", "last"])]
)
def test_rows_are_the_main_path_in_forward_order(name: str, kinds: list[str]) -> None:
    batch, labels = pictures(2)
    table = gradient_flow(name, batch, labels, shortcut="C")
    blocks = [f"layer{stage}.{at}" for stage, n in enumerate(VARIANTS[name].blocks, start=1) for at in range(n)]
    assert table["block"].tolist() == ["stem", *(block for block in blocks for _ in kinds)]
    assert table["stage"].tolist() == ["stem", *(block.split(".")[0] for block in blocks for _ in kinds)]
    assert table["kind"].tolist() == ["stem", *kinds * len(blocks)]
    names = [f"{block}.conv{at}" for block in blocks for at in range(1, len(kinds) + 1)]
    assert table["conv"].tolist() == ["conv1", *names]
    assert table["depth"].tolist() == list(range(1, VARIANTS[name].depth))  # the depth counts the linear layer too
    assert table.columns[-7:].tolist() == MEASURED
    assert table.drop(columns="input_grad_norm")[MEASURED[:5]].map(math.isfinite).all(axis=None)


# --- steps


@pytest.mark.parametrize("steps", [1, 3])
def test_steps_are_those_of_torchs_sgd(steps: int) -> None:
    batch, labels = pictures(4, size=16)
    model = build("resnet20", shortcut="B", seed=5, num_classes=10).double()
    theirs = copy.deepcopy(model).train()
    optimiser = torch.optim.SGD(theirs.parameters(), lr=0.05)
    losses = []
    for step in range(steps + 1):
        optimiser.zero_grad()
        loss = functional.cross_entropy(theirs(batch.double()), labels)
        losses.append(loss.item())
        loss.backward()
        if step < steps:
            optimiser.step()
    options: dict[str, Any] = {"shortcut": "B", "seed": 5, "steps": steps, "lr": 0.05}
    table = gradient_flow("resnet20", batch, labels, dtype=torch.float64, **options)
    assert table.attrs == {"losses": pytest.approx(losses, rel=1e-8), "diverged_at": None}
    convs = dict(theirs.named_modules())
    for row in table.itertuples():
        assert row.weight_norm == pytest.approx(convs[row.conv].weight.norm().item(), rel=1e-8), row.conv
        assert row.grad_norm == pytest.approx(convs[row.conv].weight.grad.norm().item(), rel=1e-8), row.conv
        assert row.relative_update == pytest.approx(0.05 * row.grad_norm / row.weight_norm)


@pytest.mark.parametrize("steps", [2, 6])
def test_divergence_is_shown_as_what_it_is(steps: int) -> None:
    batch, labels = pictures(2, size=8)
    seen: list[tuple[int, int]] = []
    options: dict[str, Any] = {"norm": "none", "lr": 1e6}
    table = gradient_flow(
        "resnet20", batch, labels, steps=steps, progress=lambda *report: seen.append(report), **options
    )
    losses, at = table.attrs["losses"], table.attrs["diverged_at"]
    assert 1 <= at <= 2
    assert [math.isfinite(loss) for loss in losses] == [True] * at + [False]
    assert table[MEASURED].isna().all(axis=None)
    assert table["depth"].tolist() == list(range(1, 20))
    assert seen[-1] == (seen[-1][1], seen[-1][1])
    assert gradient_flow("resnet20", batch, labels, steps=at - 1, **options)["grad_norm"].notna().all()


# --- what is true of these networks


def ends(table: pd.DataFrame) -> float:
    """First conv's gradient norm over the last's."""
    return float(table["grad_norm"].iloc[0] / table["grad_norm"].iloc[-1])


def test_behind_batch_norm_plain_nets_explode_towards_the_input_and_residual_nets_do_not() -> None:
    batch, labels = pictures(8)
    assert ends(gradient_flow("resnet56", batch, labels, shortcut="none")) > 1000
    assert 1 < ends(gradient_flow("resnet56", batch, labels)) < 50


def test_small_weights_without_batch_norm_vanish_in_plain_nets_only() -> None:
    batch, labels = pictures(4)
    options: dict[str, Any] = {"norm": "none", "init": "normal"}
    plain20 = gradient_flow("resnet20", batch, labels, shortcut="none", **options)
    assert 1e-21 < plain20["grad_norm"].iloc[0] < 1e-17
    single = {"dtype": torch.float32, **options}
    plain56 = gradient_flow("resnet56", batch, labels, shortcut="none", **single).iloc[:-2]  # two feel the head
    assert (plain56["grad_norm"] == 0).all()
    assert (plain56["zeros"] == 1).all()
    double = gradient_flow("resnet56", batch, labels, shortcut="none", **options)
    assert (double["grad_norm"] > 0).all()
    assert (double["zeros"] < 1).all()
    assert (gradient_flow("resnet56", batch, labels, **single)["grad_norm"] > 1e-8).all()


def test_a_zero_last_gamma_gives_the_branches_a_gradient_of_exactly_0() -> None:
    batch, labels = pictures(4)
    table = gradient_flow("resnet20", batch, labels, zero_init_residual=True).set_index("kind")
    assert (table.loc[["first", "last"], ["grad_norm", "relative_update"]] == 0).all(axis=None)
    assert (table.loc[["first", "last"], "zeros"] == 1).all()
    assert table.loc["stem", "grad_norm"] > 0
    later = gradient_flow("resnet20", batch, labels, zero_init_residual=True, steps=1)
    assert (later["grad_norm"] > 0).all()


def test_behind_batch_norm_ten_times_the_weights_have_a_tenth_of_the_gradient() -> None:
    batch, labels = pictures(4, size=16)
    model = build("resnet20", seed=0, num_classes=10).double()
    options: dict[str, Any] = {"weights": model, "dtype": torch.float64}
    before = gradient_flow("resnet20", batch, labels, **options)
    with torch.no_grad():
        model.layer2[1].conv1.weight.mul_(10)
    after = gradient_flow("resnet20", batch, labels, **options)
    at = before.index[before["conv"] == "layer2.1.conv1"]
    columns = ["grad_norm", "weight_norm", "activation_std", "relative_update", "grad_norm_at_unit_weight"]
    factors = after[columns] / before[columns]
    assert factors.loc[at].to_numpy()[0] == pytest.approx([0.1, 10, 10, 0.01, 1], rel=1e-3)
    assert factors.drop(at).to_numpy() == pytest.approx(1, rel=1e-3)


# --- whose network


def test_given_weights_decide_and_random_ones_come_from_the_seed() -> None:
    batch, labels = pictures(2, size=16)
    model = build("resnet20", shortcut="none", seed=4, num_classes=7)
    labels = labels % 7
    own = gradient_flow("resnet20", batch, labels, shortcut="none", seed=4, num_classes=7)
    assert same(gradient_flow("resnet20", batch, labels, weights=model.eval()), own)
    assert same(gradient_flow("resnet20", batch, labels, weights=model.to(memory_format=torch.channels_last)), own)
    assert not own[MEASURED].equals(
        gradient_flow("resnet20", batch, labels, shortcut="none", seed=5, num_classes=7)[MEASURED]
    )
    assert same(gradient_flow(VARIANTS["resnet20"], batch, labels.tolist(), weights=model), own)


class Stop(BaseException):
    """A cancellation."""


def cancel_at(piece: int) -> Callable[[int, int], None]:
    def progress(done: int, _total: int) -> None:
        if done >= piece:
            raise Stop("nobody waits any more")

    return progress


@pytest.mark.parametrize("piece", [1, 12, 20, 30, 40, None])  # stepping and reading, forward and backward, not at all
def test_nothing_is_left_behind(piece: int | None) -> None:
    model = build("resnet20", seed=0).train()
    model.layer1[0].eval()
    model.layer1[1].register_forward_hook(lambda *_: pytest.fail("the model's own hook was called"))
    batch, labels = pictures(2, size=16)
    batch.requires_grad_()
    random_state = torch.get_rng_state()
    before = fingerprint(model)
    if piece is None:
        gradient_flow("resnet20", batch, labels, weights=model, steps=1)
    else:
        with pytest.raises(Stop, match="nobody waits any more"):
            gradient_flow("resnet20", batch, labels, weights=model, steps=1, progress=cancel_at(piece))
    assert fingerprint(model) == before
    assert batch.grad is None
    assert torch.equal(torch.get_rng_state(), random_state)


def test_works_without_gradients_and_in_inference_mode() -> None:
    batch, labels = pictures(2, size=16)
    model = build("resnet20", seed=0, num_classes=10)
    expected = gradient_flow("resnet20", batch, labels, weights=model, steps=1)
    with torch.no_grad():
        assert same(gradient_flow("resnet20", batch, labels, weights=model, steps=1), expected)
    with torch.inference_mode():
        made_there = build("resnet20", seed=0, num_classes=10)
        assert same(gradient_flow("resnet20", batch.clone(), labels.clone(), weights=made_there, steps=1), expected)


def test_progress_counts_every_pass_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    batch, labels = pictures(2, size=16)
    gradient_flow("resnet20", batch, labels, steps=2, progress=lambda *report: seen.append(report))
    # three passes by stem, 9 blocks and head there and back, and the end of each
    made = seen.index((1, 69))  # while the network is drawn nothing of it is done
    assert seen == [(0, 69)] * made + [(done, 69) for done in range(1, 70)]
    assert made >= 20


# --- bad input


def refused(match: str, batch: Tensor | None = None, labels: Any = None, **options: Any) -> None:
    default, numbers = pictures(2)
    batch = default if batch is None else batch
    with pytest.raises(ResNetCoreError, match=match):
        gradient_flow(options.pop("variant", "resnet20"), batch, numbers if labels is None else labels, **options)


def test_batch_norm_has_nothing_to_normalise() -> None:
    one = torch.zeros(1, 3, 32, 32)
    label = torch.tensor([0])
    refused(
        r"one picture of 32 x 32 pixels, of which layer4\.0\.bn1 sees 1 x 1: .* at least two pictures, or one with a "
        r"side of more than 32 pixels",
        one,
        label,
        variant="resnet18",
    )
    gradient_flow("resnet18", torch.zeros(1, 3, 33, 32), label)
    gradient_flow("resnet18", torch.zeros(2, 3, 32, 32), torch.tensor([0, 1]))
    gradient_flow("resnet18", one, label, norm="none")


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (torch.tensor([0, 10]), r"The labels hold 10, but must be 2 whole class numbers from 0 to 9, one for each"),
        (torch.tensor([-1, 0]), "The labels hold -1, but must be 2 whole"),
        (torch.tensor([1, 2, 3]), r"The labels are \(3,\) of torch.int64, but must be 2 whole"),
        (torch.tensor([[1], [2]]), r"The labels are \(2, 1\) of torch.int64, but must be 2 whole"),
        (torch.tensor([1.0, 2.0]), r"The labels are \(2,\) of torch.float32, but must be 2 whole"),
        (torch.tensor([True, False]), r"The labels are \(2,\) of torch.bool, but must be 2 whole"),
        ("cat", "The labels are 'cat', but must be 2 whole"),
    ],
)
def test_labels_that_do_not_fit(labels: object, match: str) -> None:
    refused(match, labels=labels)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"steps": -1}, "steps is -1, but must be a whole number of SGD steps, 0 or more"),
        ({"steps": 1.5}, "steps is 1.5, but must be a whole number"),
        ({"lr": 0.0}, "lr is 0.0, but a learning rate is a finite number above 0"),
        ({"lr": math.nan}, "lr is nan, but a learning rate"),
        ({"dtype": torch.float16}, "dtype is torch.float16, but must be one of torch.float32, torch.float64"),
        ({"device": "meta"}, "The device is 'meta', which holds no numbers"),
        ({"variant": "resnet19"}, "The variant is 'resnet19', but must be one of"),
        ({"shortcut": "D"}, "shortcut is 'D', but must be one of"),
        ({"shortcut": "none", "zero_init_residual": True}, "needs norm='batch' and a shortcut"),
    ],
)
def test_options_outside_their_range(options: dict[str, Any], match: str) -> None:
    refused(match, **options)


def test_a_batch_that_is_none() -> None:
    refused(r"The batch is \(3, 32, 32\), but a network reads", torch.zeros(3, 32, 32))
    refused(r"The batch is torch.uint8, but a network reads floats", torch.zeros(2, 3, 32, 32, dtype=torch.uint8))
    refused("The batch holds NaN or infinity", torch.full((2, 3, 32, 32), torch.nan))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"variant": "resnet32"}, r"variant is 'resnet32', but the given weights \(plain-20 .*\) have 'resnet20'"),
        ({"shortcut": "A"}, r"shortcut is 'A', but the given weights .* have 'none'"),
        ({"norm": "none"}, r"norm is 'none', but the given weights .* have 'batch'"),
        ({"version": "v1"}, r"version is 'v1', but the given weights .* have 'v1.5'"),
        ({"num_classes": 1000}, r"num_classes is 1000, but the given weights .* have 10"),
    ],
)
def test_weights_of_another_network(options: dict[str, Any], match: str) -> None:
    refused(match, weights=build("resnet20", shortcut="none", seed=0), **options)


def test_a_full_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_model: ResNet, _x: Tensor) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(ResNet, "head", full)
    refused("The device 'cpu' has too little free memory for resnet20 on these pictures; give fewer or smaller ones")


def test_a_device_without_double_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnet_core.gradients._throwaway.resolve_device", torch.device)
    refused("The device 'mps' does not support torch.float64", device="mps", dtype=torch.float64)
