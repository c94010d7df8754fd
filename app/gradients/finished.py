"""The charts of measured gradients with their words, drawn once for all visitors."""

from __future__ import annotations

import pandas as pd

from app.engine.cache import cached, new_cache
from app.engine.selection import Flow
from app.gradients import code, computed, words
from app.gradients.charts import losses, norms, shattering
from app.shared.drawing.finished import Finished
from resnet_core.gradients.ends import end_ratios

Flows = tuple[Flow, ...]  # that are measured


def together(flows: Flows) -> pd.DataFrame:
    """One table in the order of the choice."""
    return pd.concat([computed.gradient_flow(flow) for flow in flows], ignore_index=True)


@cached(new_cache(8))
def along_layers(flows: Flows, scale: str, *, by_layer: bool) -> Finished:
    """A gradient at every layer."""
    table, quantity = together(flows), words.QUANTITIES[scale]
    figure = norms.flow_chart(table, quantity, by_layer=by_layer)
    return Finished(figure, words.flow_words(table, quantity), table, code.flows_code(flows), "gradients")


@cached(new_cache(1))
def reading(flows: Flows, scale: str) -> str:
    """What is exactly 0, and how the quantity is to be read."""
    zeros = words.zero_words(together(flows), double=flows[0].double)
    return f"{zeros} {words.QUANTITIES[scale].reading}".lstrip()


@cached(new_cache(8))
def ends(flows: Flows, scale: str) -> Finished:
    """The first layer over the last, by depth."""
    table, quantity = together(flows), words.QUANTITIES[scale]
    return Finished(
        norms.ratio_chart(table, quantity),
        words.ratio_words(table, quantity),
        end_ratios(table, quantity.column),
        code.ends_code(flows, quantity.column),
        "gradients-ends",
    )


def loss_table(flows: Flows) -> pd.DataFrame:
    """The losses before and after every step."""
    found = [(flow, computed.gradient_flow(flow).attrs["losses"]) for flow in flows]
    return losses.loss_table([(flow.title, flow.shortcut, flow.seed, lost) for flow, lost in found])


@cached(new_cache(2))
def loss(flows: Flows) -> Finished:
    """The loss over the steps."""
    table = loss_table(flows)
    return Finished(
        losses.loss_chart(table), losses.loss_words(table), table, code.losses_code(flows), "gradients-losses"
    )


@cached(new_cache(2))
def alike(flows: Flows) -> Finished:
    """How similar the gradients of neighbouring inputs are."""
    table = pd.concat([computed.shattering(flow) for flow in flows], ignore_index=True)
    figure = shattering.shattering_chart(table)
    return Finished(figure, shattering.finding(table), table, code.shattering_code(flows), "shattering")
