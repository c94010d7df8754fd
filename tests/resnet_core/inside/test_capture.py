"""What capture records, and that it leaves nothing behind."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from resnet_core.errors import ResNetCoreError
from resnet_core.inside.recording import capture
from resnet_core.nets.model import ResNet, build
from resnet_core.nets.private_view import private_view
from tests.fingerprints import fingerprint


def trained_like(name: str, **options: object) -> ResNet:
    """A network whose batch-norm statistics are not the trivial ones of a fresh build."""
    model = build(name, seed=0, **options)
    generator = torch.Generator().manual_seed(1)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(std=0.1, generator=generator)
            layer.running_var.uniform_(0.5, 2, generator=generator)
    return model.eval()


def batch(n: int = 2, size: int = 32, seed: int = 0) -> Tensor:
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(seed))


VARIETY = [
    ("resnet18", {}),
    ("resnet50", {}),
    ("resnet50", {"version": "v1", "shortcut": "C"}),
    ("resnet20", {}),
    ("resnet20", {"shortcut": "B"}),
    ("resnet20", {"norm": "none"}),
]


@pytest.mark.parametrize(("name", "options"), VARIETY)
def test_every_block_obeys_the_papers_equation_bit_for_bit(name: str, options: dict[str, str]) -> None:
    model = trained_like(name, **options)
    record = capture(model, batch())
    assert [block.name for block in record.blocks] == [name for name, _ in model.named_blocks()]
    for block in record.blocks:
        assert block.shortcut is not None
        assert torch.equal(block.sum.relu(), block.y)


@pytest.mark.parametrize(("name", "options"), VARIETY)
def test_parts_equal_the_blocks_called_by_hand(name: str, options: dict[str, str]) -> None:
    model = trained_like(name, **options)
    x = batch()
    record = capture(model, x)
    with torch.no_grad():
        flow = model.stem(x)
        assert torch.equal(record.stem, flow)
        for (_, block), recorded in zip(model.named_blocks(), record.blocks, strict=True):
            assert torch.equal(recorded.x, flow)
            assert torch.equal(recorded.residual, block.residual(flow))
            assert torch.equal(recorded.shortcut, block.shortcut(flow))
            flow = block(flow)
            assert torch.equal(recorded.y, flow)
        assert torch.equal(record.logits, model.head(flow))


def test_a_plain_twin_has_no_shortcut() -> None:
    record = capture(trained_like("resnet20", shortcut="none"), batch())
    for block in record.blocks:
        assert block.shortcut is None
        assert torch.equal(block.sum.relu(), block.y)


@pytest.mark.parametrize(("name", "options"), VARIETY)
def test_a_removed_residual_leaves_the_shortcut_alone(name: str, options: dict[str, str]) -> None:
    model = trained_like(name, **options)
    before = fingerprint(model)
    whole, x = capture(model, batch()), batch()
    for block in ("layer1.1", "layer2.0"):
        found = capture(model, x, remove=[block])
        seen = found[block]
        assert torch.equal(seen.x, whole[block].x)
        assert not seen.residual.any()
        assert torch.equal(seen.y, seen.shortcut.relu())
        assert torch.equal(seen.y, seen.x) is (seen.shortcut_kind == "identity")
        assert not torch.equal(found.logits, whole.logits)
    assert fingerprint(model) == before


def test_removing_is_what_a_last_gamma_and_beta_of_0_do() -> None:
    model, x = trained_like("resnet50"), batch()
    found = capture(model, x, remove=["layer2.1", "layer3.0"])
    for name in ("layer2.1", "layer3.0"):
        norm = dict(model.named_blocks())[name].last_norm
        nn.init.zeros_(norm.weight)
        nn.init.zeros_(norm.bias)
    assert torch.equal(capture(model, x).logits, found.logits)


def test_nothing_is_left_of_a_removed_plain_block() -> None:
    found = capture(trained_like("resnet20", shortcut="none"), batch(), remove=["layer1.0"])
    assert not found["layer1.0"].y.any()


def test_only_a_block_can_be_removed() -> None:
    with pytest.raises(ResNetCoreError, match="A block to remove is 'layer9.0', but must be one of 'layer1.0'"):
        capture(trained_like("resnet20"), batch(), remove=["layer9.0"])


def test_a_block_is_found_by_name() -> None:
    record = capture(trained_like("resnet20"), batch())
    assert record["layer2.0"].shortcut_kind == "zero-pad"
    assert record["layer2.1"].shortcut_kind == "identity"
    with pytest.raises(KeyError, match="no block 'layer9.0'; there are layer1.0"):
        record["layer9.0"]


class Stop(BaseException):
    """A cancellation."""


def stop(_done: int, _total: int) -> None:
    raise Stop


class Broken(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise RuntimeError("a broken module")


def success(model: ResNet) -> None:
    capture(model, batch())


def wrong_input(model: ResNet) -> None:
    with pytest.raises(ResNetCoreError, match=r"\(1, 1, 8, 8\), but a network reads"):
        capture(model, torch.zeros(1, 1, 8, 8))


def failing_module(model: ResNet) -> None:
    with pytest.raises(RuntimeError, match="a broken module"):
        capture(model, batch())


def cancellation(model: ResNet) -> None:
    with pytest.raises(Stop):
        capture(model, batch(), progress=stop)


@pytest.mark.parametrize("happening", [success, wrong_input, failing_module, cancellation])
@pytest.mark.parametrize("mode", ["train", "eval", "mixed"])
@pytest.mark.parametrize("hooked", [False, True])
def test_nothing_is_left_behind(happening: Callable[[ResNet], None], mode: str, hooked: bool) -> None:
    model = trained_like("resnet20")
    if happening is failing_module:
        model.layer2[0].bn2 = Broken()
    model.train(mode == "train")
    if mode == "mixed":
        model.layer1[0].train()
    calls: list[int] = []
    if hooked:
        model.layer1[0].register_forward_hook(lambda *_: calls.append(1))
    before = fingerprint(model)
    happening(model)
    assert fingerprint(model) == before
    assert calls == []  # the user's own hook did not fire either: the work was done elsewhere


def test_train_mode_gives_the_record_of_eval_mode() -> None:
    model = trained_like("resnet20")
    quiet = capture(model, batch()).logits
    assert torch.equal(capture(model.train(), batch()).logits, quiet)


def test_recorded_tensors_hold_no_graph() -> None:
    record = capture(trained_like("resnet20"), batch().requires_grad_())
    assert not any(tensor.requires_grad for block in record.blocks for tensor in (block.x, block.sum, block.y))


def test_eight_threads_on_one_model_get_what_each_gets_alone() -> None:
    model = trained_like("resnet20")
    batches = [batch(1, seed=index) for index in range(8)]
    alone = [capture(model, x) for x in batches]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda x: capture(model, x), batches * 4))
    for index, record in enumerate(together):
        for ours, theirs in zip(record.blocks, alone[index % 8].blocks, strict=True):
            assert torch.equal(ours.residual, theirs.residual)
            assert torch.equal(ours.y, theirs.y)


def test_progress_counts_blocks_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    capture(trained_like("resnet20"), batch(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 9) for done in range(1, 10)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (torch.zeros(3, 8, 8), r"\(3, 8, 8\), but a network reads float pictures of shape \(N, 3, H, W\)"),
        (torch.zeros(0, 3, 8, 8), r"\(0, 3, 8, 8\), but"),
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), r"torch.uint8, but a network reads floats"),
        ("photo.jpg", r"The batch is str, but"),
    ],
)
def test_a_wrong_batch_is_explained(given: object, message: str) -> None:
    with pytest.raises(ResNetCoreError, match=message):
        capture(build("resnet20", seed=0), given)


def modules_of(model: nn.Module) -> Iterator[int]:
    return (id(module) for module in model.modules())


def test_a_private_view_shares_tensors_and_nothing_else() -> None:
    model = build("resnet50", seed=0)
    view = private_view(model)
    assert not set(modules_of(model)) & set(modules_of(view))
    for ours, theirs in zip(model.parameters(), view.parameters(), strict=True):
        assert ours is theirs
    for ours, theirs in zip(model.buffers(), view.buffers(), strict=True):
        assert ours is theirs
    view.eval()
    view.conv1.register_forward_hook(lambda *_: None)
    assert model.training
    assert not model.conv1._forward_hooks
