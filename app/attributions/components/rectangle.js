// Shows a photo with a rectangle out of it, and reports the rectangle that the visitor draws.

const WITH_MOUSE = "Drag in the picture to draw another rectangle.";
const WITH_FINGER = "Draw another rectangle with your finger.";
const COARSE = 128; // a photo of fewer pixels shows each as a square
const states = new WeakMap(); // of each component on the page: the edges in per cent, and where a stroke began

// The filled picture shows within the edges only.
function draw({ root, edges: { left, right, top, bottom } }) {
  root.querySelector(".filled").style.clipPath = `inset(${top}% ${100 - right}% ${100 - bottom}% ${left}%)`;
  const sides = { left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` };
  Object.assign(root.querySelector(".edge").style, sides);
}

// Where the pointer is, in whole per cent of the picture.
function placeOf(event, picture) {
  const box = picture.getBoundingClientRect();
  const share = (at, start, length) => Math.round(Math.min(Math.max((100 * (at - start)) / length, 0), 100));
  return { x: share(event.clientX, box.left, box.width), y: share(event.clientY, box.top, box.height) };
}

function stretch(state, event) {
  const { x, y } = placeOf(event, state.picture);
  const { x: first, y: second } = state.start;
  state.edges = {
    left: Math.min(first, x), right: Math.max(first, x), top: Math.min(second, y), bottom: Math.max(second, y),
  };
  draw(state);
}

function begin(root) {
  const picture = root.querySelector(".picture");
  const state = { root, picture, start: null };
  picture.onpointerdown = (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    picture.setPointerCapture(event.pointerId);
    state.before = state.edges;
    state.start = placeOf(event, picture);
  };
  picture.onpointermove = (event) => {
    if (state.start !== null) stretch(state, event);
  };
  picture.onpointerup = (event) => {
    if (state.start === null) return;
    stretch(state, event);
    state.start = null;
    const { left, right, top, bottom } = state.edges;
    if (right > left && bottom > top) return state.send("drawn", state.edges);
    state.edges = state.before; // a click draws nothing
    draw(state);
  };
  picture.onpointercancel = () => {
    state.start = null;
    state.edges = state.before;
    draw(state);
  };
  states.set(root, state);
  return state;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = states.get(parentElement) ?? begin(parentElement);
  state.send = setTriggerValue;
  const photo = parentElement.querySelector("img");
  if (photo.getAttribute("src") !== data.photo) photo.src = data.photo;
  parentElement.querySelector(".filled").style.backgroundImage = `url("${data.filled}")`;
  photo.alt = data.alt;
  parentElement.querySelector(".frame").classList.toggle("coarse", data.width < COARSE);
  parentElement.querySelector(".line").textContent = matchMedia("(hover: none)").matches ? WITH_FINGER : WITH_MOUSE;
  if (state.start !== null) return; // the visitor is drawing
  state.edges = data.edges;
  draw(state);
}
