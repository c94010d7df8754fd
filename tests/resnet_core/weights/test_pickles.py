"""Files of torch.save are read as torch reads them, and none takes hours or all memory."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections import Counter, OrderedDict
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor, nn

from resnet_core.errors import WeightsError
from resnet_core.weights._pickled_tensors import Storage, View
from resnet_core.weights._pickles import MOST_STEPS, ForbiddenError, read_pickles
from resnet_core.weights._torch_files import DAMAGED, MAGIC, MOST_ENTRIES, MOST_PICKLED, MOST_TENSORS
from resnet_core.weights.checkpoints import read_checkpoint
from tests.fuzz import torch_bytes

BEGIN = b"\x80\x02"  # of a pickle of protocol 2
FULL = torch.arange(24.0).reshape(4, 6)
STATES: dict[str, dict[str, Tensor]] = {
    "plain": {"a": FULL, "b": torch.arange(5), "c": torch.tensor(7), "d": torch.tensor([True, False])},
    "views": {"all": FULL, "turned": FULL.t(), "part": FULL[1:3, ::2], "row": FULL[2], "one": FULL[3, 5]},
    "nothing": {"a": torch.zeros(0), "b": torch.zeros(3, 0, 2), "c": torch.ones(1)},
    "kinds": {
        str(dtype): FULL.to(dtype)
        for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.uint8, torch.int16, torch.int32)
    },
    "repeated": {"a": torch.ones(1).expand(3, 4)},
    "learned": {"a": nn.Parameter(FULL), "b": nn.Parameter(torch.ones(2), requires_grad=False)},
}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "stream"])
@pytest.mark.parametrize("kind", STATES)
def test_tensors_are_what_torch_reads(kind: str, zipped: bool) -> None:
    padded: dict[str, Any] = {**STATES[kind], "padding": torch.zeros(99)}  # so that expanded ones are not too many
    content = torch_bytes(padded, zipped=zipped)
    theirs = torch.load(io.BytesIO(content), weights_only=True)
    ours = read_checkpoint(content)
    assert list(ours) == list(theirs)
    for name, wanted in theirs.items():
        assert ours[name].dtype == (torch.float32 if wanted.is_floating_point() else wanted.dtype)
        assert ours[name].shape == wanted.shape
        assert torch.equal(ours[name], wanted.detach().to(ours[name].dtype))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "stream"])
def test_what_training_scripts_save_beside_the_tensors_is_passed_over(zipped: bool, protocol: int) -> None:
    net = nn.Linear(2, 3)
    moments = {place: {"step": torch.tensor(1.0), "exp_avg": FULL} for place in range(2)}
    everything = {
        "model": net.state_dict(),
        "optimizer": {"state": moments, "param_groups": [{"betas": (0.9, 0.999), "params": [0, 1]}]},
        "milestones": Counter([30, 60]),
        "order": OrderedDict(a=(1, 2.5, None)),
        "size": torch.Size([2, 3]),
        "device": torch.device("cpu"),
        "seen": {1, 2},
        "key": b"bytes",
        "long": b"bytes" * 99,
        "changing": bytearray(b"bytes"),
        "young": torch.zeros(2, dtype=torch.uint16),
        "rng": torch.get_rng_state(),
        "phase": 1 + 2j,
        "large": 2**200,
    }
    found = read_checkpoint(torch_bytes(everything, zipped=zipped, protocol=protocol))
    assert {name: value.tolist() for name, value in found.items()} == {
        name: value.tolist() for name, value in net.state_dict().items()
    }


def stream(body: bytes, keys: Any = ()) -> bytes:
    """A file of the time before zip files around the pickle `body`."""
    before = b"".join(pickle.dumps(value, 2) for value in (MAGIC, 1001, {}))
    return before + BEGIN + body + pickle.dumps(list(keys), 2)


def unicode(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


def long(value: int) -> bytes:
    return b"\x8a\x0b" + value.to_bytes(11, "little")


# With torch's own reader the first takes 2 GB, and each of the others hours of a core that no other thread can use.
BOMBS = {
    "two gigabytes in sixty bytes": b"cbuiltins\nbytearray\nJ" + struct.pack("<i", 2**31 - 1) + b"\x85R.",
    "a key that holds itself twice, sixty deep": b"}K\1\x85" + b"q\1h\1\x86" * 60 + b"K\1s.",
    "keys that all fall into one slot": b"}("
    + b"".join(long(place * (2**61 - 1)) + b"K\1" for place in range(1, 200_000))
    + b"u.",
    "letters for a codec that is quadratic": b"c_codecs\nencode\n"
    + unicode("\u4e01" * 10**6)
    + unicode("punycode")
    + b"\x86R.",
    "more steps than any file has": b"}" * (MOST_STEPS + 1) + b".",
    "a long table, copied again and again": b"}("
    + b"".join(b"J" + struct.pack("<i", place) + b"N" for place in range(10_000))
    + b"uq\1"
    + b"ccollections\nOrderedDict\nh\1\x85R" * 50_000
    + b".",
    "as many empty tables, again and again": b"("
    + b")" * 100_000
    + b"tq\1"
    + b"ccollections\nOrderedDict\nh\1R" * 40_000
    + b".",
    "a tensor of as many arguments": b"("
    + b"N" * 100_000
    + b"tq\1"
    + b"ctorch._utils\n_rebuild_tensor_v2\nh\1R" * 20_000
    + b".",
    "names without end": (b"ctorch\nFloatStorage\n" + b"0") * MOST_STEPS + b"N.",
    "a word of very many letters": unicode("x" * MOST_PICKLED) + b".",
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_pickle_takes_hours_or_all_memory(name: str) -> None:
    with pytest.raises(WeightsError, match="damaged|holds no weights"):
        read_checkpoint(stream(BOMBS[name]))


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "builtins.eval",
        "torch._dynamo.reset",
        "torch.hub.load",
        "torch.load",
        "numpy.core.multiarray._reconstruct",
    ],
)
def test_a_name_is_refused_without_being_looked_up(name: str) -> None:
    module, _, function = name.rpartition(".")
    with pytest.raises(ForbiddenError, match=f"^{name}$"):
        read_pickles(io.BytesIO(BEGIN + f"c{module}\n{function}\n.".encode()), 1)


def test_an_allowed_name_is_called_for_tensors_and_tables_alone() -> None:
    body = b"c_codecs\nencode\n" + unicode("x") + unicode("no such codec") + b"\x86R."
    assert read_pickles(io.BytesIO(BEGIN + body), 1) == ([None], {})


@pytest.mark.parametrize(
    "body",
    [
        b".",
        b"0.",
        b"(.",
        b"h\1.",
        b"K\1K\2s.",
        b"}K\1s.",
        b"}(K\1u.",
        b"K\1K\2R.",
        b"K\1Q.",
        b"(K\1K\2tQ.",
        b"I1\n.",
        b"\x93.",
        b"\xff",
    ],
)
def test_what_torch_would_not_write_is_damaged(body: bytes) -> None:
    with pytest.raises(WeightsError, match=f"^{DAMAGED}$"):
        read_checkpoint(stream(body))


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        (0, (5,), (1,)),
        (4, (1,), (1,)),
        (-1, (2,), (1,)),
        (0, (2,), (-1,)),
        (0, (-2,), (1,)),
        (0, (2, 2), (1,)),
        (0, (2,), (3 * 2**61,)),
    ],
)
def test_no_tensor_reaches_beyond_its_storage(offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
    view = View(Storage("0", torch.float32), offset, size, stride, torch.float32)
    with pytest.raises((ValueError, RuntimeError)):
        view.of(bytearray(16))


@pytest.mark.parametrize(
    ("size", "stride", "sentence"),
    [
        ((2**40,), (0,), "claims to hold 1,099,511,627,776 numbers"),
        ((2**32, 2**32), (0, 0), "or it is damaged"),
        ((1,) * 9, (1,) * 9, "or it is damaged"),
        (("1",), (1,), "or it is damaged"),
    ],
)
def test_a_shape_is_a_few_whole_numbers(size: tuple[Any, ...], stride: tuple[int, ...], sentence: str) -> None:
    storage = b"(" + unicode("storage") + b"ctorch\nFloatStorage\n" + unicode("0") + unicode("cpu") + b"K\1NtQ"
    shape = b"".join(pickle.dumps(sides, 2)[len(BEGIN) : -1] for sides in (size, stride))
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\0" + shape + b"\x89}tR"
    content = stream(b"}" + unicode("a") + tensor + b"s.", keys=["0"]) + struct.pack("<qf", 1, 0.5)
    with pytest.raises(WeightsError, match=sentence):
        read_checkpoint(content)


def test_an_archive_of_very_many_parts_is_refused_before_it_is_listed() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/data.pkl", b"")
    entry = file.getvalue()[file.getvalue().index(b"PK\1\2") : file.getvalue().index(b"PK\5\6")]
    with pytest.raises(WeightsError, match="an archive of more than 50,000 parts"):
        read_checkpoint(file.getvalue() + entry * (MOST_ENTRIES + 1))


def test_a_part_that_unpacks_to_more_than_it_says_is_refused_before_it_is_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a/data.pkl", bytes(10**8))
    content = bytearray(file.getvalue())  # 200 bytes
    for place in (22, content.index(b"PK\1\2") + 24):
        content[place : place + 4] = struct.pack("<I", 10)  # it says that it unpacks to ten
    with pytest.raises(WeightsError, match="^The file is compressed"):
        read_checkpoint(bytes(content))


def test_one_part_under_many_names_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/data.pkl", bytes(10**6))
    listed = file.getvalue().index(b"PK\1\2")
    end = file.getvalue().index(b"PK\5\6")
    entry = bytearray(file.getvalue()[listed:end])
    entry[24:28] = struct.pack("<I", 10)
    directory = bytes(entry) * 100
    tail = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 100, 100, len(directory), listed, 0)
    with pytest.raises(WeightsError, match="^The file is compressed"):
        read_checkpoint(file.getvalue()[:listed] + directory + tail)


def test_more_tensors_than_any_network_has_are_refused() -> None:
    same = torch.ones(1)
    with pytest.raises(WeightsError, match="holds 20,001 tensors; a network here has at most 20,000"):
        read_checkpoint(torch_bytes({f"t{place}": same for place in range(MOST_TENSORS + 1)}))


def test_a_tensor_of_very_many_dimensions_is_told_in_few_words() -> None:
    content = save({"conv1.weight": torch.ones([1] * 2000)})
    with pytest.raises(
        WeightsError, match=r"^conv1\.weight has 2,000 dimensions; a tensor of a network has at most four\.$"
    ):
        read_checkpoint(content)


def test_keys_that_no_tensor_has_are_passed_over() -> None:
    everything = {"state_dict": {"a": FULL}, "history": {0.5: 3, (1, 2): 4, 2**70: 5, None: 6}, True: "yes"}
    assert list(read_checkpoint(torch_bytes(everything))) == ["a"]


def test_a_big_endian_file_is_named() -> None:
    old, file = zipfile.ZipFile(io.BytesIO(torch_bytes({"a": torch.ones(2)}))), io.BytesIO()
    with zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"big" if name.endswith("byteorder") else old.read(name))
    with pytest.raises(WeightsError, match="The byte order of the file is big-endian"):
        read_checkpoint(file.getvalue())


def test_names_of_parts_stay_within_the_archive(tmp_path: Any) -> None:
    """A storage's key is a name in the archive and never a path: nothing outside of it is read."""
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(8))
    content = torch_bytes({"a": torch.ones(2)}, zipped=True)
    old, file = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("data.pkl"):
                part = part.replace(unicode("0"), unicode(f"../../..{secret}"))
            new.writestr(name, part)
    with pytest.raises(WeightsError, match="or it is damaged"):
        read_checkpoint(file.getvalue())
