"""Data flows one way: what each part of the code may import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "resnet_core": {"streamlit", "plotly", "app"},
    "app/figures": {"streamlit", "torch", "torchvision", "captum"},
    "app/views": {"torch", "torchvision", "captum", "cachetools"},
    "app/sections": {"torch", "torchvision", "captum", "cachetools"},
}
HEAVY = {"torchvision", "captum", "PIL", "pillow_heif", "safetensors", "streamlit", "plotly", "skimage", "sklearn"}


def imports(source: str, *, top_level: bool = False) -> set[str]:
    """The top-level packages that a file imports, anywhere or only when it is itself imported."""
    tree = ast.parse(source)
    found = set()
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_arrows_point_one_way(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    for path in files:
        assert not imports(path.read_text()) & FORBIDDEN[folder], path


def test_only_one_file_knows_captum() -> None:
    knowing = [path.name for path in (ROOT / "resnet_core").rglob("*.py") if "captum" in imports(path.read_text())]
    assert knowing == ["method.py"]


def test_only_one_file_caches() -> None:
    using = [
        path.name
        for path in (ROOT / "app").rglob("*.py")
        if "cache_data" in path.read_text() or "cache_resource" in path.read_text() or "cachetools" in path.read_text()
    ]
    assert using == ["kept.py"]


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_library_loads_nothing_heavy_besides_torch_and_pandas() -> None:
    loaded = loaded_by("import resnet_core")
    assert {"torch", "pandas"} <= loaded
    assert not loaded & HEAVY


def test_the_check_above_can_fail() -> None:
    assert "PIL" in loaded_by("import resnet_core, PIL")


def test_the_heading_needs_no_torch() -> None:
    assert not loaded_by("import app.pages") & {"torch", "resnet_core"}
