"""The three pictures of the Start page as SVG. Each moves once; not where the visitor's system asks for less motion."""

from __future__ import annotations

from collections.abc import Sequence

import resnet_core as rc
from app.shared.drawing.colours import INPUT, OUTPUT, SHORTCUT
from app.shared.drawing.svg import (
    INK,
    Arch,
    arrow_right,
    box,
    circled_plus,
    drawing,
    element,
    line,
    residual_box,
    text,
)

WIDTH, HEIGHT = 300.0, 158.0
LEFT, RIGHT, TOP, FOOT = 34.0, 228.0, 22.0, 132.0  # the axes; names of the nets stand to the right
GROWTH = 1.4  # they may be shown so much larger
LINE = 15.0  # from name to name
SECONDS = 3  # of the motion
MOTION = element(
    "style",
    "@keyframes start-grow {from {stroke-dashoffset: 1}} .start-grow {stroke-dasharray: 1} "
    "@media (prefers-reduced-motion: no-preference) "
    f"{{.start-grow {{animation: start-grow {SECONDS}s ease-out both}}}}",
)


def curves_svg(runs: Sequence[rc.Run], colours: Sequence[str], highest: float, alt: str) -> str:
    """The training error of a shallow and a deep run over their epochs, on an axis from 0 to `highest`."""
    curves = [run.curves["train_error"].tolist() for run in runs]
    apart = _apart([FOOT - (FOOT - TOP) * curve[-1] / highest for curve in curves])
    parts = [MOTION, line(f"M{LEFT:g} {TOP:g}V{FOOT:g}H{RIGHT:g}", stroke_opacity=0.5)]
    parts += [
        text(LEFT - 4, TOP + 10, f"{100 * highest:.0f} %", 11, text_anchor="end"),
        text(LEFT - 4, FOOT, "0", 11, text_anchor="end"),
        text(LEFT, TOP - 8, "training error", 12),
        text((LEFT + RIGHT) / 2, FOOT + 20, "epochs of training", 12, text_anchor="middle"),
    ]
    for run, curve, colour, height in zip(runs, curves, colours, apart, strict=True):
        across = (RIGHT - LEFT) / max(len(curve) - 1, 1)
        points = [(LEFT + across * n, FOOT - (FOOT - TOP) * error / highest) for n, error in enumerate(curve)]
        d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(line(d, stroke=colour, stroke_width=3, pathLength=1, class_="start-grow"))
        parts.append(text(RIGHT + 6, height + 4, run.title, 13, font_weight=700))
    return drawing("".join(parts), WIDTH, HEIGHT, role="img", label=alt, growth=GROWTH)


def _apart(heights: list[float]) -> list[float]:
    """Two heights, moved apart as far as two lines of words need."""
    middle, half = sum(heights) / 2, max(abs(heights[0] - heights[1]), LINE) / 2
    return [middle - half, middle + half] if heights[0] < heights[1] else [middle + half, middle - half]


def block_svg(alt: str) -> str:
    """A residual block: x goes through F and past it, and both meet at the plus."""
    middle, joint = 94.0, 214.0
    past = Arch(left=52, right=joint, top=30, foot=middle, end=middle - 14)
    parts = [
        MOTION,
        line(f"M38 {middle:g}H{joint - 14:g}", stroke_width=3, pathLength=1, class_="start-grow"),
        line(past.rise + past.fall, stroke=SHORTCUT, stroke_width=3, pathLength=1, class_="start-grow"),
        box(10, middle - 14, 30, 28, fill=INPUT),
        text(25, middle + 5, "x", 15, text_anchor="middle", font_weight=700, fill=INK),
        residual_box(82, middle - 24, 96, 48, ["F(x)", "learned"], 14),
        circled_plus(joint, middle, 14),
        line(f"M{joint + 14:g} {middle:g}H252", stroke_width=2.5),
        arrow_right(256, middle),
        box(258, middle - 14, 30, 28, fill=OUTPUT),
        text(273, middle + 5, "y", 15, text_anchor="middle", font_weight=700, fill=INK),
        text(133, 22, "x, as it is", 13, text_anchor="middle", font_weight=600),
    ]
    return drawing("".join(parts), WIDTH, HEIGHT, role="img", label=alt, growth=GROWTH)
