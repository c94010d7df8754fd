"""The pages in the order of a lesson: folder, title and one short question that each answers. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageInfo:
    """One entry of the navigation: `folder` holds its `page.py` and is its name in the address."""

    folder: str
    title: str
    question: str


PAGES = (
    PageInfo(
        folder="start",
        title="Start",
        question="Why would more layers make a network worse?",
    ),
    PageInfo(
        folder="predict",
        title="Predict",
        question="What does a ResNet see in your photo?",
    ),
    PageInfo(
        folder="training_replay",
        title="Training replay",
        question="Why not simply stack more layers?",
    ),
    PageInfo(
        folder="architecture",
        title="Architecture",
        question="What is inside a ResNet?",
    ),
    PageInfo(
        folder="feature_maps",
        title="Feature maps",
        question="What does each block add to your photo?",
    ),
    PageInfo(
        folder="gradients",
        title="Gradients",
        question="Does the gradient reach the first layer?",
    ),
    PageInfo(
        folder="attributions",
        title="Attributions",
        question="Which pixels mattered, and can you believe it?",
    ),
)
