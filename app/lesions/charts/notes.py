"""What stands over every chart of this page: its finding, which for random weights is none."""

from __future__ import annotations

NOT_NUMBERS = "These answers are not numbers: the network's values overflow"
NOISE = "Random weights: a lesion study of noise says nothing"


def told(finding: str, figures: str, *, trained: bool) -> tuple[str, str]:
    """Title and note of a chart; of random weights the title says that they have learned nothing."""
    return (finding, figures) if trained else (NOISE, f"One draw of them. {finding}. {figures}")
