"""What the pages compute is computed once, shared, and not kept half done."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from safetensors.torch import save

import resnet_core as rc
from app.engine import compute
from app.engine.selection import OWN_FILE, RANDOM, Net, Photo, digest
from app.shared.first import compute_first
from tests.app.test_pages import page_text, start


def photo(colour: str) -> Photo:
    return Photo(digest=f"test:{colour}", title=colour, credit="", image=Image.new("RGB", (40, 40), colour))


NET = Net("resnet20", RANDOM)


def test_one_copy_of_a_network_a_server() -> None:
    with ThreadPoolExecutor(8) as pool:
        models = set(map(id, pool.map(lambda _: compute.model(Net("resnet32", RANDOM)), range(8))))
    assert len(models) == 1


def test_random_weights_are_those_of_the_network_that_was_asked_for() -> None:
    network = compute.model(Net("resnet50", RANDOM, built=rc.Build("none", "v1", "none", num_classes=7)))
    assert (network.shortcut_option, network.version, network.norm, network.num_classes) == ("none", "v1", "none", 7)
    assert compute.model(Net("resnet50", RANDOM)).shortcut_option == "B"


def test_an_untrained_twin_is_built_like_its_network_and_kept_once() -> None:
    assert compute.untrained_twin(Net("resnet20", "cifar10")) == NET
    assert compute.untrained_twin(Net("resnet18", "imagenette")).built == rc.Build("B", "v1.5", "batch", num_classes=10)
    plain = compute.untrained_twin(Net("resnet20", "cifar10-plain"))
    assert (plain.title, compute.model(plain).shortcut_option) == ("plain-20", "none")
    content = save(rc.build("resnet20", shortcut="B", norm="none").state_dict())
    own = Net("resnet20", OWN_FILE, digest(content), "mine.safetensors", content)
    assert compute.untrained_twin(own).built == rc.Build("B", "v1.5", "none", num_classes=10)


def test_a_result_is_computed_once_and_shared() -> None:
    first = compute.prediction(NET, photo("teal"))
    again = compute.prediction(NET, Photo("test:teal", "another name", "", Image.new("RGB", (40, 40), "teal")))
    assert again is first
    assert compute.prediction(NET, photo("navy")) is not first


def test_a_cancelled_result_is_not_kept_and_the_gate_opens_again() -> None:
    class Stop(BaseException):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stop

    for _ in range(2 * (os.cpu_count() or 1)):
        with pytest.raises(Stop):
            compute.attribution(NET, photo("olive"), 0, "saliency", progress=stop)
    record = compute.attribution(NET, photo("olive"), 0, "saliency")
    assert isinstance(record, rc.AttributionRecord)


@pytest.mark.parametrize(
    ("variant", "method", "long"),
    [
        ("resnet18", "saliency", False),  # 1.8e9 MACs forward, twice as many backward
        ("resnet18", "integrated_gradients", True),
        ("resnet152", "saliency", True),
        ("resnet20", "integrated_gradients", False),
    ],
)
def test_work_of_many_macs_is_long(variant: str, method: str, long: bool) -> None:
    how = rc.METHODS[method]
    passes = how.passes(how.resolve({}, rc.VARIANTS[variant]))
    assert compute.is_long(Net(variant, RANDOM), passes) is long


def test_what_the_first_visitor_sees_is_computed_before_he_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    compute_first()
    for work in ("predict", "attribute"):
        monkeypatch.delattr(rc, work)
    app = start()
    assert not app.exception
    assert "It says: church" in page_text(app)
