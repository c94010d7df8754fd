"""A block as an equation and as the source that runs, with one colour and one underline for each term in both."""

from __future__ import annotations

import html
import inspect
import textwrap
from collections.abc import Callable
from itertools import accumulate, groupby
from typing import Any, Literal, NamedTuple

import resnet_core as rc
from app.architecture.charts.source_marks import CodeSpan, find_code, marked, syntax
from app.shared.drawing.colours import OUTPUT, RESIDUAL, SHORTCUT, SUM
from resnet_core.nets.blocks import Block, ShortcutKind, ZeroPad, make_shortcut
from resnet_core.variants import CONVS_PER_BLOCK, BlockKind

TINT, LINE, DIM = 22, 70, 76  # percent: the colour behind a term, the text's colour in its underline, and in comments
CONVOLVED = "&nbsp;∗&nbsp;"  # a line break is only allowed before parts of a formula


class Term(NamedTuple):
    """One term of the equation: how it is marked, what it is called, and the code that computes it."""

    colour: str
    underline: str
    title: str
    code: tuple[str, ...]


TERMS = {
    "residual": Term(RESIDUAL, "solid", "F(x), the residual", ("self.residual(x)",)),
    "shortcut": Term(SHORTCUT, "double", "shortcut(x)", ("self.shortcut(x)",)),
    "sum": Term(SUM, "dotted", "their sum", ("self.residual(x) + self.shortcut(x)", "total")),
    "output": Term(OUTPUT, "dashed", "y, the output", ("return self.relu(total)",)),
}
METHODS: dict[Callable[..., Any], str] = {  # methods whose whole body is one term
    rc.BasicBlock.residual: "residual",
    rc.Bottleneck.residual: "residual",
    Block.shortcut: "shortcut",
    ZeroPad.forward: "shortcut",
}


class Carried(NamedTuple):
    """One kind of shortcut: formula, spoken form, source in the paper, and the code that builds and calls it."""

    formula: str
    spoken: str
    source: str
    made: str
    runs: tuple[Callable[..., Any], ...]


CARRIED: dict[ShortcutKind, Carried] = {
    "identity": Carried(
        "x",
        "x",
        "Equation (1), section 3.2: x is added as it is.",
        "nn.Identity()",
        (Block.shortcut,),
    ),
    "projection": Carried(
        f"BN(W<sub>s</sub>{CONVOLVED}x)",
        "batch norm of W s convolved with x",
        "Equation (2), section 3.2; W<sub>s</sub> is a 1×1 conv at the block’s stride (options B and C).",
        "nn.Sequential(conv(channels_in, channels_out, 1, stride, norm), norm_layer(channels_out, norm))",
        (Block.shortcut,),
    ),
    "zero-pad": Carried(
        "pad(x[::s, ::s])",
        "every s-th pixel of x, padded with channels of zeros",
        "Option A, section 3.3: every s-th pixel, s being the block’s stride, and zeros for the channels that are new.",
        "ZeroPad(stride, channels_out - channels_in)",
        (Block.shortcut, ZeroPad.forward),
    ),
    "none": Carried(
        "",
        "",
        "The plain network of section 3.3: nothing carries x past F(x).",
        "NoShortcut()",
        (),
    ),
}
RESIDUAL_SOURCES: dict[BlockKind, str] = {
    "basic": "Two 3×3 convs (Figure 5, left)",
    "bottleneck": "1×1, 3×3, 1×1 convs (Figure 5, right)",
}

STYLE = f"""<style>
.block-code .term {{background: color-mix(in srgb, var(--term) {TINT}%, transparent); padding: .05em .12em;
  border: 0 solid color-mix(in srgb, var(--term) {LINE}%, currentColor); border-bottom-width: 3px;
  border-radius: 3px 3px 0 0; -webkit-box-decoration-break: clone; box-decoration-break: clone}}
{"".join(f".block-code .{name} {{--term: {it.colour}; border-style: {it.underline}}}" for name, it in TERMS.items())}
.block-code .equation {{font: italic 1.25rem/2.1 Cambria, "STIX Two Text", Georgia, serif}}
.block-code sub {{font-size: .7em; line-height: 0}}
.block-code p {{margin: 0 0 .5rem; font-size: .9rem}}
.block-code ul {{display: flex; flex-wrap: wrap; gap: .35rem 1.4rem; list-style: none; margin: 0; padding: 0;
  font-size: .9rem}}
.block-code li {{margin: 0; padding: 0}}
.block-code li code {{margin-left: .3em; background: none; color: inherit}}
.block-code figure {{margin: 0 0 .9rem}}
.block-code figcaption {{font-size: .85rem; font-weight: 600; margin-bottom: .25rem}}
.block-code pre {{overflow-x: auto; white-space: pre; margin: 0; padding: .6rem .7rem; border-radius: 8px;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent); line-height: 1.65}}
.block-code pre, .block-code li code {{font-family: "Source Code Pro", monospace; font-size: .8rem}}
.block-code pre .lines {{display: inline-block; min-width: 100%; vertical-align: top}}
.block-code pre .term {{padding: 1px 0}}
.block-code pre .whole {{display: block; border-width: 0 0 0 4px; border-radius: 0; margin-left: -.7rem;
  padding-left: calc(.7rem - 4px)}}
.block-code .dim {{color: color-mix(in srgb, currentColor {DIM}%, transparent)}}
.block-code .keyword {{font-weight: 700}}
</style>"""


def _page(content: str) -> str:
    return f'{STYLE}<div class="block-code">{content}</div>'


def _term(name: str, content: str) -> str:
    return f'<span class="term {name}">{content}</span>'


def equation_html(kind: BlockKind, shortcut_kind: ShortcutKind) -> str:
    """y = ReLU(F(x) + shortcut(x)) for one block, F(x) in full, with their sections of the paper (3.2 to 3.4).

    As HTML, which a screen reader reads as a sentence.
    """
    carried = CARRIED[shortcut_kind]
    f_of_x = _term("residual", "F(x)")
    added = f" {_term('sum', '+')} {_term('shortcut', carried.formula)}" if carried.formula else ""
    spoken = f"F of x plus {carried.spoken}" if carried.spoken else "F of x"
    inner, inner_spoken = "x", "x"
    for number in range(1, CONVS_PER_BLOCK[kind] + 1):
        if number > 1:
            inner, inner_spoken = f"ReLU(<wbr>{inner})", f"ReLU of {inner_spoken}"
        inner = f"BN<sub>{number}</sub>(W<sub>{number}</sub>{CONVOLVED}{inner})"
        inner_spoken = f"batch norm {number} of W {number} convolved with {inner_spoken}"
    y = f"{_term('output', 'y')} = {_term('output', 'ReLU(')} {f_of_x}{added} {_term('output', ')')}"
    lines = (
        (y, f"y equals ReLU of {spoken}"),
        (f"{f_of_x} = {_term('residual', inner)}", f"F of x equals {inner_spoken}"),
    )
    written = "".join(f'<div class="equation" role="math" aria-label="{words}">{it}</div>' for it, words in lines)
    notes = f"{carried.source} {RESIDUAL_SOURCES[kind]}, each followed by batch norm (BN, section 3.4)."
    return _page(f"{written}<p>{notes}</p>")


def legend_html() -> str:
    """The four terms with their colours, underlines and code."""
    rows = (f"<li>{_term(name, it.title)} <code>{html.escape(it.code[-1])}</code></li>" for name, it in TERMS.items())
    return _page(f'<ul aria-label="Terms of the equation">{"".join(rows)}</ul>')


def source_html(block_class_name: Literal["BasicBlock", "Bottleneck"], shortcut_kind: ShortcutKind) -> str:
    """The source of a block, read from `resnet_core.nets.blocks`: as it runs, the equation, F(x), then its shortcut.

    On the page, not on a slide, how these are built follows.
    """
    block_class: type[Block] = {"BasicBlock": rc.BasicBlock, "Bottleneck": rc.Bottleneck}[block_class_name]
    carried = CARRIED[shortcut_kind]
    shown: tuple[Callable[..., Any], ...] = (Block.forward, block_class.residual, *carried.runs)
    making: tuple[Callable[..., Any], ...] = (vars(block_class)["__init__"], make_shortcut)
    runs, made = ("".join(_figure(it, carried) for it in them) for them in (shown, making))
    return _page(f'{runs}<div class="page_only">{made}</div>')


def _figure(it: Callable[..., Any], carried: Carried) -> str:
    """One function or class with its terms marked and its position in the file."""
    lines, first = inspect.getsourcelines(it)
    source = textwrap.dedent("".join(lines))
    spans = [*syntax(source), *_terms(source, it, carried)]
    position = f"{it.__qualname__} · {it.__module__.replace('.', '/')}.py, line {first}"
    region = f'role="region" tabindex="0" aria-label="Source of {it.__qualname__}"'
    return f"<figure><figcaption>{position}</figcaption><pre {region}>{marked(source, spans)}</pre></figure>"


def _terms(source: str, it: Callable[..., Any], carried: Carried) -> list[CodeSpan]:
    """A method that is a term, or the expressions that compute one; of nested ones the inner is marked."""
    owner = [f"term {METHODS[it]} whole" if it in METHODS else ""] * len(source)
    codes = [(code, name) for name, term in TERMS.items() for code in term.code] + [(carried.made, "shortcut")]
    for code, name in sorted(codes, key=lambda it: -len(it[0])):
        for start, end in find_code(source, code):
            owner[start:end] = [f"term {name}"] * (end - start)
    runs = [(css, len(list(run))) for css, run in groupby(owner)]
    ends = list(accumulate(length for _, length in runs))
    return [CodeSpan(end - length, end, css) for (css, length), end in zip(runs, ends, strict=True) if css]
