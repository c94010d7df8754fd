"""The code for this, on the Lesions page: programs that give the numbers of its charts as `table`."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.selection import Net, Photo
from app.shared.code import net_lines, network_call, photo_lines, program, quoted

AFTER = """\
{indent}batch = rc.preprocess(image, model)
{indent}before = rc.lesion(model, batch).double().softmax(1)[0]
{indent}after = rc.lesion(model, batch, {how}).double().softmax(1)[0]
{indent}values = {{"index": range(model.num_classes), "class": rc.class_names(model)}}
{indent}table = pd.DataFrame(values | {{"probability_before": before.numpy(), "probability_after": after.numpy()}})
{indent}table = table.sort_values("probability_before", ascending=False, kind="stable", ignore_index=True)"""


def lesion_code(nets: Sequence[Net], photo: Photo, gone: Sequence[str], scale: float) -> str:
    """Every class before and after, of one network, or of several with the network's name in the column `net`."""
    how = f"scale=dict.fromkeys({_listed(gone)}, {scale:g})" if scale else f"remove={_listed(gone)}"
    head = ["import pandas as pd", photo_lines(photo)]
    if len(nets) == 1:
        return program([*head, net_lines(nets[0]), AFTER.format(indent="", how=how)])
    models = "".join(f"    ({quoted(net.label)}, {network_call(net)}),\n" for net in nets)
    return program(
        [
            *head,
            f"nets = [\n{models}]",
            "tables = []",
            "for name, model in nets:",
            AFTER.format(indent="    ", how=how),
            "    tables.append(table.assign(net=name))",
            "table = pd.concat(tables, ignore_index=True)",
        ]
    )


def study_code(nets: Sequence[Net], study: str) -> str:
    """A recorded study of one network or more."""
    known = "".join(
        f"    ({quoted(net.title)}, rc.WEIGHTS[{quoted(net.variant)}, {quoted(net.weights)}]),\n" for net in nets
    )
    return program(
        [
            "import pandas as pd",
            "from resnet_core.lesions.recorded import recorded_study",
            f"nets = [\n{known}]",
            f"tables = [recorded_study(weights, {quoted(study)}).assign(net=name) for name, weights in nets]",
            "table = pd.concat(tables, ignore_index=True)",
        ]
    )


def subnetworks_code(net: Net, photo: Photo, orders: int | None) -> str:
    """A row a subnetwork."""
    return program([*_subnetworks(net, photo, orders), "table = found.table"])


def shapley_code(net: Net, photo: Photo, orders: int | None) -> str:
    """The Shapley value of each block, and half the width of its interval."""
    table = "table = pd.concat([found.shapley, found.margin], axis=1).reset_index()"
    return program(["import pandas as pd", *_subnetworks(net, photo, orders), table])


def paths_code(net: Net, photo: Photo) -> str:
    """A row a length of the paths."""
    return program([*_answer(net, photo), "table = rc.path_spectrum(model, batch, answer).table"])


def readout_code(net: Net, photo: Photo) -> str:
    """A row a block of the last stage."""
    return program([photo_lines(photo), net_lines(net), "table = rc.readouts(model, rc.preprocess(image, model))"])


def _answer(net: Net, photo: Photo) -> list[str]:
    return [
        photo_lines(photo),
        net_lines(net),
        "batch = rc.preprocess(image, model)",
        'answer = int(rc.predict(model, batch)["index"].iloc[0])',
    ]


def _subnetworks(net: Net, photo: Photo, orders: int | None) -> list[str]:
    sample = "" if orders is None else f", samples={orders}"
    found = f"found = rc.subnetworks(model, batch, torch.tensor([answer]){sample})"
    return ["import torch", *_answer(net, photo), found]


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, names))}]"
