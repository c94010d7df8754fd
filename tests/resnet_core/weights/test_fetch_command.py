"""`python -m resnet_core.weights fetch` against a server on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from resnet_core.weights import __main__ as command
from resnet_core.weights.catalogue import WEIGHTS
from tests.resnet_core.weights.test_downloads import CONTENT, FILE, QuietServer, at, server

__all__ = ["server"]  # the fixture


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    return tmp_path / "checkpoints" / FILE


def test_a_file_is_fetched_once_with_progress(
    server: QuietServer, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(WEIGHTS, ("resnet50", "imagenet"), at(server, "whole"))
    command.main(["fetch", "resnet50"])
    assert cache.read_bytes() == CONTENT
    assert str(cache) in capsys.readouterr().err
    monkeypatch.setitem(WEIGHTS, ("resnet50", "imagenet"), at(server, "missing"))
    command.main(["fetch", "resnet50"])
    assert "is here already" in capsys.readouterr().err


def test_what_cannot_be_had_is_one_sentence(
    server: QuietServer, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(WEIGHTS, ("resnet50", "imagenet"), at(server, "missing"))
    with pytest.raises(SystemExit, match="ImageNet weights of ResNet-50 .* could not be downloaded: .* 404"):
        command.main(["fetch", "resnet50"])
    assert not cache.exists()
    with pytest.raises(SystemExit):
        command.main(["fetch", "resnet20"])
    assert "there are no imagenet weights of resnet20" in capsys.readouterr().err
