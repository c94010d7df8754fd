"""Checkpoints of other people: read without running anything, renamed, and fitted or refused with one sentence."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save as safetensors_bytes
from torch import Tensor, nn
from torch.nn import functional

from resnet_core.errors import WeightsError
from resnet_core.nets._fitting import fit, shortcut_option
from resnet_core.nets.model import ResNet, build
from resnet_core.variants import VARIANTS
from resnet_core.weights.checkpoints import read_checkpoint
from tests.fuzz import torch_bytes as saved


def state_of(name: str = "resnet20", **options: Any) -> dict[str, Tensor]:
    """A state dict with values in every tensor, batch-norm statistics included."""
    state = build(name, seed=3, **options).state_dict()
    generator = torch.Generator().manual_seed(4)
    for key, value in state.items():
        if "running" in key or ".bn" in key or key.startswith("bn"):
            state[key] = torch.rand(value.shape, generator=generator).to(value.dtype) + 0.5 * value.is_floating_point()
    return state


def assert_same(found: dict[str, Tensor], wanted: dict[str, Tensor]) -> None:
    assert list(found) == list(wanted)
    for key, value in wanted.items():
        assert torch.equal(found[key], value), key


def test_the_format_is_told_by_the_content_and_a_source_may_be_bytes_a_path_or_a_file(tmp_path: Path) -> None:
    state = state_of()
    for content in (saved(state), saved(state, zipped=False), safetensors_bytes(state)):
        path = tmp_path / "a.name.that.says.nothing"
        path.write_bytes(content)
        file = io.BytesIO(content)
        file.read()  # an upload that somebody has read before
        for source in (content, path, str(path), file):
            found = read_checkpoint(source)
            assert_same({key: found[key] for key in state}, state)
        assert not file.closed


@pytest.mark.parametrize(
    "wrap",
    [
        lambda s: {"state_dict": s, "epoch": 90, "best_prec1": 91.7, "optimizer": {"param_groups": [{"lr": 0.1}]}},
        lambda s: {"net": s, "acc": 95.1, "epoch": 3},
        lambda s: {"model": {"state_dict": s}, "args": None},
        lambda s: {"model_state_dict": s, "loss": 0.5},
        lambda s: {"state_dict": 7, "model": s},
        lambda s: {f"module.{key}": value for key, value in s.items()},
        lambda s: {"n_averaged": torch.tensor(9)} | {f"module.{key}": value for key, value in s.items()},
        lambda s: {"state_dict": {f"model.{key}": value for key, value in s.items()}},
        lambda s: {f"_orig_mod.module.{key}": value for key, value in s.items()},
        lambda s: {f"module._orig_mod.model.{key}": value for key, value in s.items()},
        lambda s: {key.replace("layer1.", "layer1._orig_mod."): value for key, value in s.items()},
        lambda s: {key.replace("fc.", "linear."): value for key, value in s.items()},
        lambda s: {f"module.{key.replace('downsample', 'shortcut')}": value for key, value in s.items()},
        lambda s: {key: nn.Parameter(value) if "weight" in key else value for key, value in s.items()},
    ],
)
def test_wrappings_prefixes_and_other_names_are_undone(wrap: Any) -> None:
    state = state_of(shortcut="B")
    found = read_checkpoint(saved(wrap(state)))
    assert found.keys() == state.keys()
    assert_same({key: found[key] for key in state}, state)
    assert not any(value.requires_grad for value in found.values())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16, torch.float8_e4m3fn])
def test_floats_of_any_precision_become_float32_and_counters_stay_whole(dtype: torch.dtype) -> None:
    state = {key: v.to(dtype) if v.is_floating_point() else v for key, v in state_of().items()}
    found = read_checkpoint(saved(state))
    for key, value in state.items():
        assert found[key].dtype == (torch.float32 if value.is_floating_point() else torch.int64)
        assert torch.equal(found[key].to(value.dtype).double(), value.double())


class Trap:
    """A pickle of this creates `path` when it is run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("container", ["zip", "legacy", "pickle-2", "pickle-4"])
def test_a_pickle_with_code_is_refused_and_not_run(container: str, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    content = {"state_dict": {"conv1.weight": torch.zeros(1)}, "extra": Trap(trap)}
    if container.startswith("pickle"):
        data = pickle.dumps(Trap(trap), protocol=int(container[-1]))
    else:
        data = saved(content, zipped=container == "zip")
    with pytest.raises(WeightsError, match="mkdir to be run|neither a .safetensors file nor"):
        read_checkpoint(data)
    assert not trap.exists()
    if container.startswith("pickle"):
        pickle.loads(data)
        assert trap.exists()  # the trap works


def test_a_whole_module_is_refused_with_the_remedy() -> None:
    with pytest.raises(WeightsError, match=r"asks for resnet_core.nets.model.ResNet to be run.*model.state_dict\(\)"):
        read_checkpoint(saved(build("resnet20")))


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_a_torchscript_archive_is_named() -> None:
    file = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), file)
    with pytest.raises(WeightsError, match="TorchScript archive"):
        read_checkpoint(file.getvalue())


def safetensors_with(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


NEITHER = "neither a .safetensors file nor a checkpoint"


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "The file is empty"),
        (b"\x00", NEITHER),
        (b"hello, I am no checkpoint at all", NEITHER),
        (b"\xff\xd8\xff\xe0" + bytes(500), NEITHER),
        (b"PK\x03\x04" + bytes(100), NEITHER),
        (saved({"a": torch.zeros(9)})[:700], NEITHER),
        (saved({"a": torch.zeros(9)}, zipped=False)[:-20], NEITHER),
        (struct.pack("<Q", 2**63) + b'{"a":1}', NEITHER),
        (struct.pack("<Q", 99_000_000) + b'{"a":1}', NEITHER),
        (safetensors_with(b"{" * 100_000), "The .safetensors file is damaged"),
        (safetensors_with(b'{"a":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}'), "damaged"),
        (safetensors_with(b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}', bytes(4)), "damaged"),
        (safetensors_bytes({"a": torch.zeros(9)})[:-4], "damaged"),
        (safetensors_with(b"{}"), "holds no weights"),
        (saved({}), "holds no weights"),
        (saved([torch.zeros(2)]), "holds no weights"),
        (saved(torch.zeros(2)), "holds no weights"),
        (saved({"state_dict": {"epoch": 3}, "lr": 0.1}), "holds no weights"),
        (saved({1: torch.zeros(2)}), "holds no weights"),
        (saved({"fc.weight": torch.zeros(2), "module.fc.weight": torch.ones(2)}), "holds fc.weight twice"),
        (saved({"a": torch.zeros(2, dtype=torch.complex64)}), "a has numbers of type complex64"),
        (saved({"a": torch.zeros(2, device="meta")}), "asks for torch._utils._rebuild_meta_tensor_no_storage to be"),
        (
            saved({"two\nlines": torch.zeros(2)}),
            r"names a tensor 'two\?lines'; a name is one line of at most 100 letters",
        ),
        (saved({"x" * 10**6: torch.zeros(2)}), "names a tensor 'xxx"),
        (saved({"a": torch.zeros(1).expand(10**12)}), "claims to hold 1,000,000,000,000 numbers in 1,5"),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_one_sentence(content: bytes, match: str) -> None:
    with pytest.raises(WeightsError, match=match) as caught:
        read_checkpoint(content)
    assert len(str(caught.value)) < 400


def test_a_dict_inside_itself_ends() -> None:
    loop: dict[str, Any] = {}
    loop["model"] = loop
    with pytest.raises(WeightsError, match="holds no weights"):
        read_checkpoint(saved(loop))


def test_a_compressed_archive_that_would_fill_the_memory_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in zipfile.ZipFile(io.BytesIO(saved({"a": torch.zeros(1_000_000)}))).infolist():
            archive.writestr(entry.filename, bytes(entry.file_size))
    with pytest.raises(WeightsError, match="would unpack to more than its size"):
        read_checkpoint(file.getvalue())


def test_paths_that_are_no_files_and_text_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.pth", "a\0b.pth", "~nobody-here/x.pth"):
        with pytest.raises(WeightsError, match="There is no file"):
            read_checkpoint(path)
    with pytest.raises(WeightsError, match="open as text"):
        read_checkpoint(io.StringIO("text"))  # type: ignore[arg-type]


class TheirBlock(nn.Module):
    """Block and net as the best-known CIFAR repository writes them: `shortcut`, `linear`, functional activations."""

    def __init__(self, before: int, after: int, stride: int, option: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.pad = after // 4 if option == "A" and before != after else 0
        self.shortcut = nn.Sequential()
        if option == "B" and before != after:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        out += functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad)) if self.pad else self.shortcut(x)
        return functional.relu(out)


class TheirNet(nn.Module):
    def __init__(self, n: int, option: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        for stage, (before, after) in enumerate(((16, 16), (16, 32), (32, 64)), start=1):
            first = TheirBlock(before, after, 1 if stage == 1 else 2, option)
            others = (TheirBlock(after, after, 1, option) for _ in range(n - 1))
            self.add_module(f"layer{stage}", nn.Sequential(first, *others))
        self.linear = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        out = functional.relu(self.bn1(self.conv1(x)))
        out = self.get_submodule("layer3")(self.get_submodule("layer2")(self.get_submodule("layer1")(out)))
        return self.linear(functional.avg_pool2d(out, out.shape[3]).flatten(1))


def warmed(net: nn.Module, size: int) -> nn.Module:
    """`net` after a training pass, so that its running statistics are its own."""
    net.train()(torch.randn(4, 3, size, size))
    return net.eval()


@pytest.mark.parametrize("option", ["A", "B"])
def test_the_cifar_checkpoints_in_the_wild_give_the_same_logits(option: str) -> None:
    torch.manual_seed(0)
    theirs = warmed(TheirNet(3, option), 32)
    content = saved({"state_dict": nn.DataParallel(theirs).state_dict(), "best_prec1": 91.7}, zipped=False)
    ours = fit(read_checkpoint(content), VARIANTS["resnet20"])
    assert ours.shortcut_option == option
    batch = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours(batch), theirs(batch))


@pytest.mark.parametrize(
    ("library", "name"), [("torchvision", "resnet18"), ("torchvision", "resnet50"), ("timm", "resnet18")]
)
def test_the_libraries_checkpoints_give_the_same_logits(library: str, name: str) -> None:
    torch.manual_seed(0)
    if library == "timm":
        theirs = pytest.importorskip("timm", reason="needs the dev extra").create_model(name, num_classes=7)
    else:
        theirs = pytest.importorskip("torchvision").models.get_model(name, num_classes=7)
    warmed(theirs, 64)
    ours = fit(read_checkpoint(safetensors_bytes(theirs.state_dict())), VARIANTS[name])
    assert (ours.num_classes, ours.shortcut_option, ours.training) == (7, "B", False)
    batch = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(ours(batch), theirs(batch))


@pytest.mark.parametrize("name", ["resnet20", "resnet18", "resnet50"])
@pytest.mark.parametrize("shortcut", ["A", "B", "C"])
@pytest.mark.parametrize("norm", ["batch", "none"])
def test_options_and_classes_are_found_in_the_tensors(name: str, shortcut: Any, norm: Any) -> None:
    state = {k: v if v.device.type == "cpu" else torch.zeros(v.shape) for k, v in meta(name, shortcut, norm).items()}
    model = fit(state, VARIANTS[name])
    assert (model.shortcut_option, model.norm, model.num_classes) == (shortcut, norm, 3)
    assert all(parameter.requires_grad and parameter.is_leaf for parameter in model.parameters())


def meta(name: str, shortcut: Any, norm: Any) -> dict[str, Tensor]:
    return build(name, shortcut=shortcut, norm=norm, num_classes=3, device="meta").state_dict()


def test_a_plain_twin_is_what_the_caller_says_it_is() -> None:
    state = state_of(shortcut="none")
    assert shortcut_option(state) == "A"
    twin = fit(state, VARIANTS["resnet20"], shortcut="none")
    assert (twin.shortcut_option, twin.title) == ("none", "plain-20")
    assert_same(dict(twin.state_dict()), state)


def test_missing_and_malformed_batch_counters_become_zero() -> None:
    state = state_of()
    counters = [key for key in state if "num_batches" in key]
    state[counters[0]] = torch.tensor([5])
    for key in counters[2:]:
        del state[key]
    found = fit(state, VARIANTS["resnet20"]).state_dict()
    wanted = [0, int(state[counters[1]]), *[0] * (len(counters) - 2)]
    assert [int(found[key]) for key in counters] == wanted
    assert {found[key].dtype for key in counters} == {torch.int64}


def test_the_model_shares_no_memory_with_the_file_and_draws_no_random_numbers() -> None:
    state = state_of()
    before = torch.get_rng_state()
    model = fit(state, VARIANTS["resnet20"])
    assert torch.equal(torch.get_rng_state(), before)
    state["conv1.weight"].zero_()
    assert model.conv1.weight.abs().sum() > 0


def test_nan_weights_load() -> None:
    state = state_of()
    state["fc.bias"][2] = torch.nan
    assert fit(state, VARIANTS["resnet20"]).fc.bias.isnan().tolist() == [i == 2 for i in range(10)]


def without(state: dict[str, Tensor], *keys: str) -> dict[str, Tensor]:
    return {key: value for key, value in state.items() if key not in keys}


@pytest.mark.parametrize(
    ("theirs", "name", "shortcut", "sentence"),
    [
        (
            lambda: meta("resnet34", "B", "batch"),
            "resnet50",
            None,
            "layer1.0.conv1.weight is (64, 64, 3, 3) in the file, but ResNet-50 needs (64, 64, 1, 1). "
            "The file fits ResNet-34.",
        ),
        (
            lambda: meta("resnet34", "B", "batch"),
            "resnet18",
            None,
            "The file holds layer1.2.conv1.weight and 79 more tensors, which ResNet-18 with shortcut option B does not "
            "have. The file fits ResNet-34.",
        ),
        (
            lambda: meta("resnet20", "A", "batch"),
            "resnet56",
            None,
            "The file lacks layer1.3.conv1.weight and 179 more tensors, which ResNet-56 needs. "
            "The file fits ResNet-20.",
        ),
        (
            lambda: meta("resnet20", "B", "batch"),
            "resnet20",
            "none",
            "The file holds layer2.0.downsample.0.weight and 9 more tensors, which plain-20 with no shortcuts does not "
            "have.",
        ),
        (
            lambda: meta("resnet20", "A", "batch"),
            "resnet20",
            "B",
            "The file lacks layer2.0.downsample.0.weight and 9 more tensors, which ResNet-20 needs.",
        ),
        (
            lambda: {"features.0.weight": torch.zeros(1), "features.0.bias": torch.zeros(1)},
            "resnet20",
            None,
            "The file lacks conv1.weight and 39 more tensors, which ResNet-20 needs; instead it holds "
            "features.0.weight and 1 more tensor.",
        ),
        (
            lambda: without(meta("resnet20", "A", "batch"), "fc.bias"),
            "resnet20",
            None,
            "The file lacks fc.bias, which ResNet-20 needs.",
        ),
        (
            lambda: {**meta("resnet20", "A", "batch"), "fc.weight": torch.zeros(1, 64).expand(10**6, 64)},
            "resnet20",
            None,
            "The head in the file has 1,000,000 classes; a network here has at most 25,000.",
        ),
        (
            lambda: {**meta("resnet20", "A", "batch"), "fc.weight": torch.zeros(0, 64)},
            "resnet20",
            None,
            "fc.weight is (0, 64) in the file, but ResNet-20 needs (10, 64).",
        ),
    ],
)
def test_what_does_not_fit_is_named(theirs: Any, name: str, shortcut: Any, sentence: str) -> None:
    with pytest.raises(WeightsError, match="file") as caught:
        fit(theirs(), VARIANTS[name], shortcut=shortcut)
    assert str(caught.value) == sentence


def test_the_fitted_network_is_a_resnet_in_eval_mode() -> None:
    model = fit(state_of("resnet32"), VARIANTS["resnet32"], version="v1")
    assert isinstance(model, ResNet)
    assert (model.training, model.version, model.variant.name) == (False, "v1", "resnet32")
