"""The charts of this page for one photo, drawn once for all visitors."""

from __future__ import annotations

import pandas as pd

from app.engine.cache import cached, new_cache
from app.engine.compute import prediction
from app.engine.selection import Net, Photo
from app.lesions import code, computed
from app.lesions.charts import notes, paths, readout, shapley, subnetworks
from app.shared.drawing.finished import Finished


@cached(new_cache(4))
def every_subnetwork(net: Net, photo: Photo) -> Finished:
    """Each subnetwork as a dot."""
    found, answer = computed.every_subnetwork(net, photo), _answer(net, photo)
    return Finished(
        subnetworks.subnetworks_chart(found, answer, trained=computed.trained(net)),
        notes.told_alt(subnetworks.words(found, answer), trained=computed.trained(net)),
        found.table,
        code.subnetworks_code(net, photo, found.orders),
        f"{net.variant}-subnetworks",
    )


@cached(new_cache(4))
def worth(net: Net, photo: Photo) -> Finished:
    """The Shapley value of each block."""
    found, answer = computed.every_subnetwork(net, photo), _answer(net, photo)
    return Finished(
        shapley.shapley_chart(found, answer, trained=computed.trained(net)),
        notes.told_alt(shapley.words(found, answer), trained=computed.trained(net)),
        pd.concat([found.shapley, found.margin], axis=1).reset_index(),
        code.shapley_code(net, photo, found.orders),
        f"{net.variant}-shapley",
    )


@cached(new_cache(4))
def by_path(net: Net, photo: Photo) -> Finished:
    """The gradient of the answer by the length of its paths."""
    table = computed.spectrum(net, photo)
    return Finished(
        paths.paths_chart(table, net.title, trained=computed.trained(net)),
        notes.told_alt(paths.words(table, net.title), trained=computed.trained(net)),
        table,
        code.paths_code(net, photo),
        f"{net.variant}-paths",
    )


@cached(new_cache(4))
def block_by_block(net: Net, photo: Photo) -> Finished:
    """The answer after each block of the last stage."""
    table = computed.read_out(net, photo)
    return Finished(
        readout.readout_chart(table, trained=computed.trained(net)),
        notes.told_alt(readout.words(table), trained=computed.trained(net)),
        table,
        code.readout_code(net, photo),
        f"{net.variant}-readout",
    )


def _answer(net: Net, photo: Photo) -> str:
    return str(prediction(net, photo)["class"].iloc[0])
