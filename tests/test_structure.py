"""Data flows one way: what each part of the code may import."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import resnet_core as rc
from app import pages

ROOT = Path(__file__).parent.parent
# each knows those before it
PACKAGES = (
    "pictures",
    "weights",
    "nets",
    "pool",
    "inside",
    "lesions",
    "gradients",
    "attribution",
    "checks",
    "training",
)
FLOOR = {"errors", "exact", "progress", "variants"}  # under all packages
PAGES = {page.folder for page in pages.PAGES}
GUIDES = {"course", "classroom"}  # what leads through the pages
HEAVY = {"torchvision", "captum", "PIL", "pillow_heif", "safetensors", "streamlit", "plotly", "skimage", "sklearn"}


def modules(folder: str) -> dict[str, Path]:
    """The modules under a folder by their dotted names."""
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in found}


LIBRARY, APP = modules("resnet_core"), modules("app")


def names(path: Path) -> set[str]:
    """The modules that a file imports, those of ours by their whole names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {full if full in LIBRARY | APP else node.module for full in whole.values()}
    return found


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


def folder_of(module: str) -> str:
    """The package or page that a module belongs to; of a module beside them its own name."""
    return module.split(".")[1] if "." in module else ""


def test_the_library_knows_nothing_of_the_app() -> None:
    for path in LIBRARY.values():
        assert not imports(path.read_text()) & {"streamlit", "plotly", "app"}, path


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_of_the_library_knows_only_those_before_it(package: str) -> None:
    allowed = FLOOR | {*PACKAGES[: PACKAGES.index(package) + 1]}
    mine = {module: path for module, path in LIBRARY.items() if folder_of(module) == package}
    assert len(mine) > 1
    for module, path in mine.items():
        known = {name for name in names(path) if name in LIBRARY}
        assert {folder_of(name) for name in known} <= allowed, module
        foreign = {name for name in known if folder_of(name) != package}
        assert not any(name.split(".")[-1].startswith("_") for name in foreign), module


def test_what_lies_under_all_packages_knows_none_of_them() -> None:
    for name in FLOOR:
        known = {other for other in names(LIBRARY[f"resnet_core.{name}"]) if other in LIBRARY}
        assert {folder_of(other) for other in known} <= FLOOR, name


def test_every_module_of_the_library_stands_in_a_package_or_under_all() -> None:
    assert {folder_of(module) for module in LIBRARY} == {"", *PACKAGES, *FLOOR}


def test_no_module_of_the_library_circles_back_to_itself() -> None:
    TopologicalSorter(
        {
            module: {name for name in names(path) if name in LIBRARY}
            for module, path in LIBRARY.items()
            if module != "resnet_core"
        }
    ).prepare()  # raises for a circle


def test_no_package_and_no_module_has_the_name_of_a_public_function() -> None:
    assert not {name.split(".")[-1] for name in LIBRARY} & set(rc.__all__)


def test_what_nobody_outside_a_package_needs_begins_with_an_underscore() -> None:
    commands = {path for path in LIBRARY.values() if '__name__ == "__main__"' in path.read_text()}
    needed = {
        name
        for module, path in (LIBRARY | APP).items()
        for name in names(path)
        if name in LIBRARY and (module not in LIBRARY or folder_of(name) != folder_of(module))
    }
    for module, path in LIBRARY.items():
        if module.count(".") == 2 and path.name != "__init__.py" and path not in commands:
            assert path.name.startswith("_") is (module not in needed), module


@pytest.mark.parametrize("folder", sorted(PAGES))
def test_a_page_knows_no_other_page(folder: str) -> None:
    for module, path in APP.items():
        if folder_of(module) == folder:
            more = GUIDES if folder == "lessons" else set()
            known = {folder_of(name) for name in names(path) if name in APP}
            assert known <= {folder, "shared", "engine", *more}, module


def test_lessons_lie_over_the_pages_and_a_class_over_lessons() -> None:
    for module, path in APP.items():
        known = {folder_of(name) for name in names(path) if name in APP}
        if folder_of(module) == "course":
            assert known <= {"course", "shared", "engine", "command", "pages", *PAGES - {"lessons"}}, module
        if folder_of(module) == "classroom":
            assert known <= {*GUIDES, "shared", "engine", "command"}, module
        if known & GUIDES:
            assert folder_of(module) in {*GUIDES, "lessons", "explorer", "main"}, module


def test_the_engine_knows_no_page_and_what_pages_share_knows_none_either() -> None:
    for module, path in APP.items():
        known = {folder_of(name) for name in names(path) if name in APP}
        if folder_of(module) == "engine":
            assert known <= {"engine"}, module
        if folder_of(module) == "shared":
            assert known <= {"engine", "shared"}, module


def test_every_module_of_the_app_stands_in_a_page_or_is_the_engine_or_shared() -> None:
    assert {folder_of(module) for module in APP} == {
        "",
        "command",
        "main",
        "explorer",
        "pages",
        "ready",
        "engine",
        "shared",
        *GUIDES,
        *PAGES,
    }


@pytest.mark.parametrize(
    ("product", "folders"), [("resnet_core", {*PACKAGES}), ("app", {"engine", "shared", *GUIDES, *PAGES})]
)
def test_the_tests_stand_where_the_product_does(product: str, folders: set[str]) -> None:
    tests = ROOT / "tests" / product
    assert {path.parent.relative_to(tests).as_posix() for path in tests.rglob("test_*.py")} == {".", *folders}


def test_charts_and_words_know_neither_streamlit_nor_torch() -> None:
    drawn = [path for path in APP.values() if {"charts", "charts.py", "words.py", "drawing"} & {*path.parts}]
    assert len(drawn) > 30
    for path in drawn:
        assert not imports(path.read_text()) & {"streamlit", "torch", "torchvision", "captum"}, path


def test_in_a_page_only_what_computes_knows_torch() -> None:
    for module, path in APP.items():
        if folder_of(module) in PAGES and path.name != "computed.py":
            assert not imports(path.read_text()) & {"torch", "torchvision", "captum", "cachetools"}, path


def test_only_one_file_knows_captum() -> None:
    knowing = [path.name for path in (ROOT / "resnet_core").rglob("*.py") if "captum" in imports(path.read_text())]
    assert knowing == ["method.py"]


def test_only_one_file_caches() -> None:
    using = [
        path.name
        for path in (ROOT / "app").rglob("*.py")
        if "cache_data" in path.read_text() or "cache_resource" in path.read_text() or "cachetools" in path.read_text()
    ]
    assert using == ["cache.py"]


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """What a fresh interpreter holds after each import, one after the other: the first parts of its modules' names."""
    steps = (
        "app.pages",
        "resnet_core",
        "resnet_core.nets.loading",
        "resnet_core.attribution.maps",
        "PIL",
        "matplotlib",
    )
    each = "print(*{name.split('.')[0] for name in sys.modules})"
    code = "import sys" + "".join(f"\nimport {step}\n{each}" for step in steps)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {step: set(line.split()) for step, line in zip(steps, run.stdout.splitlines(), strict=True)}


def test_the_heading_needs_no_torch(loaded: dict[str, set[str]]) -> None:
    assert not loaded["app.pages"] & {"torch", "resnet_core"}


def test_importing_the_library_loads_nothing_heavy_besides_torch_and_pandas(loaded: dict[str, set[str]]) -> None:
    assert {"torch", "pandas"} <= loaded["resnet_core"]
    assert not loaded["resnet_core"] & HEAVY


def test_nor_does_what_loads_weights_and_what_makes_maps_until_it_is_asked(loaded: dict[str, set[str]]) -> None:
    for module in ("resnet_core.nets.loading", "resnet_core.attribution.maps"):
        assert not loaded[module] & {*HEAVY, "matplotlib"}


def test_the_checks_above_can_fail(loaded: dict[str, set[str]]) -> None:
    assert "PIL" in loaded["PIL"]
    assert "matplotlib" in loaded["matplotlib"]
