"""A Python source as HTML: syntax and any other spans of characters marked as elements."""

from __future__ import annotations

import html
import io
import keyword
import tokenize
from typing import NamedTuple


class CodeSpan(NamedTuple):
    """Characters `start` to `end` of a source; spans are nested or disjoint."""

    start: int
    end: int
    css: str


def _tokens(source: str) -> list[tuple[tokenize.TokenInfo, int, int]]:
    """The tokens of a source with the characters where they start and end."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = tokenize.generate_tokens(io.StringIO(source).readline)
    return [(it, starts[it.start[0] - 1] + it.start[1], starts[it.end[0] - 1] + it.end[1]) for it in found if it.string]


def syntax(source: str) -> list[CodeSpan]:
    """Comments and docstrings dimmed, keywords bold."""
    spans, before = [], tokenize.NEWLINE
    for token, start, end in _tokens(source):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and before == tokenize.INDENT):
            spans.append(CodeSpan(start, end, "dim"))
        elif keyword.iskeyword(token.string):
            spans.append(CodeSpan(start, end, "keyword"))
        before = token.type
    return spans


def find_code(source: str, code: str) -> list[tuple[int, int]]:
    """The positions of `code` in a source, compared by tokens: spaces do not count and comments do not match."""
    wanted = [token.string for token, _, _ in _tokens(code) if token.string.strip()]
    found = _tokens(source)
    words = [token.string for token, _, _ in found]
    starts = (at for at in range(len(words)) if words[at : at + len(wanted)] == wanted)
    return [(found[at][1], found[at + len(wanted) - 1][2]) for at in starts]


def marked(source: str, spans: list[CodeSpan]) -> str:
    """A source as HTML with every span as an element, nested by length."""
    parts: list[str] = []
    opened: list[CodeSpan] = []
    at = 0
    end = CodeSpan(len(source), len(source), "")
    for span in [*sorted(spans, key=lambda it: (it.start, -it.end)), end]:
        while opened and opened[-1].end <= span.start:
            closed = opened.pop()
            parts += [html.escape(source[at : closed.end]), "</span>"]
            at = closed.end
        parts += [html.escape(source[at : span.start]), f'<span class="{span.css}">' if span.css else ""]
        at = span.start
        opened.append(span)
    return f'<span class="lines">{"".join(parts)}</span>'
