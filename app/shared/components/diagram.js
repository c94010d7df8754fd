// Shows two SVG drawings, of which the style sheet lets one be seen, and reports what is chosen in it.

const BUTTONS = "[data-node], [data-stage]";

const nameOf = (button) =>
  button.dataset.node ? `[data-node="${CSS.escape(button.dataset.node)}"]` : `[data-stage="${CSS.escape(button.dataset.stage)}"]`;

const middle = (tile) => {
  const { left, right, top, bottom } = tile.getBoundingClientRect();
  return { x: (left + right) / 2, y: (top + bottom) / 2, height: bottom - top };
};

// The tile in the nearest row above (direction -1) or below (1), and in it the one nearest to the same column.
function across(tiles, from, direction) {
  const here = middle(from);
  let best = null;
  for (const tile of tiles) {
    const there = middle(tile);
    const down = (there.y - here.y) * direction;
    if (down < here.height / 2) continue;
    const distance = 1e4 * Math.round(down) + Math.abs(there.x - here.x);
    if (best === null || distance < best.distance) best = { tile, distance };
  }
  return best?.tile;
}

const MOVES = {
  ArrowRight: (tiles, from) => tiles[tiles.indexOf(from) + 1],
  ArrowLeft: (tiles, from) => tiles[tiles.indexOf(from) - 1],
  ArrowDown: (tiles, from) => across(tiles, from, 1),
  ArrowUp: (tiles, from) => across(tiles, from, -1),
  Home: (tiles) => tiles[0],
  End: (tiles) => tiles.at(-1),
};

// Tab stops once in the drawing, not at each of up to 600 tiles: at the chosen tile, later at the one last focused.
function stopAt(pane, tile) {
  for (const other of pane.querySelectorAll(".tile")) other.setAttribute("tabindex", "-1");
  tile?.setAttribute("tabindex", "0");
}

// A drawing is replaced only when it changed; whatever had the focus in it has it again.
function show(pane, svg, root) {
  if (pane.drawn === svg) return;
  const focused = root.activeElement?.closest(BUTTONS);
  const name = focused && pane.contains(focused) ? nameOf(focused) : null;
  pane.innerHTML = svg;
  pane.drawn = svg;
  const again = name && pane.querySelector(name);
  stopAt(pane, again?.matches(".tile") ? again : (pane.querySelector(".chosen") ?? pane.querySelector(".tile")));
  again?.focus({ preventScroll: true });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const diagram = parentElement.querySelector(".diagram");
  for (const side of ["wide", "narrow"]) {
    show(diagram.querySelector(`.${side}`), data[side], parentElement.getRootNode());
  }

  const choose = (button) =>
    button.dataset.node ? setTriggerValue("node", button.dataset.node) : setTriggerValue("stage", button.dataset.stage);

  diagram.onclick = (event) => {
    const button = event.target.closest(BUTTONS);
    if (!button) return;
    if (button.matches(".tile")) stopAt(button.closest(".wide, .narrow"), button);
    choose(button);
  };

  diagram.onkeydown = (event) => {
    const button = event.target.closest(BUTTONS);
    if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (!event.repeat) choose(button);
      return;
    }
    const pane = button.closest(".wide, .narrow");
    const next = MOVES[event.key]?.([...pane.querySelectorAll(".tile")], button);
    if (event.key in MOVES) event.preventDefault();
    if (!next) return;
    stopAt(pane, next);
    next.focus();
  };
}
