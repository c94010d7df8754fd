"""The pages in the order of a lesson: folder, title and one short question that each answers. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageInfo:
    """One entry of the navigation: `folder` holds its `page.py` and is its name in the address.

    `words` of `app.shared.glossary` are those that a student needs there. Without a place `in_menu` a page is reached
    from the others.
    """

    folder: str
    title: str
    question: str
    words: tuple[str, ...] = ()
    in_menu: bool = True


PAGES = (
    PageInfo(
        folder="start",
        title="Start",
        question="Why would more layers make a network worse?",
        words=("block", "shortcut", "plain network", "training error"),
    ),
    PageInfo(
        folder="predict",
        title="Predict",
        question="What does a ResNet see in your photo?",
        words=("logit", "attribution map", "channel"),
    ),
    PageInfo(
        folder="training_replay",
        title="Training replay",
        question="Why not simply stack more layers?",
        words=("training error", "plain network", "block", "gradient"),
    ),
    PageInfo(
        folder="architecture",
        title="Architecture",
        question="What is inside a ResNet?",
        words=("stem", "stage", "block", "shortcut", "bottleneck", "MACs", "receptive field"),
    ),
    PageInfo(
        folder="feature_maps",
        title="Feature maps",
        question="What does each block add to your photo?",
        words=("channel", "block", "shortcut", "residual", "ReLU", "receptive field"),
    ),
    PageInfo(
        folder="gradients",
        title="Gradients",
        question="Does the gradient reach the first layer?",
        words=("gradient", "plain network", "batch norm", "shortcut"),
    ),
    PageInfo(
        folder="lesions",
        title="Lesions",
        question="What is left when a block is gone?",
        words=(
            "block",
            "shortcut",
            "residual",
            "plain network",
            "stage",
            "gradient",
            "logit",
            "batch norm",
            "Kendall's tau",
        ),
    ),
    PageInfo(
        folder="attributions",
        title="Attributions",
        question="Which pixels mattered, and can you believe it?",
        words=("attribution map", "logit", "gradient", "channel"),
    ),
    PageInfo(
        folder="lessons",
        title="Lessons",
        question="Guess first, then measure: which lesson today?",
    ),
    PageInfo(
        folder="glossary",
        title="Glossary",
        question="What do the words mean?",
        in_menu=False,
    ),
)
