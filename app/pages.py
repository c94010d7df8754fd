"""The pages in the order of a lesson: folder, title and the one question that each answers. Loads no torch."""

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
        question="What does a ResNet see in your photo, and which pixels made it say so?",
    ),
    PageInfo(
        folder="training_replay",
        title="Training replay",
        question="Why not simply stack more layers, and what does a shortcut change while a network learns?",
    ),
    PageInfo(
        folder="architecture",
        title="Architecture",
        question="What is inside a ResNet, and does the live network agree with the paper's table?",
    ),
    PageInfo(
        folder="feature_maps",
        title="Feature maps",
        question="What does every block make of your photo, and what did the shortcut carry past it?",
    ),
    PageInfo(
        folder="gradients",
        title="Gradients",
        question="Does the gradient reach the first layer, and what has the shortcut to do with it?",
    ),
    PageInfo(
        folder="attributions",
        title="Attributions",
        question="Which pixels made the network say that, and should you believe the map?",
    ),
)
