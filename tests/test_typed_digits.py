"""No measured number is typed into a sentence: digits in the product's own words come from data, or from a source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sentences import NAMES

ROOT = Path(__file__).parent.parent
WORDS = 4  # so many words make a sentence
HARMLESS = re.compile(
    r"(?<![\d.,])[01](?![\d.,]*\d)"  # exactly 0, 1 = the same: no measurement
    r"|\((N|1), 3, H, W\)|\(1, H, W\)|Falcon 9|of 100\b|SHA-256|UTF-8|#[0-9A-Fa-f]{6}"
)
MARKUP = re.compile(  # styles, templates, addresses, file names, the log, and source
    r"https?://|[a-z-]+: ?[^ ]+[;}]|</?[a-z]+|color-mix|%\{|^%s|\.pth$|[=(]\w+[\[(]"
    r"|^\s*(import|from|tables?|nets|rc\.|height, width)\b"
)

# What may be typed, and where it can be looked up. The first words of the sentence's own piece of text are enough.
SOURCES = {
    "18 to 152 are the ImageNet networks": "names of networks: He et al. 2015, Table 1 and section 4.2",
    "Photo by danielbuechele": "licence and address: sklearn/datasets/images/README.txt",
    "Photo by vultilion": "the same",
    "For example 3, 7, 10-15": "an example of what to type",
    "The length of one SGD step over": "an example: 0.01 is 1 %",
    "At stride 2 on a map of even size": "Keras' documentation of ZeroPadding2D and padding",
    "`BatchNormalization`: PyTorch's epsilon": "the documentations of both",
    "Before training Keras draws Glorot": "the documentations of both",
    "`keras.applications.ResNet50` is another": "the source of keras.applications",
    "A: identity, with zeros": "He et al. 2015, sections 3.3 and 4.1",
    "It estimates the same shares as KernelSHAP": "Captum's default n_samples, and our number of regions",
    "The largest noise, in the network's": "an example: one grey level of 255 over the std of ImageNet's colours",
    "Gaussian, 2 % of the side": "the name of a choice, which carries its value",
    "Gaussian, 5 % of the side": "the name of a choice, which carries its value",
    "The paper's errors are those of its Table 6": "He et al. 2015, Table 6 and Fig. 6",
    "0.1, divided by 10 after": "He et al. 2015, section 4.2",
    "One MAC is one multiplication": "He et al. 2015, section 4.2",
    ". The paper's 3.8 and torchvision's 4.1": "He et al. 2015, Table 1, and torchvision's weights",
    ". A network cannot say": "arithmetic: all probabilities are 100 %",
    "; their labels, 0 to 9 in turn": "`batches.labels`",
    ". Their labels are 0 to 9 in turn": "`batches.labels`",
}


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string, or piece of one around what is put in, that reads like a sentence."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said_to_programmers = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    formats = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None
        for part in ast.walk(node.format_spec)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if id(node) in said_to_programmers | formats or MARKUP.search(text):
                continue
            if len(re.findall(r"[A-Za-z]{2,}", text)) >= WORDS:
                yield node.lineno, text


def typed(text: str) -> list[str]:
    """The digits in a text that are neither names nor harmless."""
    return re.findall(r"\d[\d.,]*", HARMLESS.sub("", NAMES.sub("", text)))


FILES = sorted([*ROOT.glob("app/**/*.py"), *ROOT.glob("resnet_core/**/*.py")])


@pytest.mark.parametrize("folder", ["app", "resnet_core"])
def test_no_digit_is_typed_into_a_sentence(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {numbers} in {text!r}"
        for path in sorted((ROOT / folder).glob("**/*.py"))
        for line, text in sentences(path)
        if (numbers := typed(text)) and not text.startswith(tuple(SOURCES))
    ]
    assert not found, "\n".join(found)


def test_every_source_is_still_needed() -> None:
    said = [text for path in FILES for _, text in sentences(path)]
    assert [start for start in SOURCES if not any(text.startswith(start) and typed(text) for text in said)] == []


def test_the_search_tells_a_measurement_from_a_name() -> None:
    assert typed("ResNet-56 errs on 12.8 % in layer3.0 (He et al. 2015, section 4.2)") == ["12.8"]
    assert typed("A 3×3 conv of plain-20 has a gradient of exactly 0 in float32") == []
