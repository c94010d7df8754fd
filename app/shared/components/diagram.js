// Holds an SVG drawing, and reports what is chosen in it.

const BUTTONS = "[data-node], [data-stage]";
const MARGIN = 8; // pixels between the chosen node and the edge of its box

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
function stopAt(diagram, node) {
  for (const other of diagram.querySelectorAll(".node")) other.setAttribute("tabindex", "-1");
  node?.setAttribute("tabindex", "0");
}

// The container around the drawing that scrolls, if it is not the page itself.
function boxAround(diagram) {
  let element = diagram.getRootNode().host ?? diagram;
  while (element && element.dataset.testid !== "stMain") {
    if (["auto", "scroll"].includes(getComputedStyle(element).overflowY)) return element;
    element = element.parentElement;
  }
  return null;
}

// Moves the chosen node into view within its box; the page stays where it is.
function reveal(diagram) {
  const box = boxAround(diagram);
  const node = diagram.querySelector(".chosen");
  if (!box || !node) return;
  const { top, bottom } = box.getBoundingClientRect();
  const place = node.getBoundingClientRect();
  if (place.top < top) box.scrollTop -= top - place.top + MARGIN;
  if (place.bottom > bottom) box.scrollTop += place.bottom - bottom + MARGIN;
}

// On a phone, where what a tap opens stands under the box: moves the box to the top of the screen.
function makeRoomBelow(diagram) {
  if (matchMedia("(max-width: 640px)").matches) boxAround(diagram)?.scrollIntoView({ block: "start" });
}

// A drawing is replaced only when it changed; the same element gets the focus again.
function show(diagram, svg, root) {
  if (diagram.drawn === svg) return;
  const focused = root.activeElement?.closest(BUTTONS);
  const name = focused && diagram.contains(focused) ? nameOf(focused) : null;
  diagram.innerHTML = svg;
  diagram.drawn = svg;
  const again = name && diagram.querySelector(name);
  stopAt(diagram, again?.matches(".node") ? again : (diagram.querySelector(".chosen") ?? diagram.querySelector(".node")));
  again?.focus({ preventScroll: true });
  requestAnimationFrame(() => reveal(diagram));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const diagram = parentElement.querySelector(".diagram");
  show(diagram, data.svg, parentElement.getRootNode());

  const choose = (button) =>
    button.dataset.node ? setTriggerValue("node", button.dataset.node) : setTriggerValue("stage", button.dataset.stage);

  diagram.onclick = (event) => {
    const button = event.target.closest(BUTTONS);
    if (!button) return;
    if (button.matches(".node")) stopAt(diagram, button);
    if (button.dataset.node) makeRoomBelow(diagram);
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
    const next = MOVES[event.key]?.([...diagram.querySelectorAll(".node")], button);
    if (event.key in MOVES) event.preventDefault();
    if (!next) return;
    stopAt(diagram, next);
    next.focus();
  };
}
