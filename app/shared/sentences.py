"""Sentences on what the numbers mean: which weights answer, what they can answer, and what a map shows."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

import resnet_core as rc
from app.engine.selection import OWN_FILE, Net
from app.shared.drawing.bars import UNIT, decimals, percent, whole
from app.shared.families import FAMILIES

SIGNED = ("counted against {name}", "counted for {name}")  # the ends of most methods' scales
UNSIGNED = ("did not matter", "mattered most for {name}")
UNTRAINED_NORM = (
    "The untrained network's batch norm has no statistics yet (mean 0, variance 1) and passes values on unchanged. Its "
    "F(x) is therefore not normalised: neither its std nor its ratio to the shortcut can be compared with those of a "
    "trained network, nor its std with the paper's Fig. 7."
)
ONE_COLOUR = (
    "This photo has one colour and no content. What the network reacts to comes from the border, where the convs meet "
    "the padding of zeros; where many values are equal, the order of a map's pixels hangs on rounding."
)
LEAST_GAP = 0.1  # between a map's sum and a difference of logits: single precision moves hundredths
FEW = 12  # so many classes are named one by one
JOINS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # within emoji, and within Persian and Indian words
JOINER = "\N{WORD JOINER}"  # without width or line break; it separates two signs that together would have a meaning
SIGNS = re.compile(r"[\\`*_\[\]<>$~#|!&{}]")  # of Markdown
TOGETHER = re.compile(r"[:@]|www(?=\.)|[-<>=~](?=[-<>=])", re.IGNORECASE)  # begin colours, icons, links, arrows
LIST = re.compile(r"^(\d+(?=[.)])|(?=[-+]))")
OVERFLOW = (
    "An untrained network's batch norm has no statistics yet and passes values on unchanged, so each block adds its "
    "F(x) to what comes in: they grow from block to block, and in a network this deep beyond single precision."
)
SOURCES = {"bundled": "weights trained by us", "download": "torchvision's weights", "file": "weights from a file"}


def one_line(text: str) -> str:
    """Foreign text without line ends, marks that change the direction of writing, and invisible signs."""
    return " ".join("".join(sign if sign.isprintable() or sign in JOINS else " " for sign in text).split())


def plain(text: object) -> str:
    """Markdown that shows foreign text as it is, without emphasis, colour, formula, icon, link or picture.

    For names that come with a file, and for text that quotes them. Not needed for HTML and plain text.
    """
    joined = TOGETHER.sub(rf"\g<0>{JOINER}", one_line(str(text)))
    return LIST.sub(r"\1\\", SIGNS.sub(r"\\\g<0>", joined))


def speaker(network: rc.ResNet) -> None:
    """Which weights answer and how good they are, in one line."""
    weights = network.weights
    if weights is None:
        st.warning(
            f"**{network.title} with random weights** has learned nothing: whatever it says, one of "
            f"{network.num_classes:,} classes, is chance, and all that stands here shows an untrained "
            "network.",
            icon=":material/casino:",
        )
        return
    early = f" for {weights.epochs} epoch{'s' * (weights.epochs != 1)}" if not weights.is_final else ""
    origin = f"trained on {plain(weights.data)}{early}" if weights.data else f"from the file {plain(weights.id)}"
    st.caption(f"**{network.title}** {origin}.{accuracy_words(weights)}")


def accuracy_words(weights: rc.Weights) -> str:
    """On how many test pictures it is right, with justified digits; "" if unknown."""
    if weights.accuracy is None:
        return ""
    count = f"{weights.calibration.pictures:,} " if weights.calibration is not None else ""
    share = f"{whole(weights.accuracy)}{UNIT}"
    return f" It is right on {share} of {count}pictures that it did not learn from{chosen_words(weights)}."


def chosen_words(weights: rc.Weights) -> str:
    """What to add to the accuracy of weights whose test pictures also decided something; "" for others."""
    if weights.chosen_on != "test" or not weights.is_final:  # the length of training says nothing about earlier weights
        return ""
    return " (these decided how long it was trained, so others may be a little harder)"


def second_speaker(label: str, answer: pd.DataFrame, asked: str, target: int, *, trained: bool = True) -> str:
    """The answer of a second network, and the class of its maps if that of the first is `asked`: Markdown.

    `answer` lists all its classes, most probable first; `target` is the number of the explained class. For a network
    that is not `trained` no probability is given, since other random weights would give another.
    """
    first = answer.iloc[0]
    how = percent(first["probability"]) if trained else "by the draw of its weights"
    said = f"Beside it **{plain(label)}** says {plain(first['class'])} ({how})"
    explained = answer[answer["index"] == target].iloc[0]
    if explained["class"] != asked:
        return f"{said}. It has no word for {plain(asked)}: its maps are for {plain(explained['class'])}."
    gives = f" and gives {plain(asked)} {percent(explained['probability'])}"
    return f"{said}{gives if trained and first['class'] != asked else ''}; its maps are for {plain(asked)}, too."


def badges(net: Net) -> str:
    """What kind of network this is, in one line."""
    variant = rc.VARIANTS[net.variant]
    facts = [net.title, FAMILIES[variant.family].network]
    if net.weights != OWN_FILE:  # decided by its tensors, which are read later
        facts.append("no shortcuts" if net.is_plain else f"shortcut option {variant.shortcut}")
        facts += ["v1.5"] if variant.block == "bottleneck" else []
    return " · ".join([*facts, SOURCES[net.known.source]] if net.known else facts)


def distinct(names: dict[str, str]) -> dict[str, str]:
    """Class names by index, with the number if two classes have the same name."""
    counts = Counter(names.values())
    return {index: name if counts[name] == 1 else f"{name} ({index})" for index, name in names.items()}


def vocabulary(network: rc.ResNet) -> str:
    """All possible answers of these weights, in Markdown."""
    names = [plain(name) for name in rc.class_names(network)[: FEW + 1]]
    count = network.num_classes
    if network.weights is None or not network.weights.classes:
        return f"The {count:,} classes have no names here; they are numbered."
    if count > FEW:
        return f"These weights know {count:,} classes and nothing else: whatever the photo shows gets one of them."
    listed = ", ".join(names[:-1]) + f" and {names[-1]}"
    return (
        f"These weights know {count} words: {listed}. A network cannot say “none of these”: "
        "the probabilities always add up to 100 %, so any other photo gets the nearest of them."
    )


def legend_ends(record: rc.AttributionRecord, name: str) -> tuple[str, str]:
    """The meaning of the two ends of a map's colour scale, which differs between methods."""
    how = rc.METHODS[record.method]
    own = how.ends if record.signed == how.signed else None  # Grad-CAM's are for its ReLU
    if record.signed and record.options.get("base", "gradient") != "gradient":
        own = None  # the sign depends on another method
    low, high = own or (SIGNED if record.signed else UNSIGNED)
    return low.format(name=name), high.format(name=name)


def map_alt(method: rc.Method, name: str, values: NDArray[np.floating], drawn: str = "") -> str:
    """A map in words: where its strongest part lies."""
    finite = np.nan_to_num(np.abs(values))
    if not finite.any():
        return f"{method.title} for {name}: the map is empty, 0 everywhere"
    rows, columns = np.nonzero(finite == finite.max())  # all pixels of the strongest region, where a map has regions
    thirds = 3 * rows // finite.shape[0] * 3 + 3 * columns // finite.shape[1]
    vertical, horizontal = divmod(int(np.bincount(thirds).argmax()), 3)
    where = f"{('upper', 'middle', 'lower')[vertical]} {('left', 'centre', 'right')[horizontal]}"
    draw = f", in one draw of {drawn}" if drawn else ""
    return f"{method.title} for {name}: strongest in the {where} of the picture{draw}"


def about_method(method: rc.Method) -> None:
    """What the method does, and what its sign means."""
    st.caption(f"**{method.title}** ({method.paper}). {method.idea} {method.sign}")


def completeness_words(record: rc.AttributionRecord) -> str:
    """The sum of a map and its error of completeness; "" for methods without. The error of one draw is named so."""
    if record.delta is None:
        return ""
    total, missed = float(record.raw[0].double().sum()), abs(float(record.delta[0]))
    several, how = "baselines" in record.options, rc.METHODS[record.method]
    law = "the logit less the mean of its baselines' logits" if several else "the difference of the two logits"
    gap = f"{missed:.1f}" if round(missed, 1) else f"less than {LEAST_GAP}"
    who = "This draw's map" if how.random else "This map"
    should = "On average draws should" if how.on_average else "It should"
    return f" {who} sums to {decimals(total, 1)}. {should} sum to {law}; the error is {gap}."


def overflow(net: Net) -> str:
    """Why an untrained network has no answers, in Markdown, and what can still be seen of it."""
    return (
        f"**{plain(net.title)} with random weights** has no answer: its values overflow on the way, so there are no "
        f"classes and no maps to show. {OVERFLOW} Feature maps shows from which block on, Architecture how it is "
        "built; a shallower network answers, and so does one with trained weights."
    )


def not_here(net: Net) -> str:
    """What to do about weights that are not on this machine."""
    return (
        f"The weights of **{plain(net.label)}** are not on this machine yet. "
        "Choose them in the sidebar, where a button downloads them, or choose other weights."
    )
