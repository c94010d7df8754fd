"""What Lesions computes for one photo and keeps: answers without blocks, subnetworks, paths and read-outs."""

from __future__ import annotations

from functools import partial

import pandas as pd
import torch

import resnet_core as rc
from app.engine.cache import cached, new_cache
from app.engine.compute import anatomy, batch_of, description, is_long, model, prediction
from app.engine.cores import run_on_core
from app.engine.gate import acquire_core
from app.engine.selection import RANDOM, Net, Photo
from app.engine.waiter import raise_if_cancelled
from app.lesions.charts import drawn
from app.lesions.charts.drawn import removable
from resnet_core.attribution.methods import Passes
from resnet_core.lesions.combining import MOST_BLOCKS
from resnet_core.pool.local import LocalPool

ORDERS = 20  # random orders of more blocks than these, where a pass is cheap
MACS = 6e11  # that all their networks may take together: about twenty seconds on one core
FEWEST = 4  # orders: with fewer nothing could be said of chance
PLAIN = "-plain"  # ends the weights of a plain twin


def twin(net: Net) -> Net | None:
    """The network trained alike without shortcuts, or with them if this one has none; None where none is bundled."""
    other = net.weights.removesuffix(PLAIN) if net.is_plain else f"{net.weights}{PLAIN}"
    found = Net(net.variant, other)
    return found if found.known is not None and found != net and found.known.source == "bundled" else None


def blocks(net: Net) -> pd.DataFrame:
    """The blocks of a network, as `rc.describe` lists them."""
    return description(anatomy(net)).blocks


def trained(net: Net) -> bool:
    """Whether its weights have learned anything."""
    return net.weights != RANDOM


def target(net: Net, photo: Photo) -> int:
    """The number of the whole network's first answer."""
    return int(prediction(net, photo)["index"].iloc[0])


@cached(new_cache(1))
def whole(net: Net, photo: Photo) -> torch.Tensor:
    """The logits of the network with all its blocks, (1, classes)."""
    network = model(net)
    with acquire_core(f"the whole of {net.label}") as report:
        return rc.lesion(network, rc.preprocess(photo.image, network), progress=report)


@cached(new_cache(4))
def effect(net: Net, photo: Photo, gone: tuple[str, ...], scale: float) -> pd.DataFrame:
    """Every class with its probability before and after, most probable before first.

    The blocks `gone` are left out, or their F(x) is multiplied by `scale` if that is not 0. Raises `rc.ResNetCoreError`
    for a plain block that cannot go.
    """
    network = model(net)
    with acquire_core(f"a lesion of {net.label}") as report:
        batch = rc.preprocess(photo.image, network)
        how = {"scale": dict.fromkeys(gone, scale)} if scale else {"remove": gone}
        after = rc.lesion(network, batch, progress=report, **how)
    table = pd.DataFrame(
        {
            "index": range(network.num_classes),
            "class": rc.class_names(network),
            "probability_before": whole(net, photo).double().softmax(1)[0].numpy(),
            "probability_after": after.double().softmax(1)[0].numpy(),
        }
    )
    return table.sort_values("probability_before", ascending=False, kind="stable", ignore_index=True)


@cached(new_cache(4))
def picture(net: Net, gone: tuple[str, ...], scale: float) -> str:
    """The drawn network as SVG."""
    return drawn.network_svg(description(anatomy(net)), gone=frozenset(gone), scale=scale)


def orders(net: Net) -> int | None:
    """How many random orders of the blocks are tried; None where all sets of blocks are."""
    count = int(removable(blocks(net)).sum())
    if count <= MOST_BLOCKS:
        return None
    evaluations = count * count / 4  # of F(x) an order, since networks share their first blocks
    cost = description(anatomy(net)).macs * evaluations / len(blocks(net))
    return int(min(ORDERS, max(FEWEST, MACS / cost)))


@cached(new_cache(16))
def every_subnetwork(net: Net, photo: Photo, *, progress: rc.Progress = raise_if_cancelled) -> rc.Subnetworks:
    """Networks that keep some of the blocks, all or a sample, by the probability of the whole network's answer."""
    network = model(net)
    samples, count = orders(net), len(blocks(net))
    passes = Passes(2**count // count if samples is None else samples * count // 4, 0)
    labels = torch.tensor([target(net, photo)])
    work, batch = partial(rc.subnetworks, samples=samples, pool=LocalPool(1)), batch_of(network, photo)
    what = f"subnetworks of {net.label}"
    return run_on_core(what, work, progress, long=is_long(net, passes), model=network, batch=batch, labels=labels)


@cached(new_cache(1))
def spectrum(net: Net, photo: Photo, *, progress: rc.Progress = raise_if_cancelled) -> pd.DataFrame:
    """The gradient of the first answer's logit by the number of residual branches it comes through."""
    network = model(net)
    passes = Passes(1, len(blocks(net)) // 2 + 1)
    work, batch = partial(rc.path_spectrum, target=target(net, photo)), batch_of(network, photo)
    what = f"paths of {net.label}"
    return run_on_core(what, work, progress, long=is_long(net, passes), model=network, batch=batch).table


@cached(new_cache(1))
def read_out(net: Net, photo: Photo) -> pd.DataFrame:
    """The head's answer after every block of the last stage."""
    network = model(net)
    with acquire_core(f"read-outs of {net.label}") as report:
        return rc.readouts(network, rc.preprocess(photo.image, network), progress=report)
