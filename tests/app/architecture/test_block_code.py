"""The block in code: the source is what runs, every term is found in it, and all of it can be read in both themes."""

import html
import inspect
import re
import textwrap
import tomllib
from pathlib import Path

import pytest

import resnet_core as rc
from app.architecture.charts import block_code
from app.architecture.charts.block_code import (
    CARRIED,
    DIM,
    LINE,
    STYLE,
    TERMS,
    TINT,
    equation_html,
    find_code,
    source_html,
)
from resnet_core.variants import BlockKind

ROOT = Path(__file__).parents[3]
KINDS: dict[str, BlockKind] = {"BasicBlock": "basic", "Bottleneck": "bottleneck"}
EVERY = [(name, shortcut) for name in KINDS for shortcut in CARRIED]


def body(page: str) -> str:
    return page.split("</style>")[1]


def plain(page: str) -> str:
    """HTML as the text one reads."""
    return html.unescape(re.sub(r"<[^>]*>", "", body(page))).replace("\xa0", " ")


def sources(page: str) -> list[str]:
    """The text of each <pre>."""
    return [html.unescape(re.sub(r"<[^>]*>", "", pre)) for pre in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)]


def marked(page: str, css: str) -> list[str]:
    """The text of every element with exactly this class."""
    found = []
    for start in re.finditer(f'<span class="{css}">', page):
        depth, at = 1, start.end()
        while depth:
            tag = re.compile(r"<(/?)span").search(page, at)
            assert tag
            depth += -1 if tag[1] else 1
            at = tag.end()
        found.append(html.unescape(re.sub(r"<[^>]*>?", "", page[start.end() : at - len("</span")])))
    return found


@pytest.mark.parametrize(("name", "shortcut"), EVERY)
def test_the_source_shown_is_the_file_itself(name: str, shortcut: str) -> None:
    file = (ROOT / "resnet_core/nets/blocks.py").read_text()
    page = source_html(name, shortcut)
    lines = [int(number) for number in re.findall(r"resnet_core/nets/blocks.py, line (\d+)", page)]
    shown = sources(page)
    assert len(shown) == len(lines) == {"none": 4, "zero-pad": 6}.get(shortcut, 5)
    for first, source in zip(lines, shown, strict=True):
        theirs = file.splitlines()[first - 1 : first - 1 + len(source.splitlines())]
        indent = len(theirs[0]) - len(theirs[0].lstrip())
        assert source == "".join(f"{line[indent:]}\n" for line in theirs)
    assert textwrap.dedent(inspect.getsource(getattr(rc, name).residual)) == shown[1]


@pytest.mark.parametrize(("name", "shortcut"), EVERY)
def test_every_term_of_the_table_is_found_in_the_source(name: str, shortcut: str) -> None:
    text = "\n".join(sources(source_html(name, shortcut)))
    for code in (*(code for term in TERMS.values() for code in term.code), CARRIED[shortcut].made):
        assert len(find_code(text, code)) == 1 + (code == "self.residual(x)") + (code == "total"), code


@pytest.mark.parametrize(("name", "shortcut"), EVERY)
def test_the_terms_are_marked_in_their_colours(name: str, shortcut: str) -> None:
    page = source_html(name, shortcut)
    assert marked(page, "term residual") == ["self.residual(x)"] * 2
    assert marked(page, "term shortcut") == ["self.shortcut(x)", CARRIED[shortcut].made]
    assert marked(page, "term sum") == ["total", " + ", "total"]
    assert marked(page, "term output") == ["return self.relu(", ")"]
    (residual,) = marked(page, "term residual whole")
    assert residual == textwrap.dedent(inspect.getsource(getattr(rc, name).residual))
    runs = marked(page, "term shortcut whole")
    assert [run.split("(")[0] for run in runs] == ["def shortcut", "def forward"][: len(CARRIED[shortcut].runs)]


def test_a_term_that_the_source_no_longer_has_is_not_found() -> None:
    renamed = inspect.getsource(block_code.Block.forward).replace("total", "summed")
    assert find_code(renamed, "total") == []
    assert len(find_code(renamed, "self.residual(x)")) == 2


def test_code_is_found_by_token() -> None:
    source = "def f(a):  # a + b\n    return a+b if 'a + b' else subtotal\n"
    assert [source[start:end] for start, end in find_code(source, "a + b")] == ["a+b"]
    assert find_code(source, "total") == []


def test_comments_docstrings_and_keywords_are_told_apart() -> None:
    page = source_html("Bottleneck", "zero-pad")
    dim = marked(page, "dim")
    assert all(text.startswith(("#", '"""')) for text in dim)
    assert any(text.startswith('"""x itself') for text in dim)
    assert '"bottleneck"' not in dim
    assert {"def", "return", "if", "else", "None"} <= set(marked(page, "keyword"))


@pytest.mark.parametrize("shortcut", CARRIED)
def test_nothing_of_the_source_becomes_markup(shortcut: str) -> None:
    for page in (source_html("BasicBlock", shortcut), equation_html("basic", shortcut), block_code.legend_html()):
        tags = set(re.findall(r"<(?!/)([^\s>]*)", body(page)))
        assert tags <= {"div", "figure", "figcaption", "pre", "span", "p", "sub", "wbr", "ul", "li", "code"}
    assert "-&gt; Tensor" in source_html("BasicBlock", shortcut)


@pytest.mark.parametrize(
    ("shortcut", "formula", "spoken"),
    [
        ("identity", "y = ReLU( F(x) + x )", "y equals ReLU of F of x plus x"),
        (
            "projection",
            "y = ReLU( F(x) + BN(Ws ∗ x) )",
            "y equals ReLU of F of x plus batch norm of W s convolved with x",
        ),
        (
            "zero-pad",
            "y = ReLU( F(x) + pad(x[::s, ::s]) )",
            "y equals ReLU of F of x plus every s-th pixel of x, padded with channels of zeros",
        ),
        ("none", "y = ReLU( F(x) )", "y equals ReLU of F of x"),
    ],
)
def test_the_equation_names_its_shortcut(shortcut: str, formula: str, spoken: str) -> None:
    page = equation_html("basic", shortcut)
    assert f"{formula}F(x) = BN2(W2 ∗ ReLU(BN1(W1 ∗ x)))" in plain(page)
    assert f'role="math" aria-label="{spoken}"' in page
    assert bool(marked(page, "term shortcut")) is (shortcut != "none")
    assert bool(marked(page, "term sum")) is (shortcut != "none")


def test_a_bottleneck_has_three_convs() -> None:
    page = equation_html("bottleneck", "identity")
    assert "F(x) = BN3(W3 ∗ ReLU(BN2(W2 ∗ ReLU(BN1(W1 ∗ x)))))" in plain(page)
    assert "Figure 5, right" in page


@pytest.mark.parametrize("name", KINDS)
def test_the_equation_has_the_convs_of_the_source(name: str) -> None:
    source = inspect.getsource(getattr(rc, name).residual)
    written = plain(equation_html(KINDS[name], "identity"))
    assert {f"W{number}" for number in re.findall(r"self\.conv(\d)", source)} == set(re.findall(r"W\d", written))
    assert {f"BN{number}" for number in re.findall(r"self\.bn(\d)", source)} == set(re.findall(r"BN\d", written))


def test_the_legend_names_every_term() -> None:
    assert plain(block_code.legend_html()) == (
        "F(x), the residual self.residual(x)shortcut(x) self.shortcut(x)"
        "their sum totaly, the output return self.relu(total)"
    )


def test_terms_differ_by_their_underline_too() -> None:
    assert len({term.underline for term in TERMS.values()}) == len({term.colour for term in TERMS.values()}) == 4


def mixed(front: str, back: str, percent: float) -> str:
    """CSS' color-mix in sRGB of two opaque colours."""
    pairs = ((int(front[at : at + 2], 16), int(back[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round((a * percent + b * (100 - percent)) / 100):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_by_hand() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mixed("#ff0000", "#0000ff", 25) == "#4000bf"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("term", TERMS)
def test_every_term_can_be_read(theme: str, term: str) -> None:
    colours = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"][theme]
    page, ink = colours["backgroundColor"], colours["textColor"]
    tint = mixed(TERMS[term].colour, page, TINT)
    assert contrast(ink, tint) >= 4.5
    assert contrast(mixed(ink, tint, DIM), tint) >= 4.5  # a comment inside a term
    assert contrast(mixed(ink, page, DIM), page) >= 4.5
    assert contrast(mixed(TERMS[term].colour, ink, LINE), page) >= 3  # WCAG's figure for lines
    assert f"--term: {TERMS[term].colour}" in STYLE
    assert not re.search(r"[^-]color: (?!color-mix\(in srgb, currentColor|inherit)", STYLE)  # no fixed text colour
