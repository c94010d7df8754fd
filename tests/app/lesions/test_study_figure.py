"""The recorded study as a chart, from hand-made tables."""

from __future__ import annotations

import pandas as pd

from app.lesions.charts import study
from app.shared.drawing.layout import title_of


def table(whole: float, errors: dict[str, float]) -> pd.DataFrame:
    rows = [("", 0, whole, 0.0, 0.0, 1000)]
    rows += [(name, 1, error, error - whole, 0.02, 1000) for name, error in errors.items()]
    return pd.DataFrame(rows, columns=["deleted", "blocks", "errors", "change", "margin", "pictures"])


RESIDUAL = table(0.125, {"layer1.0": 0.25, "layer1.1": 0.13})
PLAIN = table(0.25, {"layer1.1": 0.9})  # without layer1.0 it cannot be


def test_both_networks_stand_over_the_blocks_of_either_and_the_chosen_block_is_large() -> None:
    figure = study.study_chart(["ResNet-20", "plain-20"], [RESIDUAL, PLAIN], ["layer1.1"])
    residual, plain = figure.data
    assert list(residual.x) == [0, 1]
    assert list(residual.y) == [25, 13]
    assert list(plain.x) == [1]
    assert list(residual.marker.size) == [9, 16]
    assert list(residual.error_y.array) == [2, 2]
    assert [shape.y0 for shape in figure.layout.shapes] == [12.5, 25]
    assert "1,000 test pictures" in title_of(figure)


def test_the_title_gives_the_span_of_each_network() -> None:
    said = study.finding(["ResNet-20", "plain-20"], [RESIDUAL, PLAIN])
    assert said.replace("\N{NO-BREAK SPACE}", " ") == (
        "Without one block ResNet-20 errs on 13 to 25 %, plain-20 on 90 %"
    )
    assert "most without layer1.0 25.0 %" in study.words(["ResNet-20"], [RESIDUAL])
