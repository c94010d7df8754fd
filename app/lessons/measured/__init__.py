"""What decides the questions of lessons: each measurement reads the settings of the step's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from app.lessons.lesson import Measured, Question, Step
from app.lessons.measured import blocks, gradients
from app.lessons.measured.settings import Settings


class Measurement(NamedTuple):
    """`measure` takes the settings of a step and what the question is `of`; `words` are those of its `Measured`."""

    measure: Callable[[Settings, str], Measured]
    words: tuple[str, ...]
    says: str


MEASUREMENTS: Mapping[str, Measurement] = {
    "first_over_last": Measurement(
        gradients.first_over_last,
        ("compared",),
        "the first layer's gradient over the last's; of: a network, such as plain-110",
    ),
    "residual_over_plain": Measurement(
        gradients.residual_over_plain,
        ("compared",),
        "the largest gradient of a residual network over its plain twin's; of: a depth, such as 110",
    ),
    "first_gradient": Measurement(
        gradients.first_gradient, ("norm",), "the size of the first layer's gradient; of: a network, such as plain-56"
    ),
    "fall_with_steps": Measurement(
        gradients.fall_with_steps,
        ("times",),
        "how many times smaller the first layer's gradient is after the steps of SGD; of: a network",
    ),
    "likeness_of_neighbours": Measurement(
        gradients.likeness_of_neighbours,
        ("correlation",),
        "the correlation of the gradients of neighbouring pictures; of: a network",
    ),
    "error_without_a_block": Measurement(
        blocks.error_without_a_block,
        ("whole", "without", "blocks", "pictures"),
        "the recorded error on test pictures without one block that begins no stage, the median; of: a network",
    ),
    "error_without_a_start": Measurement(
        blocks.error_without_a_start,
        ("whole", "without", "blocks", "pictures"),
        "the recorded error on test pictures without a block that begins a stage, the median; of: a network",
    ),
    "share_kept_without": Measurement(
        blocks.share_kept_without,
        ("class", "before", "after", "gone"),
        "what is left of the first answer's probability without the blocks that the step's address takes out",
    ),
}
WORDS = {name: measurement.words for name, measurement in MEASUREMENTS.items()}


def measure(step: Step, question: Question) -> Measured:
    """Measure what decides. Raises `rc.ResNetCoreError`."""
    return MEASUREMENTS[question.decides].measure(step.settings, question.of)
