"""Attributions: up to four methods on one photo, what each costs, and whether to believe it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

import resnet_core as rc
from app import chart, compute, controls, explanations, map_snippets, words
from app.components.diagram import drawing
from app.components.regions import regions
from app.figures import agreement, answers, cascade, curves, heat, maps, strip, trust_card
from app.figures import regions as outlines
from app.report import Part, report
from app.selection import RANDOM, Net, Photo
from app.waiting import waiting
from resnet_core.verdicts import verdicts


@dataclass(frozen=True, eq=False)
class Shown:
    """One map on the page: whose it is, what it was asked, and what was painted."""

    net: Net
    method: str
    options: dict[str, float | str]
    record: rc.AttributionRecord
    picture: maps.Painted
    rows: tuple[trust_card.Row, ...]
    checks: dict[str, rc.TrustRecord]

    @property
    def title(self) -> str:
        return rc.METHODS[self.method].title

    @property
    def values(self) -> NDArray[np.float32]:
        """The map (H, W)."""
        return self.record.map[0].float().cpu().numpy()


@dataclass(frozen=True)
class Question:
    """The photo and the class that every map of the page explains."""

    photo: Photo
    target: int
    name: str


def draw() -> None:
    selection = controls.selection()
    if not compute.ready(selection.net):
        st.info(words.not_here(selection.net), icon=":material/download:")
        return
    with controls.explained():
        with st.spinner("The network is looking", show_time=True):
            answer = compute.prediction(selection.net, selection.photo)
        words.speaker(compute.model(selection.net))
        first, second = st.columns([2, 3], gap="medium")
        target, name = controls.target_choice("", answer, first)
        with second:
            methods = controls.methods()
        with st.expander("What is not in the list, and why"):
            st.markdown("\n".join(f"- **{title}**: {why}" for title, why in rc.ABSENT_METHODS.items()))
        question = Question(selection.photo, target, name)
        side_by_side(selection.net, question, methods)
        st.divider()
        over_depth(selection.net, question)
        st.divider()
        edited(selection.net, question)


@st.fragment
def side_by_side(net: Net, question: Question, methods: Sequence[str]) -> None:
    """The maps with their cards, how far they agree, and what the checks found."""
    if not methods:
        st.info("Choose at least one method.", icon=":material/stacks:")
        return
    look = controls.look()
    checks = controls.checks()
    twin = net.weights != RANDOM and st.toggle(
        "Show each map of the same network with random weights too",
        key="twin",
        bind="query-params",
        persist_state="session",
    )
    places = st.columns(max(len(methods), 2), gap="medium")
    shown = []
    for place, method in zip(places, methods, strict=False):
        with place, controls.explained():
            shown.append(one_map(net, question, method, look, checks))
            if twin:
                untrained(Net(net.variant, RANDOM), question, shown[-1], look)
    if len(methods) == 1:
        with places[1]:
            the_photo(net, question.photo)
    if len(shown) > 1:
        agreeing(net, question, shown)
    tested(net, question, shown)
    if shown:
        to_keep(net, question, shown)


def the_photo(net: Net, photo: Photo) -> None:
    """What the network sees, beside a single map."""
    view = compute.view(net, photo)
    st.markdown("**What the network sees**")
    st.image(
        heat.enlarged(view),
        width="stretch",
        output_format="PNG",
        alt=f"{photo.title}, cut to the centre square and reduced to {view.width} by {view.height} pixels",
    )
    st.caption(f"{photo.title}, {view.width} × {view.height} pixels. {photo.credit}")


def one_map(net: Net, question: Question, method: str, look: controls.Look, checks: Sequence[str]) -> Shown:
    """One method: its options, its map with the legend, its card, and what can be taken away."""
    how = rc.METHODS[method]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{how.title}**")
        options = controls.method_options(how, compute.model(net).variant)
    with waiting(f"{how.title} at work") as progress:
        record = compute.attribution(net, question.photo, question.target, method, progress=progress, **options)
    picture = painted(net, question, record, look)
    found: dict[str, rc.TrustRecord] = {}
    for name in [*rc.QUICK, *checks]:
        with waiting(f"{rc.CHECKS[name].title}: {how.title} at work") as progress:
            found[name] = explanations.check(
                net, question.photo, question.target, method, name, progress=progress, **options
            )
    rows = tuple(card_rows(found))
    st.html(trust_card.trust_card(f"Can you trust it? {cost_words(how, record)}", rows))
    st.caption(f"**{how.title}** ({how.paper}). {how.idea} {how.sign} **What it cannot show:** {how.cannot}")
    shown = Shown(net, method, options, record, picture, rows, found)
    chart.files(
        table=pd.DataFrame(shown.values),
        code=map_snippets.map_code(net, question.photo, question.target, method, options),
        name=f"{net.variant}-{method}",
        key=f"files_{method}",
        images={"PNG": picture.png, "NPY": npy(shown.values)},
    )
    return shown


def painted(net: Net, question: Question, record: rc.AttributionRecord, look: controls.Look) -> maps.Painted:
    """Draw one map over the photo, with its legend."""
    how, values = rc.METHODS[record.method], record.map[0].float().cpu().numpy()
    picture = maps.painted(
        compute.view(net, question.photo), values, look.style, look.smoothing, look.opacity, signed=record.signed
    )
    st.image(picture.png, width="stretch", output_format="PNG", alt=words.map_alt(how, question.name, values))
    st.html(maps.legend(picture, *words.legend_ends(record.signed, question.name)))
    st.caption(maps.drawn_words(look.style, look.smoothing, values.shape[0]))
    return picture


def untrained(net: Net, question: Question, shown: Shown, look: controls.Look) -> None:
    """The same method on the same photo in the same network before any training."""
    with waiting(f"{shown.title} of random weights at work") as progress:
        record = compute.attribution(
            net,
            question.photo,
            question.target,
            shown.method,
            progress=progress,
            **shown.options,
        )
    st.markdown(f"{shown.title}, **random weights**")
    painted(net, question, record, look)


def npy(values: NDArray[np.float32]) -> bytes:
    """The values as a file for numpy."""
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def cost_words(how: rc.Method, record: rc.AttributionRecord) -> str:
    """What the map cost."""
    passes = how.passes(record.options)
    most = "at most " if how.at_most else ""
    backward = f" and {passes.backward} backward" if passes.backward else ""
    return f"({most}{passes.forward} forward{backward} passes, {record.seconds:.1f} s)"


def card_rows(found: dict[str, rc.TrustRecord]) -> list[trust_card.Row]:
    """The verdict of every check as a row of the card."""
    return [
        trust_card.Row(rc.CHECKS[name].title, verdict.value, verdict.sentence, verdict.state)
        for record in found.values()
        for name, verdict in verdicts(record).items()
    ]


def agreeing(net: Net, question: Question, shown: Sequence[Shown]) -> None:
    """How far the methods agree on the order of the pixels."""
    matrix = rc.agreement({each.title: each.record for each in shown})
    place, _ = st.columns([3, 2])
    with place:
        chart.chart(
            agreement.agreement_chart(matrix),
            alt=agreement.agreement_words(matrix),
            table=matrix.rename_axis("method").reset_index(),
            code=map_snippets.agreement_code(
                net, question.photo, question.target, [(each.method, each.options) for each in shown]
            ),
            name="agreement",
            key="agreement",
        )


def tested(net: Net, question: Question, shown: Sequence[Shown]) -> None:
    """What the checks that are more than a number found: the cascade of each map, and both games of all maps."""
    for each in shown:
        found = each.checks.get("randomisation")
        if found is not None and found.randomisation is not None:
            cascaded(net, question, each, found.randomisation)
    played = [
        each.checks["deletion"].deletion.table.assign(method=each.title)
        for each in shown
        if "deletion" in each.checks and each.checks["deletion"].deletion is not None
    ]
    if not played:
        return
    table = pd.concat(played, ignore_index=True)
    code = map_snippets.curves_code(
        net, question.photo, question.target, [(each.method, each.options) for each in shown]
    )
    for place, game in zip(st.columns(2, gap="large"), curves.CURVES, strict=True):
        with place:
            chart.chart(
                curves.curves_chart(table, game),
                alt=curves.curves_words(table, game),
                table=table,
                code=code,
                name=game,
                key=game,
            )


def cascaded(net: Net, question: Question, shown: Shown, found: rc.Randomisation) -> None:
    """The strip of maps as ever more of the network is made random, and how like the first they are."""
    steps = [
        cascade.Step(cascade.ORIGINAL, shown.values),
        *(
            cascade.Step(str(unit), values.float().cpu().numpy())
            for unit, values in zip(found.table["unit"], found.maps, strict=True)
        ),
    ]
    st.markdown(f"**{shown.title}, as the network is made random from the head down**")
    alt = cascade.cascade_words(found.table, shown.title, found.chance)
    st.html(cascade.strip_html(steps, signed=shown.record.signed, alt=alt))
    chart.chart(
        cascade.cascade_chart(found.table, shown.title, found.chance),
        alt=alt,
        table=found.table,
        code=map_snippets.cascade_code(net, question.photo, question.target, shown.method, shown.options),
        name=f"randomised-{shown.method}",
        key=f"cascade_{shown.method}",
    )


def to_keep(net: Net, question: Question, shown: Sequence[Shown]) -> None:
    """Everything above in one file."""
    weights = compute.model(net).weights
    facts = [
        ("Network", net.label),
        ("Weights", "random, seed 0" if weights is None else f"{weights.id}; {weights.data or 'data not told'}"),
        ("Photo", f"{question.photo.title}. {question.photo.credit}"),
        ("Class", f"{question.name} ({question.target})"),
    ]
    view = compute.view(net, question.photo)
    parts = [Part("What the network sees", picture=heat.enlarged(view), alt=question.photo.title)]
    parts += [
        Part(
            each.title,
            f"{rc.METHODS[each.method].idea} What it cannot show: {rc.METHODS[each.method].cannot}",
            each.picture.png,
            words.map_alt(rc.METHODS[each.method], question.name, each.values),
            maps.legend(each.picture, *words.legend_ends(each.record.signed, question.name))
            + trust_card.trust_card(f"Can you trust it? {cost_words(rc.METHODS[each.method], each.record)}", each.rows),
            (
                (
                    "Options",
                    pd.DataFrame(
                        {"option": list(each.record.options), "value": [*map(str, each.record.options.values())]}
                    ),
                ),
            ),
        )
        for each in shown
    ]
    if len(shown) > 1:
        matrix = rc.agreement({each.title: each.record for each in shown})
        parts.append(
            Part("Agreement", agreement.finding(matrix), tables=(("Rank correlations", matrix.reset_index()),))
        )
    st.download_button(
        "Report of these maps (HTML)",
        report(f"Why {question.name}? {net.label}", facts, parts),
        file_name=f"{net.variant}-attributions.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        key="report",
    )


@st.fragment
def over_depth(net: Net, question: Question) -> None:
    """Grad-CAM after every stage, at one point of its last block."""
    st.subheader("Grad-CAM at every stage", anchor=False)
    st.caption("Which layer is asked decides what Grad-CAM shows: early ones see edges, late ones the class.")
    with controls.explained():
        described = compute.description(compute.anatomy(net))
        left, right = st.columns([3, 2], gap="large")
        with left:
            point = controls.point()
        stages = list(dict.fromkeys(described.blocks["stage"]))
        kind = described.blocks["shortcut_kind"].iloc[-1]
        with right:
            drawing(strip.point_svg(kind, point), key="point_drawing")
        found = {}
        with waiting("Grad-CAM at work") as progress:
            for stage in stages:
                record = compute.attribution(
                    net, question.photo, question.target, "grad_cam", progress=progress, layer=stage, point=point
                )
                found[stage] = record.map[0].float().cpu().numpy()
        tiles = strip.tiles(described, found)
        st.markdown(f"**{strip.strip_finding(tiles)}**")
        view = compute.view(net, question.photo)
        for place, tile, values in zip(st.columns(len(stages), gap="small"), tiles, found.values(), strict=True):
            with place:
                st.markdown(f"**{tile.title}**")
                st.image(
                    heat.overlay(view, values, heat.scale_of(values, signed=False), 0.6),
                    width="stretch",
                    output_format="PNG",
                    alt=f"Grad-CAM for {question.name} at {tile.title}",
                )
                st.caption(tile.caption)


@st.fragment
def edited(net: Net, question: Question) -> None:
    """Parts of the photo taken away, and what the network then says."""
    st.subheader("Edit the photo", anchor=False)
    st.caption("A map claims which pixels mattered. Take them away and see whether the network agrees.")
    with controls.explained():
        choice = controls.edit()
        view, photo = compute.view(net, question.photo), question.photo
        left, right = st.columns(2, gap="large")
        with left:
            whole = explanations.filled(net, photo, choice.fill)
            if choice.by == controls.RECTANGLE:
                edges = controls.rectangle()
                gone = outlines.rectangle(view.height, view.width, **edges)
                pixels = np.where(gone[..., None], whole, np.asarray(view))
                st.image(
                    heat.enlarged(Image.fromarray(pixels)),
                    width="stretch",
                    output_format="PNG",
                    alt=f"{photo.title} without a rectangle of {gone.mean():.0%} of the picture",
                )
                what = "the rectangle"
                code = map_snippets.rectangle_code(net, photo, edges, choice.fill)
            else:
                cut = explanations.cut(net, photo, choice.count)
                ids = regions(
                    heat.png(view),
                    heat.png(Image.fromarray(whole)),
                    outlines.outlines(cut),
                    alt=f"{photo.title} in superpixels",
                    key="edit_regions",
                )
                gone = outlines.selected(cut, ids)
                what = "the marked superpixel" if len(ids) == 1 else f"the {len(ids)} marked superpixels"
                code = map_snippets.superpixels_code(net, photo, choice.count, ids, choice.fill)
        with right:
            effect = explanations.edit_effect(net, photo, gone, choice.fill)
            st.html(answers.answer_bars(effect, what, float(gone.mean()), target=question.target))
            chart.files(table=effect, code=code, name=f"{net.variant}-edit", key="edit_files", images={})


draw()
