"""Every program that the page shows is run, and must end with the numbers that the page shows."""

import ast
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
import torch
from pandas.testing import assert_frame_equal
from PIL import Image

import resnet_core as rc
from app.architecture import code as architecture
from app.architecture.charts import stages
from app.engine import compute
from app.engine.selection import OWN_FILE, RANDOM, Anatomy, Net, Photo
from app.feature_maps import code as feature_maps
from app.feature_maps.charts import depth, parts
from app.predict import code as predict
from app.predict.reliability import table_of
from app.shared.drawing import fields
from resnet_core.pictures.samples import SAMPLES

CAT = Photo("sample:cat", "Chelsea the cat", "", SAMPLES["cat"].load())
BUNDLED = Net("resnet20", "cifar10")
PLAIN = Net("resnet20", "cifar10-plain")
UNTRAINED = Net("resnet20", RANDOM)
UNTRAINED_PLAIN = Net("resnet20", RANDOM, built=rc.Build("none", "v1.5", "none", num_classes=7))
OWN = Net("resnet20", OWN_FILE, digest="1", file_name='my "best" net.pth')


def run(program: str) -> pd.DataFrame:
    """The table that a program gives where there is no app: whoever copies it has the library alone."""
    names: dict[str, Any] = {}
    with patch.dict(sys.modules, dict.fromkeys([name for name in sys.modules if name.split(".")[0] == "app"])):
        exec(compile(program, "snippet", "exec"), names)
    table: pd.DataFrame = names["table"]
    return table


def load(net: Net) -> rc.ResNet:
    if net == UNTRAINED_PLAIN:
        return rc.build("resnet20", shortcut="none", norm="none", num_classes=7, seed=0).eval()
    if net.weights == RANDOM:
        return rc.build(net.variant, seed=0).eval()
    return rc.load(net.variant, net.file_name if net.weights == OWN_FILE else net.weights)


def record(net: Net, photo: Photo) -> rc.ForwardRecord:
    model = load(net)
    return rc.capture(model, rc.preprocess(photo.image, model))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Photo:
    """A folder with the visitor's checkpoint and photo; returns the photo."""
    monkeypatch.chdir(tmp_path)
    torch.save(rc.build("resnet20", seed=5).state_dict(), OWN.file_name)
    Image.linear_gradient("L").convert("RGB").save("my photo.png")
    return Photo("0123", "my photo.png", "", rc.open_image("my photo.png"))


@pytest.mark.parametrize(
    "anatomy",
    [
        Anatomy("resnet18", 96, rc.Build("B", "v1.5", num_classes=10)),
        Anatomy("resnet50", 64, rc.Build("none", "v1", num_classes=1000)),
        Anatomy("resnet20", 32, rc.Build("C", "v1.5", num_classes=10)),
    ],
)
def test_a_description(anatomy: Anatomy) -> None:
    described = compute.description(anatomy)
    shown = {
        "layers": described.layers,
        "blocks": described.blocks,
        "stages": stages.stage_table(described),
        "fields": fields.field_table(described),
    }
    assert set(shown) == set(architecture.TABLES)
    for what, table in shown.items():
        assert_frame_equal(run(architecture.describe_code(anatomy, what)), table)


def test_what_is_usual_is_not_said() -> None:
    usual = architecture.describe_code(Anatomy.of_paper("resnet18"), "blocks")
    assert 'rc.describe("resnet18", 224)' in usual
    plain = architecture.describe_code(Anatomy("resnet50", 224, rc.Build("none", "v1", num_classes=7)), "blocks")
    assert 'rc.describe("resnet50", 224, shortcut="none", version="v1", num_classes=7)' in plain


@pytest.mark.parametrize("net", [BUNDLED, UNTRAINED, OWN], ids=["bundled", "random", "own file"])
def test_measures_of_one_network(net: Net, files: Photo) -> None:
    for photo in (CAT, files):
        shown = depth.depth_table([depth.Series(net.label, rc.measures(record(net, photo)))])
        assert_frame_equal(run(feature_maps.measures_code([net], photo)), shown)


def test_measures_of_several_networks(files: Photo) -> None:
    nets = [BUNDLED, PLAIN, UNTRAINED_PLAIN, OWN]
    shown = depth.depth_table([depth.Series(net.label, rc.measures(record(net, files))) for net in nets])
    assert shown["net"].nunique() == 4
    assert list(shown["net"].unique())[2] == "plain-20 · random weights (7 classes)"
    assert_frame_equal(run(feature_maps.measures_code(nets, files)), shown)


@pytest.mark.parametrize("temperature", [None, 0.5])
def test_the_reliability_of_all_test_pictures_or_of_those_a_temperature_is_tested_on(temperature: float | None) -> None:
    weights = rc.WEIGHTS["resnet18", "imagenette"]
    program = predict.reliability_code(weights, scaled=temperature is not None)
    assert_frame_equal(run(program), table_of(weights, temperature))


@pytest.mark.parametrize(("place", "part"), [("stem", "y"), ("layer2.0", "residual"), ("layer3.2", "y")])
def test_channels(place: str, part: Any, files: Photo) -> None:
    seen = record(OWN, files)
    maps = seen.stem if place == "stem" else getattr(seen[place], part)
    assert_frame_equal(run(feature_maps.channels_code(OWN, files, place, part)), rc.channel_statistics(maps[0]))


@pytest.mark.parametrize("name", ["a\nimport os", "quote\"'.png", "line\u2028separator.png", "back\\slash.png"])
def test_a_file_name_stays_one_string(name: str) -> None:
    program = feature_maps.channels_code(BUNDLED, Photo("0123", name, "", CAT.image), "stem", "y")
    strings = [node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant)]
    assert name in strings


def test_imports_come_first() -> None:
    lines = feature_maps.measures_code([BUNDLED, PLAIN], CAT).split("\n")
    assert lines[:4] == [
        "import pandas as pd",
        "import resnet_core as rc",
        "from resnet_core.pictures.samples import SAMPLES",
        "",
    ]
    assert not any(line.startswith(("import ", "from ")) for line in lines[4:])


@pytest.mark.parametrize("net", [BUNDLED, PLAIN], ids=["residual", "plain"])
def test_one_channel_and_one_block(net: Net) -> None:
    block = record(net, CAT)["layer2.0"]
    found = run(feature_maps.channel_code(net, CAT, "layer2.0", "residual", 5))
    assert_frame_equal(found, pd.DataFrame(block.residual[0, 5].numpy()))
    inside = parts.parts_of(block.shortcut_kind)[1:]
    found = run(feature_maps.block_code(net, CAT, "layer2.0", inside, 9))
    assert_frame_equal(found, parts.values_table(block, 9))
    assert list(found.columns) == ["row", "column", *inside]


@pytest.mark.parametrize("net", [BUNDLED, PLAIN, OWN], ids=["residual", "plain", "own file"])
def test_a_block_whose_residual_is_0(net: Net, files: Photo) -> None:
    model = load(net)
    block = rc.capture(model, rc.preprocess(files.image, model), remove=["layer2.1"])["layer2.1"]
    inside = parts.parts_of(block.shortcut_kind)[1:]
    found = run(feature_maps.block_code(net, files, "layer2.1", inside, 9, zero=True))
    assert_frame_equal(found, parts.values_table(block, 9))
    assert not found["residual"].any()
    assert np.array_equal(np.maximum(found["sum"], 0), found["y"])
