// Holds two SVG drawings, of which the style sheet shows one, and reports what is chosen in it.

const BUTTONS = "[data-node], [data-stage]";

const nameOf = (button) =>
  button.dataset.node ? `[data-node="${CSS.escape(button.dataset.node)}"]` : `[data-stage="${CSS.escape(button.dataset.stage)}"]`;

const middle = (node) => {
  const { left, right, top, bottom } = node.getBoundingClientRect();
  return { x: (left + right) / 2, y: (top + bottom) / 2, height: bottom - top };
};

// The node in the nearest row above (direction -1) or below (1), and in it the one nearest to the same column.
function across(nodes, from, direction) {
  const here = middle(from);
  let best = null;
  for (const node of nodes) {
    const there = middle(node);
    const down = (there.y - here.y) * direction;
    if (down < here.height / 2) continue;
    const distance = 1e4 * Math.round(down) + Math.abs(there.x - here.x);
    if (best === null || distance < best.distance) best = { node, distance };
  }
  return best?.node;
}

const MOVES = {
  ArrowRight: (nodes, from) => nodes[nodes.indexOf(from) + 1],
  ArrowLeft: (nodes, from) => nodes[nodes.indexOf(from) - 1],
  ArrowDown: (nodes, from) => across(nodes, from, 1),
  ArrowUp: (nodes, from) => across(nodes, from, -1),
  Home: (nodes) => nodes[0],
  End: (nodes) => nodes.at(-1),
};

// Tab stops once in the drawing, not at each of up to 600 nodes: at the chosen node, later at the one last focused.
function stopAt(pane, node) {
  for (const other of pane.querySelectorAll(".node")) other.setAttribute("tabindex", "-1");
  node?.setAttribute("tabindex", "0");
}

// A drawing is replaced only when it changed; the same element gets the focus again.
function show(pane, svg, root) {
  if (pane.drawn === svg) return;
  const focused = root.activeElement?.closest(BUTTONS);
  const name = focused && pane.contains(focused) ? nameOf(focused) : null;
  pane.innerHTML = svg;
  pane.drawn = svg;
  const again = name && pane.querySelector(name);
  stopAt(pane, again?.matches(".node") ? again : (pane.querySelector(".chosen") ?? pane.querySelector(".node")));
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
    if (button.matches(".node")) stopAt(button.closest(".wide, .narrow"), button);
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
    const next = MOVES[event.key]?.([...pane.querySelectorAll(".node")], button);
    if (event.key in MOVES) event.preventDefault();
    if (!next) return;
    stopAt(pane, next);
    next.focus();
  };
}
