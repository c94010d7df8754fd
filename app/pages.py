"""The pages in order: file, title, icon and the one question that each answers. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageInfo:
    """One entry of the navigation."""

    file: str
    title: str
    icon: str
    question: str


PAGES = (
    PageInfo(
        file="views/predict.py",
        title="Predict",
        icon=":material/image_search:",
        question="What does a ResNet see in your photo, and which pixels made it say so?",
    ),
    PageInfo(
        file="views/feature_maps.py",
        title="Feature maps",
        icon=":material/grid_view:",
        question="What does every block make of your photo, and what did the shortcut carry past it?",
    ),
    PageInfo(
        file="views/gradients.py",
        title="Gradients",
        icon=":material/trending_down:",
        question="Does the gradient reach the first layer, and what has the shortcut to do with it?",
    ),
    PageInfo(
        file="views/training_replay.py",
        title="Training replay",
        icon=":material/replay:",
        question="Why not simply stack more layers, and what does a shortcut change while a network learns?",
    ),
    PageInfo(
        file="views/attributions.py",
        title="Attributions",
        icon=":material/center_focus_strong:",
        question="Which pixels made the network say that, and should you believe the map?",
    ),
    PageInfo(
        file="views/architecture.py",
        title="Architecture",
        icon=":material/account_tree:",
        question="What is inside a ResNet, and does the live network agree with the paper's table?",
    ),
)
