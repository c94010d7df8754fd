"""What decides the questions of lessons: each measurement reads the settings of the step's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from app.course.lesson import Measured, Question, Step
from app.course.measured import answers, blocks, costs, gradients, inside, maps, paths, readouts, runs
from app.course.measured.settings import Settings


class Measurement(NamedTuple):
    """`measure` takes the settings of a step and what the question is `of`; `words` are those of its `Measured`."""

    measure: Callable[[Settings, str], Measured]
    words: tuple[str, ...]
    says: str


MEASUREMENTS: Mapping[str, Measurement] = {
    "first_probability": Measurement(
        answers.first_probability,
        ("class", "probability", "words"),
        "the probability of the first answer",
    ),
    "right_beyond_said": Measurement(
        answers.right_beyond_said,
        ("class", "probability", "said", "right", "pictures"),
        "the share of test pictures with such a first answer on which it was right, less the probability that it gave",
    ),
    "sure_photos": Measurement(
        answers.sure_photos,
        ("count", "photos", "words"),
        "how many sample photos get a first answer of at least this probability; of: per cent",
    ),
    "copies": Measurement(
        costs.copies,
        ("copies", "blocks", "others"),
        "in how many blocks the shortcut is a plain copy of x; of: a network",
    ),
    "residual_over_shortcut": Measurement(
        inside.residual_over_shortcut,
        ("ratio", "photos"),
        "how large F(x) is beside the shortcut, the median over the blocks",
    ),
    "direction_kept": Measurement(
        inside.direction_kept,
        ("cosine", "twin", "photos"),
        "the cosine of a block's input and output, the median over the blocks",
    ),
    "changed_without_residual": Measurement(
        inside.changed_without_residual,
        ("block", "same", "values"),
        "how far y is from x in the opened block, over the size of x, when its F(x) is 0",
    ),
    "more_blocks": Measurement(
        costs.more_blocks,
        ("first", "second"),
        "how many blocks the second network has more than the first; of: two networks, with a comma between them",
    ),
    "apart_from_one_conv": Measurement(
        costs.apart_from_one_conv,
        ("apart",),
        "how far x + conv(x) is from what one conv alone can do, over its size; of: a conv, such as layer1.0.conv1",
    ),
    "times_the_parameters": Measurement(
        costs.times_the_parameters,
        ("first", "second", "times"),
        "the parameters of the second block over the first's; of: two blocks, such as ResNet-50 layer1.1",
    ),
    "times_the_macs": Measurement(
        costs.times_the_macs,
        ("first", "second", "times"),
        "the MACs of the second network over the first's; of: two networks",
    ),
    "fewer_errors": Measurement(
        costs.fewer_errors,
        ("first", "second"),
        "how many more of 100 ImageNet pictures the second network gets right than the first; of: two networks",
    ),
    "training_error_over": Measurement(
        runs.training_error_over,
        ("first", "second", "epoch"),
        "the training error of the first network over the second's, after the step's epoch; of: two recorded networks",
    ),
    "first_over_last_in_training": Measurement(
        runs.first_over_last_in_training,
        ("compared", "epochs"),
        "the gradient of the first block over the last's, over all epochs of training; of: a recorded network",
    ),
    "first_over_last": Measurement(
        gradients.first_over_last,
        ("compared",),
        "the first layer's gradient over the last's; of: a network, such as plain-56",
    ),
    "residual_over_plain": Measurement(
        gradients.residual_over_plain,
        ("compared",),
        "the largest gradient of a residual network over its plain twin's; of: the number of layers",
    ),
    "first_gradient": Measurement(
        gradients.first_gradient, ("norm",), "the size of the first layer's gradient; of: a network, such as plain-56"
    ),
    "fall_with_steps": Measurement(
        gradients.fall_with_steps,
        ("compared",),
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
        ("class", "before", "after", "gone", "paths"),
        "what is left of the first answer's probability without the blocks that the step's address takes out",
    ),
    "paths": Measurement(paths.paths, ("paths", "blocks"), "how many paths lead through the network"),
    "blocks_on_the_gradients_way": Measurement(
        paths.blocks_on_the_gradients_way,
        ("most", "usual", "blocks", "mean", "photos"),
        "the part of all blocks that the gradient goes through, the mean over its norms",
    ),
    "kept_beyond": Measurement(
        maps.kept_beyond,
        ("first", "second", "draws"),
        "how much of the first method's map is left with random weights, less the second's; of: two methods",
    ),
    "alike_for_another_class": Measurement(
        maps.alike_for_another_class,
        ("alike", "others"),
        "the rank correlation of a method's map with its maps of other classes; of: a method",
    ),
    "early_answer": Measurement(
        readouts.early_answer,
        ("early", "sure", "answer", "share", "end"),
        "the probability of the network's answer, read after the first block of the last stage",
    ),
    "early_sureness": Measurement(
        readouts.early_sureness,
        ("early", "sure", "answer", "share", "end"),
        "the probability of the first answer that is read after the first block of the last stage",
    ),
    "largest_step": Measurement(
        readouts.largest_step,
        ("share", "block", "class"),
        "the largest rise of the answer's probability by one block of the last stage, over the whole rise",
    ),
    "apart_from_read_out": Measurement(
        readouts.apart_from_read_out,
        ("read", "left", "class"),
        "how far the answer without the last blocks is from the read-out before them",
    ),
}
WORDS = {name: measurement.words for name, measurement in MEASUREMENTS.items()}


def measure(step: Step, question: Question) -> Measured:
    """Measure what decides. Raises `rc.ResNetCoreError`."""
    return MEASUREMENTS[question.decides].measure(step.settings, question.of)
