"""The charts of Training replay with their words, finished and kept: each epoch is drawn once for all visitors."""

from __future__ import annotations

from collections.abc import Mapping

import resnet_core as rc
from app.engine import compute
from app.engine.cache import cached, new_cache
from app.engine.selection import Net, Photo
from app.shared.drawing.finished import Finished
from app.training_replay import code, schedules, words
from app.training_replay.charts import answers, curves, norms
from app.training_replay.charts import confusion as confusions
from app.training_replay.measured import KINDS
from app.training_replay.replay import Replay
from resnet_core.training import tables


@cached(new_cache(16))
def errors(replay: Replay) -> Finished:
    """Training error and error after the epoch."""
    runs, epoch, table = replay.runs, replay.epoch, tables.curves_of(replay.runs)
    return Finished(
        curves.error_chart(table, replay.styles, epoch, _restarts(runs)),
        f"{words.error_finding(table, epoch)}. {words.error_words(table, epoch)}",
        table,
        code.curves_code(runs),
        "training-errors",
    )


@cached(new_cache(16))
def rates(replay: Replay) -> Finished:
    """The learning rate."""
    runs, table = replay.runs, tables.curves_of(replay.runs)
    return Finished(
        curves.lr_chart(table, replay.epoch, _restarts(runs)),
        schedules.lr_finding(table, _restarts(runs)),
        table[list(code.RATES)],
        code.rates_code(runs),
        "training-learning-rate",
    )


def _restarts(runs: Mapping[str, rc.Run]) -> list[int]:
    return sorted({epoch for run in runs.values() for epoch in run.restarts})


@cached(new_cache(16))
def gradients(replay: Replay) -> Finished:
    """The gradient norms of the blocks."""
    table = tables.norms_of(replay.runs)
    return Finished(
        norms.norm_chart(table, replay.styles, replay.epoch),
        words.norm_finding(table, replay.epoch),
        tables.norms_at(table, replay.epoch),
        code.norms_code(replay.runs, replay.epoch),
        "training-gradients",
    )


@cached(new_cache(1))
def gradient_range(replay: Replay) -> str:
    """How far the first block's gradient was from the last's over all epochs."""
    return words.range_words(tables.norms_of(replay.runs))


@cached(new_cache(16))
def confusion(name: str, run: rc.Run, epoch: int) -> Finished:
    """The answers of one net to the pictures of each class."""
    counts = tables.counts_at(run.confusion, epoch)
    return Finished(
        confusions.confusion_chart(counts, name, epoch, KINDS[run.measured_on]),
        confusions.confusion_words(counts, name, epoch),
        counts.reset_index(),
        code.confusion_code(run, epoch),
        f"{name}-confusion-{epoch}",
    )


@cached(new_cache(16))
def answered(replay: Replay, photo: Photo) -> Finished:
    """What the nets said of the photo with the weights of every kept epoch up to that of the replay."""
    known = {name: run for name, run in replay.runs.items() if run.epoch_weights}
    told = {
        name: {
            epoch: compute.prediction(Net(run.variant, weights), photo) for epoch, weights in run.epoch_weights.items()
        }
        for name, run in known.items()
    }
    by_now = {
        name: {epoch: answer for epoch, answer in answer_of.items() if epoch <= replay.epoch}
        for name, answer_of in told.items()
        if min(answer_of) <= replay.epoch
    }
    table, so_far = tables.answers_table(known, told), tables.answers_table(known, by_now)
    return Finished(
        answers.answers_chart(so_far, replay.styles, replay.epoch, table),
        answers.answers_finding(so_far),
        table,
        code.answers_code(known, photo),
        "training-answers",
    )
