"""The charts of this page for one photo, drawn once for all visitors."""

from __future__ import annotations

import pandas as pd

from app.engine.cache import cached, new_cache
from app.engine.compute import prediction
from app.engine.selection import Net, Photo
from app.lesions import code, computed
from app.lesions.charts import paths, readout, shapley, subnetworks
from app.lesions.charts import study as study_charts
from app.shared.drawing.finished import Finished
from resnet_core.lesions.recorded import recorded_study


@cached(new_cache(4))
def every_subnetwork(net: Net, photo: Photo) -> Finished:
    """Each subnetwork as a dot."""
    found, answer = computed.every_subnetwork(net, photo), _answer(net, photo)
    return Finished(
        subnetworks.subnetworks_chart(found, answer, trained=computed.trained(net)),
        subnetworks.words(found, answer),
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
        shapley.words(found, answer),
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
        paths.words(table, net.title),
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
        readout.words(table),
        table,
        code.readout_code(net, photo),
        f"{net.variant}-readout",
    )


@cached(new_cache(1))
def recorded(net: Net) -> tuple[tuple[Net, pd.DataFrame], ...]:
    """The recorded studies of a network and of its plain twin, as far as there are any."""
    nets = [each for each in (net, computed.twin(net)) if each is not None and each.known is not None]
    found = [(each, recorded_study(each.known)) for each in nets if each.known is not None]
    return tuple((each, table) for each, table in found if table is not None)


@cached(new_cache(2))
def study(net: Net, gone: tuple[str, ...]) -> Finished:
    """Errors on all test pictures without each block; there must be a recorded study."""
    studies = recorded(net)
    names, tables = [each.title for each, _ in studies], [table for _, table in studies]
    return Finished(
        study_charts.study_chart(names, tables, gone),
        study_charts.words(names, tables),
        pd.concat([table.assign(net=name) for name, table in zip(names, tables, strict=True)], ignore_index=True),
        code.study_code([each for each, _ in studies]),
        f"{net.variant}-lesion-study",
    )


def _answer(net: Net, photo: Photo) -> str:
    return str(prediction(net, photo)["class"].iloc[0])
