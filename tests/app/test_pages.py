"""The pages through Streamlit's own test runner: what a visitor reads, from live networks."""

import io
import re
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import resnet_core as rc
from app.pages import PAGES
from resnet_core.pictures.samples import SAMPLES
from resnet_core.weights import downloads

MAIN = str(Path(__file__).parents[2] / "app" / "explorer.py")


def start(page: str = "predict/page.py", **url: str) -> AppTest:
    """The app as a link opens it."""
    app = AppTest.from_file(MAIN, default_timeout=120)
    for name, value in url.items():
        app.query_params[name] = value
    folder = page.removesuffix("/page.py")
    app._page_hash = calc_hash(
        "" if folder == PAGES[0].folder else folder
    )  # `switch_page` would run the first page before this one
    app.run()
    assert not app.exception
    assert app.title[0].value == next(info.question for info in PAGES if info.folder == folder)
    return app


def page_text(app: AppTest) -> str:
    """Everything that the page says, in one string."""
    parts = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join([part.value for part in parts] + [element.proto.body for element in app.get("html")])


def findings(app: AppTest) -> list[str]:
    """The titles of the charts, each with what stands beneath it, in one line each."""
    found = [each.proto.body for each in app.get("html") if each.proto.body.startswith('<div class="finding">')]
    return [re.sub(r"(<[^>]*>|\N{NO-BREAK SPACE}|\s)+", " ", html).strip() for html in found]


def picture(colour: str = "green", size: tuple[int, int] = (300, 200)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_first_visit_says_something_true_about_a_real_picture() -> None:
    app = start()
    assert "What does a ResNet see in your photo" in app.title[0].value
    model = rc.load("resnet18", "imagenette", device="auto")
    answer = rc.predict(model, rc.preprocess(SAMPLES["palace"].load(), model))
    text = page_text(app)
    assert answer["class"].iloc[0] == "church"
    for name, probability in zip(answer["class"], answer["probability"], strict=True):
        assert name in text
        assert f"width:{100 * probability:.2f}%" in text
    assert "These weights know 10 words: tench, English springer" in text
    share = f"{100 * model.weights.accuracy:.0f}\N{NO-BREAK SPACE}%"
    right = f"It is right on {share} of 3,925 pictures that it did not learn from"
    assert f"{right} (these decided how long it was trained, so others may be a little harder)." in text


@pytest.mark.parametrize("view", ["predict/page.py", "attributions/page.py", "feature_maps/page.py", "lesions/page.py"])
def test_an_untrained_network_that_overflows_is_not_called_broken(view: str) -> None:
    app = start(view, net="ResNet-1202")
    text = page_text(app)
    assert "overflow" in text
    assert "batch norm has no statistics yet" in text
    assert "broken" not in text
    assert "not a number" not in text
    assert not re.search(r"\bnan\b", text)
    sees = "From layer2.22 on" if view == "feature_maps/page.py" else "The Summer Palace, 32 × 32 pixels"
    assert sees in text


@pytest.mark.parametrize("title", [method.title for method in rc.METHODS.values()])
def test_every_method_draws_its_map(title: str) -> None:
    app = start(net="ResNet-20", weights="CIFAR-10", method=title)
    assert app.selectbox("method").value == next(name for name, method in rc.METHODS.items() if method.title == title)
    assert f"**{title}**" in page_text(app)
    assert "Colour scale from" in page_text(app)


def test_the_url_carries_network_weights_photo_class_and_method() -> None:
    app = start(
        net="ResNet-20", weights="random weights", sample="Chelsea the cat", method="Saliency", **{"class": "class 3"}
    )
    assert app.selectbox("net").value == "resnet20"
    assert app.selectbox("weights").value == "random"
    assert app.segmented_control("photos").value == "cat"
    assert app.selectbox("class").value == "class 3"
    assert "with random weights** has learned nothing: whatever it says, one of 10 classes, is" in page_text(app)
    assert "moves class 3 most" in page_text(app)


def test_nonsense_in_the_url_falls_back_and_an_unknown_network_is_named_until_one_is_chosen() -> None:
    app = start(net="plain-20", weights="none", method="Voodoo")
    assert app.selectbox("net").value == "resnet18"
    assert app.selectbox("method").value == "grad_cam"
    assert [said.value.replace("\u2060", "") for said in app.info] == [
        "The link asks for “plain-20”, which is not in the list of networks. You see ResNet-18.",
        "The link asks for “none”, which is not in the list of weights of ResNet-18. You see Imagenette.",
    ]
    app.selectbox("net").set_value("resnet20").run()
    assert not app.info
    app = start(compare="true", net2="plain-20", weights2="none")
    assert [said.value.replace("\u2060", "") for said in app.info] == [
        "The link asks for “plain-20”, which is not in the list of networks. You see ResNet-20.",
        "The link asks for “none”, which is not in the list of weights of ResNet-20. You see CIFAR-10.",
    ]


def test_an_upload_is_what_the_network_sees() -> None:
    app = start()
    app.file_uploader("upload").upload("meadow.png", picture()).run()
    assert not app.exception
    assert "meadow.png, 224 × 224 pixels" in page_text(app)
    app.switch_page("architecture/page.py").run()
    app.switch_page("predict/page.py").run()
    assert "meadow.png, 224 × 224 pixels" in page_text(app)
    app.segmented_control("photos").set_value("cat").run()
    assert "Chelsea the cat, 224 × 224 pixels" in page_text(app)


def test_a_click_while_a_photo_is_being_read_does_not_lose_it(monkeypatch: pytest.MonkeyPatch) -> None:
    app = start()
    with monkeypatch.context() as patch:
        patch.setattr(rc, "open_image", stopped)
        app.file_uploader("upload").upload("meadow.png", picture()).run()
    app.toggle("camera_on").set_value(False).run()
    assert not app.exception
    assert "meadow.png, 224 × 224 pixels" in page_text(app)


def stopped(_content: bytes) -> Image.Image:
    """What Streamlit does to a page whose visitor asks for something else."""
    raise StopException


def test_taking_a_bad_file_away_leaves_the_photo_before_it() -> None:
    app = start()
    app.file_uploader("upload").upload("meadow.png", picture()).run()
    app.file_uploader("upload").clear().run()  # as a browser does just before it sends what replaces it
    app.file_uploader("upload").upload("notes.txt", b"no picture").run()
    assert "The photo shown before stays." in app.error[0].value
    assert "meadow.png, 224" in page_text(app)
    app.file_uploader("upload").clear().run()
    assert not app.error
    assert "meadow.png, 224 × 224 pixels" in page_text(app)
    app.file_uploader("upload").upload("lake.png", picture("navy")).run()
    app.file_uploader("upload").clear().run()
    assert "The Summer Palace, 224 × 224 pixels" in page_text(app)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.txt", b"not a picture at all", "not a picture that can be read"),
        ("empty.jpg", b"", "empty"),
        ("cut.png", picture()[:60], "damaged|cannot be|not a picture"),
    ],
)
def test_a_bad_file_costs_one_sentence_and_nothing_else(name: str, content: bytes, sentence: str) -> None:
    app = start()
    app.file_uploader("upload").upload(name, content).run()
    assert not app.exception
    assert len(app.error) == 1
    assert app.error[0].value.startswith(f"{name}: ")
    assert any(part in app.error[0].value for part in sentence.split("|"))
    assert "The Summer Palace, 224 × 224 pixels" in page_text(app)
    app.segmented_control("photos").set_value("coffee").run()
    assert not app.error


def test_a_checkpoint_of_another_network_is_explained() -> None:
    state = rc.build("resnet20", seed=0).state_dict()
    app = start()
    app.file_uploader("checkpoint").upload("other.safetensors", save(state)).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "ResNet-18" in app.error[0].value
    assert "conv1.weight" in app.error[0].value


def test_an_own_checkpoint_speaks() -> None:
    model = rc.build("resnet20", seed=3, num_classes=4)
    app = start(net="ResNet-20")
    app.file_uploader("checkpoint").upload("mine.safetensors", save(model.state_dict())).run()
    assert not app.exception
    assert "from the file" in page_text(app)
    assert "The 4 classes have no names here" in page_text(app)
    app.switch_page("glossary/page.py").run()  # which shows no network
    app.switch_page("predict/page.py").run()
    assert "The 4 classes have no names here" in page_text(app)
    next(button for button in app.button if button.label == "Return to the list").click().run()
    assert "trained on a JPEG copy of CIFAR-10" in page_text(app)


def test_a_broken_checkpoint_is_diagnosed() -> None:
    state = rc.build("resnet20", seed=3).state_dict()
    state["layer1.0.conv1.weight"].fill_(torch.nan)
    app = start(net="ResNet-20")
    app.file_uploader("checkpoint").upload("broken.safetensors", save(state)).run()
    assert not app.exception
    assert "values of this map are not finite numbers" in page_text(app)
    assert "layer1.0.conv1" in page_text(app)


def test_downloads_without_network_end_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert not downloads.cached_path(rc.WEIGHTS["resnet50", "imagenet"].url).exists()
    app = start(net="ResNet-50", weights="ImageNet")
    assert "not on this machine yet" in page_text(app)
    app.button("download").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert "could not be downloaded" in app.error[0].value


def test_two_networks_side_by_side() -> None:
    app = start(compare="true", net2="ResNet-20", weights2="CIFAR-10")
    text = page_text(app)
    assert text.index('title="ResNet-18 · Imagenette"') < text.index('title="ResNet-20 · CIFAR-10"')
    assert mapped(app) == ["church", "truck"]  # ResNet-20 has no word for church: its first answer
    assert "224 × 224 pixels" in text
    assert "32 × 32 pixels" in text


def mapped(app: AppTest) -> list[str]:
    """The classes of the maps."""
    start = "What mattered for "
    return [each.value.removeprefix(start) for each in app.subheader if each.value.startswith(start)]


def test_both_networks_are_asked_for_one_class_until_an_answer_of_the_second_is_picked() -> None:
    nets = {"net": "ResNet-20", "weights": "CIFAR-10", "net2": "ResNet-20", "weights2": "CIFAR-10, plain twin"}
    app = start(compare="true", **nets, **{"class": "dog"})
    assert mapped(app) == ["dog", "dog"]
    app = start(compare="true", **nets, class2="ship", **{"class": "dog"})
    assert mapped(app) == ["dog", "ship"]
    app.selectbox("class").set_value("cat").run()
    assert mapped(app) == ["cat", "cat"]
    assert "class2" not in app.query_params


def test_architecture_of_the_plain_twin_has_no_shortcuts() -> None:
    app = start("architecture/page.py", net="ResNet-20", weights="CIFAR-10, plain twin")
    assert "plain-20: 9 blocks without shortcuts" in page_text(app)


def test_a_class_is_a_word_and_leaves_with_the_list_that_has_it() -> None:
    app = start(**{"class": "tench"})
    assert "counted most for tench" in page_text(app)
    app.selectbox("net").set_value("resnet20").run()
    shown = next(each for each in app.selectbox if each.label == "Show what mattered for")
    assert shown.value == "the first answer"
    assert "class" not in app.query_params
    app = start(net="ResNet-20", weights="CIFAR-10", **{"class": "dog"})
    app.selectbox("net").set_value("resnet32").run()  # random weights: its classes are numbers
    assert "class" not in app.query_params


def test_no_checkpoint_leaves_what_worked() -> None:
    app = start(net="ResNet-20")
    app.file_uploader("checkpoint").upload("photo.jpg", picture()).run()
    assert not app.exception
    assert [error.value.startswith("photo.jpg: ") for error in app.error] == [True]
    assert "In use" not in page_text(app)
    assert "**ResNet-20** trained on" in page_text(app)  # the weights of the list
    app.file_uploader("checkpoint").upload("mine.safetensors", save(rc.build("resnet20", seed=3).state_dict())).run()
    assert "In use: **mine.safetensors**" in page_text(app)
    app.file_uploader("checkpoint").upload("photo.jpg", picture()).run()
    assert len(app.error) == 1
    assert "In use: **mine.safetensors**" in page_text(app)
    assert "from the file" in page_text(app)


def test_labels_tell_the_two_networks_apart() -> None:
    labels = [each.label for each in start(compare="true").selectbox]
    assert len(labels) == len(set(labels))
