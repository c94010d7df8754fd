"""Numbers in sentences with as many digits as are certain: one seed gives only an order of magnitude."""

from __future__ import annotations

import math
from collections.abc import Sequence

ALIKE = 2.0  # sizes within this factor count as the same
CLOSE = 2.0  # two ends of a span within this factor need a second digit to differ
ROUNDED = 0.05  # how far one digit may be off, as a share of the number
LARGE, LARGEST = 1e6, 1e9  # powers of ten are written for numbers from LARGEST on, beside them from LARGE on
UNITS = ((1e6, " million"), (1e3, " thousand"))
NEAR = (2.0, 5.0)  # between these times a power of ten, a number is near none
POWERS = ("1", "10", "100", "a thousand", "10 thousand", "100 thousand", "a million", "10 million", "100 million")
BETWEEN = ("a few", "tens of", "hundreds of", "thousands of", "tens of thousands of", "hundreds of thousands of") + (
    ("millions of", "tens of millions of", "hundreds of millions of")
)
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figures(number: float, digits: int, *, words: bool = True) -> str:
    """`number` in so many significant digits, as spoken: 0.35, 87, 1.7 thousand, 4.6 million, 8.3×10⁻⁵³.

    Without `words` 1.7 thousand is 1,700.
    """
    if not math.isfinite(number):
        return "not a number" if math.isnan(number) else "infinite"
    rounded = float(f"{number:.{digits}g}")
    if rounded and not 1e-3 <= abs(rounded) < LARGEST:
        return _in_powers(rounded, digits)
    unit, word = _unit(rounded)
    return f"{rounded / unit:g}{word}" if words or unit == 1 else f"{rounded:,.0f}"


def _unit(number: float) -> tuple[float, str]:
    return next((each for each in UNITS if abs(number) >= each[0]), (1.0, ""))


def reading(number: float) -> str:
    """A value in three digits: 0.000896, 2.06, 1230, 7.22×10³⁷."""
    return f"{number:.3g}" if number == 0 or 1e-4 <= abs(number) < 1e5 else figures(number, 3)


def power_of_ten(power: int) -> str:
    """10⁻⁵³."""
    return f"10{str(power).translate(SUPERSCRIPTS)}"


def order_of_magnitude(number: float) -> str:
    """How many times, as an order of magnitude: a few, about 10, tens of, about 100, millions of, about 10¹⁴."""
    power = math.floor(math.log10(number))
    mantissa = number / 10.0**power
    if power + (mantissa >= NEAR[1]) >= len(POWERS):
        return f"about {power_of_ten(round(math.log10(number)))}"
    if NEAR[0] <= mantissa < NEAR[1]:
        return BETWEEN[power]
    return f"about {POWERS[power + (mantissa >= NEAR[1])]}"


def counted(counts: Sequence[int]) -> str:
    """The smallest to the largest count, with all their digits."""
    return between(str(min(counts)), str(max(counts)))


def between(low: str, high: str) -> str:
    """The smallest to the largest, or the one value that both are."""
    return low if low == high else f"{low} to {high}"


def span(values: Sequence[float]) -> str:
    """The smallest to the largest, rounded outward, so that both lie within: 5 to 20, 1.6 to 2.9, 3.4 to 13 million.

    One digit is enough where it is near to both ends and they differ in it.
    """
    low, high = min(values), max(values)
    if figures(low, 2) == figures(high, 2):
        return figures(low, 2)
    rough = abs(outward(low, 1, -1) - low) > ROUNDED * abs(low) or abs(outward(high, 1, 1) - high) > ROUNDED * abs(high)
    digits = 2 if high < CLOSE * low or rough else 1
    low, high = outward(low, digits, -1), outward(high, digits, 1)
    first, last = f"{low:#.2g}", f"{high:#.2g}"
    if 1e-3 <= low < high < 10 and len(first) == len(last) and not first[-1] == last[-1] == "0":
        return f"{first} to {last}"  # 0.30 to 0.34: both ends are as exact
    first, last = figures(low, digits), figures(high, digits)
    for _, word in UNITS:
        if last.endswith(word) and first.endswith(word):
            return f"{first.removesuffix(word)} to {last}"
    if LARGE <= low < LARGEST <= high:  # both as powers of ten
        return f"{_in_powers(low, digits)} to {figures(high, digits)}"
    return " to ".join(figures(end, digits, words=False) for end in (low, high))  # 3 to 4,000: not 3 to 4 thousand


def _in_powers(number: float, digits: int) -> str:
    mantissa, _, power = f"{number:.{digits - 1}e}".partition("e")
    return f"{float(mantissa):g}×{power_of_ten(int(power))}".removeprefix("1×")


def outward(number: float, digits: int, way: int) -> float:
    """`number` in so many significant digits, rounded down (`way` -1) or up (1)."""
    if number == 0 or not math.isfinite(number):
        return number
    step = 10.0 ** (math.floor(math.log10(abs(number))) - digits + 1)
    steps = number / step
    return step * (math.floor(steps + 1e-5) if way < 0 else math.ceil(steps - 1e-5))


def sized(values: Sequence[float]) -> str:
    """A size that was measured with several seeds, 3.4 to 13 million, or with one, to an order: about 10 million."""
    if len(values) > 1:
        return span(values)
    (value,) = values
    return f"about {_nearest_power(value)}" if 0 < value < math.inf else figures(value, 1)


def _nearest_power(number: float) -> str:
    """The power of ten that is nearest: 0.1, 1, a thousand, 10⁻⁵²."""
    power = round(math.log10(number))
    if 0 <= power < len(POWERS):
        return POWERS[power]
    return f"{10.0**power:g}" if -3 <= power < 0 else power_of_ten(power)


def compared(ratios: Sequence[float], other: str) -> str:
    """How many times `other` something is, by its positive and finite ratios: one for each seed."""
    low, high = min(ratios), max(ratios)
    if low > 1 / ALIKE and high < ALIKE:
        return f"about as large as {other}"
    if low >= 1:
        return f"{_many(ratios)} {other}"
    if high <= 1:
        return f"{_many([1 / ratio for ratio in ratios])} smaller than {other}"
    both = ", larger with some seeds and smaller with others" if high >= ALIKE and low <= 1 / ALIKE else ""
    return f"{span(ratios)} times {other}{both}"


def _many(ratios: Sequence[float]) -> str:
    return f"{span(ratios) if len(ratios) > 1 else order_of_magnitude(ratios[0])} times"
