"""The numbers that a sentence prints, read back: what tests hold against the record that the sentence is made from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

# what holds digits but is no measurement: nets, layers, citations, types, shapes, precision
NAMES = re.compile(
    r"(?i:\b(ResNet|plain|layer|conv|CIFAR|float|bfloat|uint|v|F)-?\d[\w.]*)"
    r"|\b(sections?|Tables?|Figs?\.|Figure|Equation \(|epochs?|stage)\s?\d[\d.]*( (and|to) \d[\d.]*)?|\b(19|20)\d\d\b"
    r"|(?<![\d.])\d+( ?[×x] ?\d+)+(?![\d⁻⁰¹²³⁴⁵⁶⁷⁸⁹])|\b[A-Z]\d\b"
)
MINUS = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹\N{NO-BREAK SPACE}", "--0123456789 ")
NUMBER = re.compile(
    r"(?<![\w.,])(?P<digits>-?\d+(?:,\d{3})*(?:\.\d+)?)(?P<power>×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?P<unit> thousand| million)?"
    r"(?P<percent> ?%)?"
)
ORDER = 3.2  # half an order of magnitude
UNITS = {" thousand": 1e3, " million": 1e6, None: 1.0}


def numbers_in(sentence: str) -> Iterator[tuple[str, float, float]]:
    """Each number as it stands there, and the ends of what rounds to it: "about 100" is an order of magnitude."""
    text = re.sub(r"(?<![×\d.])10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", "1×10", sentence.replace("\N{NO-BREAK SPACE}", " "))
    text = NAMES.sub("", text).replace("<br>", " ")
    text = re.sub(r"(\d[\d.,]*) to (\d[\d.,]*)( thousand| million| ?%)", r"\1\3 to \2\3", text)
    for found in NUMBER.finditer(text.replace("\N{MINUS SIGN}", "-")):
        digits = found["digits"].replace(",", "")
        factor = UNITS[found["unit"]] * (0.01 if found["percent"] else 1)
        if found["power"]:
            factor *= 10.0 ** int(found["power"].removeprefix("×10").translate(MINUS))
        value, half = abs(float(digits)) * factor, 0.5 * _last_place(digits) * factor
        about = text[: found.start()].endswith("about ")
        yield found[0], min(value - half, value / ORDER if about else value), ORDER * value if about else value + half


def _last_place(digits: str) -> float:
    whole, _, decimals = digits.lstrip("-").partition(".")
    if decimals:
        return float(10.0 ** -len(decimals))
    return float(10 ** (len(whole) - len(whole.rstrip("0")))) if whole.strip("0") else 1.0


OUTWARD = 0.1  # how far the end of a range may be rounded outward, as a share of it


def unfounded(sentence: str, record: Iterable[float]) -> list[str]:
    """The numbers of the sentence that round none of the record's, whatever their sign; 0 is always allowed.

    The ends of a range are rounded outward, by no more than a tenth.
    """
    known = [abs(value) for value in record if math.isfinite(value)]
    wrong = []
    for text, low, high in numbers_in(sentence):
        rounded = OUTWARD * (len(re.sub(r"\D", "", text.partition("×")[0]).strip("0")) <= 2)  # to one digit or two
        middle = (low + high) / 2
        least, most = min(low, middle * (1 - rounded)), max(high, middle * (1 + rounded))
        if low >= 0 and not any(least * (1 - 1e-6) <= each <= most * (1 + 1e-6) for each in known):
            wrong.append(text)
    return wrong + re.findall(r"\bnan\b(?: %)?|\binf\b", sentence)
