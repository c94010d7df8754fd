// Shows a photo under the borders of its superpixels, and reports which of them the visitor takes away.

const SVG = "http://www.w3.org/2000/svg";
const KEYS =
  "Arrow keys go to the neighbouring superpixel, page up and page down to the previous and next number, " +
  "space takes a superpixel away or puts it back, escape puts everything back.";
const WITH_MOUSE = "Click superpixels to take them out of the photo, or drag over several.";
const WITH_FINGER = "Tap superpixels to take them out of the photo.";
const COARSE = 128; // a photo of fewer pixels shows each as a square

// Each key gives the next superpixel from the present one; neighbours are left, right, above, below.
const MOVES = {
  ArrowLeft: (at, { neighbours }) => neighbours[at][0],
  ArrowRight: (at, { neighbours }) => neighbours[at][1],
  ArrowUp: (at, { neighbours }) => neighbours[at][2],
  ArrowDown: (at, { neighbours }) => neighbours[at][3],
  PageUp: (at) => Math.max(at - 1, 0),
  PageDown: (at, { paths }) => Math.min(at + 1, paths.length - 1),
  Home: () => 0,
  End: (_at, { paths }) => paths.length - 1,
};
const CHANGES = {
  none: () => new Set(),
  swap: (gone, { paths }) => new Set(paths.map((_path, id) => id).filter((id) => !gone.has(id))),
};

const states = new WeakMap(); // of each component on the page: what is taken away, and what the visitor is doing

const percent = (share) => {
  if (share > 0 && share < 0.01) return "< 1 %";
  return share > 0.99 && share < 1 ? "> 99 %" : `${Math.round(100 * share)} %`;
};

function nameOf(id, { gone, data }) {
  return `Superpixel ${id + 1} of ${data.paths.length}, ${gone.has(id) ? "removed" : "kept"}`;
}

function summary({ gone, data }) {
  if (gone.size === 0) return matchMedia("(hover: none)").matches ? WITH_FINGER : WITH_MOUSE;
  const pixels = [...gone].reduce((sum, id) => sum + data.sizes[id], 0);
  const share = percent(pixels / (data.height * data.width));
  return `${gone.size} of ${data.paths.length} removed, ${share} of the picture.`;
}

// One focusable shape for each superpixel; Tab stops once in the picture.
function build(state) {
  const { root, parts, data } = state;
  root.querySelector("svg").setAttribute("viewBox", `0 0 ${data.width} ${data.height}`);
  root.querySelector(".regions").classList.toggle("coarse", data.width < COARSE);
  outline(root, ".border", data.paths);
  const shapes = data.paths.map((d, id) => {
    const shape = document.createElementNS(SVG, "path");
    const attributes = { class: "part", role: "checkbox", tabindex: id === 0 ? 0 : -1, "data-id": id, d };
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    shape.onfocus = () => {
      parts.querySelector("[tabindex='0']").setAttribute("tabindex", -1);
      shape.setAttribute("tabindex", 0);
      if (shape.matches(":focus-visible")) move(state, id);
    };
    shape.onblur = () => move(state, null);
    return shape;
  });
  parts.replaceChildren(...shapes);
}

function outline(root, selector, paths) {
  for (const path of root.querySelectorAll(selector)) path.setAttribute("d", paths.join(""));
}

function load(state, which, source) {
  if (state[which]?.getAttribute("src") === source) return;
  const image = new Image();
  image.src = source;
  state[which] = image;
  image.decode().then(() => paint(state));
}

// The photo, and the fill where superpixels are gone: what the network sees.
function paint({ canvas, photo, filled, gone, data }) {
  if (!photo.complete || !filled.complete) return; // the old picture stays until both are here
  canvas.width = photo.naturalWidth;
  canvas.height = photo.naturalHeight;
  const context = canvas.getContext("2d");
  context.scale(canvas.width / data.width, canvas.height / data.height);
  context.drawImage(photo, 0, 0, data.width, data.height);
  context.clip(new Path2D([...gone].map((id) => data.paths[id]).join("")));
  context.drawImage(filled, 0, 0, data.width, data.height);
}

// Shows what is removed and frames the current superpixel; announces changes by key or button only.
function draw(state, { aloud = false } = {}) {
  const { root, parts, gone, data } = state;
  paint(state);
  outline(root, ".gone", [...gone].map((id) => data.paths[id]));
  for (const [id, part] of [...parts.children].entries()) {
    part.setAttribute("aria-checked", gone.has(id));
    part.setAttribute("aria-label", nameOf(id, state));
  }
  root.querySelector("[data-change=none]").disabled = gone.size === 0;
  point(state, aloud);
}

function point(state, aloud = false) {
  const { root, cursor, data } = state;
  outline(root, ".cursor", cursor === null ? [] : [data.paths[cursor]]);
  const line = root.querySelector(".line");
  const words = cursor === null ? summary(state) : `${nameOf(cursor, state)}. ${summary(state)}`;
  if (line.textContent === words) return; // a rerun must not silence what is being spoken
  line.setAttribute("aria-live", aloud ? "polite" : "off");
  line.textContent = words;
}

function move(state, id) {
  if (id === state.cursor) return;
  state.cursor = id;
  point(state);
}

function toggle(state, id, how) {
  if (!state.gone.delete(id)) state.gone.add(id);
  draw(state, how);
}

function tell(state) {
  state.turn += 1;
  state.send("gone", { cut: state.data.cut, turn: state.turn, ids: [...state.gone] });
}

function finish(state) {
  if (state.painting === null) return;
  state.painting = null;
  tell(state);
}

const idOf = ({ target }) => (target.matches(".part") ? Number(target.dataset.id) : null);

// The mouse acts when its button goes down, and goes on while it is held; a finger and a screen reader only click.
function listenToPointer(svg, state) {
  svg.onpointerdown = (event) => {
    state.pointer = event.pointerType;
    const id = idOf(event);
    if (event.pointerType !== "mouse" || event.button !== 0 || id === null) return;
    state.painting = !state.gone.has(id); // the first superpixel decides: the stroke takes away, or puts back
    toggle(state, id);
    window.addEventListener("pointerup", () => finish(state), { once: true, capture: true });
  };
  svg.onpointermove = (event) => {
    if (event.pointerType !== "mouse") return;
    const id = idOf(event);
    move(state, id);
    if (!(event.buttons & 1)) finish(state); // also if the button was let go outside the window
    else if (state.painting !== null && id !== null && state.gone.has(id) !== state.painting) toggle(state, id);
  };
  svg.onpointerleave = () => {
    const focused = state.parts.querySelector(":focus-visible");
    move(state, focused === null ? null : Number(focused.dataset.id));
  };
  svg.onclick = (event) => {
    const id = idOf(event);
    if (id === null || (event.detail !== 0 && state.pointer === "mouse")) return;
    toggle(state, id);
    tell(state);
  };
}

function listenToKeys(svg, state) {
  svg.onkeydown = (event) => {
    const id = idOf(event);
    if (id === null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in MOVES) {
      event.preventDefault();
      state.parts.children[MOVES[event.key](id, state.data)].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (event.repeat) return;
      toggle(state, id, { aloud: true });
      tell(state);
    } else if (event.key === "Escape" && state.gone.size > 0) {
      event.preventDefault();
      change(state, CHANGES.none);
    }
  };
}

function change(state, how) {
  state.gone = how(state.gone, state.data);
  draw(state, { aloud: true });
  tell(state);
}

function begin(root) {
  const state = { root, parts: root.querySelector(".parts"), canvas: root.querySelector("canvas"), painting: null };
  listenToPointer(root.querySelector("svg"), state);
  listenToKeys(root.querySelector("svg"), state);
  for (const button of root.querySelectorAll("button")) {
    button.onclick = () => change(state, CHANGES[button.dataset.change]);
  }
  states.set(root, state);
  return state;
}

// The state from Python counts if it is newer than the state here, or of another cut.
function take(state, data) {
  const other = state.data?.cut !== data.cut;
  state.data = data;
  if (!other && data.turn <= state.turn) return;
  state.gone = new Set(data.ids);
  state.turn = data.turn;
  if (!other) return;
  state.cursor = state.painting = null;
  build(state);
}

export default function ({ data, parentElement, setStateValue }) {
  const state = states.get(parentElement) ?? begin(parentElement);
  state.send = setStateValue;
  take(state, data);
  load(state, "photo", data.photo);
  load(state, "filled", data.filled);
  parentElement.querySelector("svg").setAttribute("aria-label", `${data.alt}. ${KEYS}`);
  draw(state);
}
