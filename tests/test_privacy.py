"""What one visitor gives reaches no other, no file of the server, and no page that tells of the server's inside."""

from __future__ import annotations

import gc
import tomllib
import weakref
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import resnet_core as rc
from app.engine.cache import result_key
from app.engine.compute import sample_photo
from app.engine.selection import OWN_FILE, Flow, Net, Photo, digest
from app.shared.photo import MEGABYTES
from app.shared.sentences import plain
from tests.app.test_pages import page_text, picture, start
from tests.serving import ROOT

EVIL = "../../etc/**x** :red[y] $z$\n<b>.png"
IMAGE = rc.open_image(picture())


def test_two_visitors_with_the_same_photo_never_see_each_others_name_of_it() -> None:
    first, second, third = start(), start(), start()
    first.file_uploader("upload").upload("my-own-name.png", picture("navy")).run()
    second.file_uploader("upload").upload("another.png", picture("navy")).run()
    third.run()
    assert "my-own-name.png, 224 × 224 pixels" in page_text(first)
    assert "another.png, 224 × 224 pixels" in page_text(second)
    assert "The Summer Palace, 224 × 224 pixels" in page_text(third)
    for visitor in (second, third):
        assert "my-own-name" not in page_text(visitor)
        assert not any("my-own-name" in str(element.proto) for element in visitor.get("imgs"))


def test_results_are_shared_for_the_same_bytes_alone() -> None:
    net = Net("resnet20", OWN_FILE, digest(b"one"), "a.pth", b"one")
    photo = Photo(digest(b"me"), "me.png", "", IMAGE)
    key = result_key(net, photo)
    assert key == result_key(Net("resnet20", OWN_FILE, digest(b"one"), "b.pth", b"one"), photo)
    assert key == result_key(net, Photo(digest(b"me"), "other.png", "", IMAGE))
    others = (
        (Net("resnet20", OWN_FILE, digest(b"two"), "a.pth", b"two"), photo),
        (net, Photo(digest(b"you"), "me.png", "", IMAGE)),
        (Net("resnet20", "cifar10"), photo),
        (net, sample_photo("cat")),
    )
    assert all(key != result_key(*other) for other in others)


def test_no_key_keeps_what_a_visitor_gave() -> None:
    image = IMAGE.copy()
    kept, photo = weakref.ref(image), Photo(digest(b"me"), "me.png", "", image)
    net = Net("resnet20", OWN_FILE, digest(b"one"), "a.pth", b"one")
    keys = [result_key(net, photo), result_key(Flow("resnet20", rc.Build("A"), 0, 0, "your photo", photo))]
    del image, photo
    gc.collect()
    assert kept() is None
    assert "a.pth" not in f"{keys}"


def test_the_name_of_an_upload_is_shown_as_text_and_is_no_path() -> None:
    app = start()
    app.file_uploader("upload").upload(EVIL, b"no picture").run()
    assert app.error[0].value.startswith(f"{plain(EVIL)}: This file is not a picture")
    app.file_uploader("upload").upload(EVIL, picture("teal")).run()
    assert not app.error
    assert not app.exception


def test_a_photo_larger_than_the_browser_would_send_is_refused_by_the_server() -> None:
    app = start()
    app.file_uploader("upload").upload("large.png", picture() + bytes(MEGABYTES * 2**20)).run()
    assert "The file has more than 20 MB. Please make the picture smaller." in app.error[0].value
    assert "The Summer Palace, 224 × 224 pixels" in page_text(app)


def test_the_server_takes_no_file_that_is_larger_than_every_upload_may_be() -> None:
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert settings["server"]["maxUploadSize"] == max(one.proto.max_upload_size_mb for one in start().file_uploader)


@pytest.mark.parametrize("where", ["url", "message"])
def test_weights_are_those_of_the_list_and_never_a_path(where: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"secret")
    app = start(weights=str(path)) if where == "url" else start()
    if where == "message":  # as no browser would send it
        chooser = app.selectbox("weights")
        chooser.options.append(str(path))
        chooser.set_value(str(path)).run()
    assert not app.exception
    assert app.selectbox("weights").value == "imagenette"
    assert not app.error


def test_an_error_in_a_page_tells_the_visitor_nothing_of_the_server() -> None:
    app = AppTest.from_string("raise RuntimeError('secret in ' + __file__)").run()
    (shown,) = app.exception
    told = f"{shown.proto}"
    assert "error" in shown.message
    assert not any(word in told for word in ("secret", "RuntimeError", "Traceback", ".py", "/"))
