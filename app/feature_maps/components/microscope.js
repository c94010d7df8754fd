// Paints x, F(x), shortcut(x), their sum and y of one channel on one colour scale, and reads the same position in all five.

const GREY = [128, 128, 128]; // of values that are not finite
const OPERATORS = [
  { wide: "→", narrow: "↙ ↘" }, // x goes both ways
  { wide: "+", narrow: "+" },
  { wide: "=", narrow: "=" },
  { wide: "ReLU\n→", narrow: "ReLU\n→" },
];
const STEPS = {
  ArrowLeft: "previous-block",
  ArrowRight: "next-block",
  ArrowUp: "previous-channel",
  ArrowDown: "next-channel",
};
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const KEYS = "After a click: ← → change the block, ↑ ↓ the channel, Shift with an arrow moves by one pixel.";
const SPOKEN =
  " under the microscope. Left and right arrow: previous and next block. Up and down arrow: previous and next " +
  "channel. Shift with an arrow moves the crosshair by one pixel and reads its numbers.";
const SUPERSCRIPTS = Object.fromEntries([..."-0123456789"].map((sign, i) => [sign, [..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"][i]]));
const PATIENCE = 300; // milliseconds between two steps while a key is held down

const states = new WeakMap(); // of each component on the page: its elements, and where the visitor put the crosshair

const element = (tag, className, ...children) => {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
};

function panelElement() {
  const canvas = element("canvas", "");
  const marks = ["across", "down", "pixel"].map((name) => element("div", `mark ${name}`));
  const view = element("div", "view", canvas, ...marks, element("p", "absent"));
  return element("div", "panel", element("p", "title"), view, element("p", "number"), element("p", "note"));
}

function build(panels) {
  const operators = OPERATORS.map(({ wide, narrow }) => {
    const operator = element("div", "operator", element("span", "wide", wide), element("span", "narrow", narrow));
    operator.setAttribute("aria-hidden", "true");
    return operator;
  });
  const bow = ["start", "over", "end"].map((name) => element("div", `bow ${name}`));
  bow.forEach((part) => part.setAttribute("aria-hidden", "true"));
  panels.replaceChildren(panelElement(), ...operators.flatMap((operator) => [operator, panelElement()]), ...bow);
}

function decoded({ values, ...panel }) {
  if (values === undefined) return panel;
  return { ...panel, values: decodedFloats(values) };
}

// A value from -limit to limit to a colour by straight lines between evenly spaced stops.
function colourOf(value, limit, stops) {
  if (!Number.isFinite(value)) return GREY;
  const share = limit > 0 ? Math.min(Math.max(value / limit, -1), 1) : 0;
  const place = ((share + 1) / 2) * (stops.length - 1);
  const below = Math.min(Math.floor(place), stops.length - 2);
  return stops[below].map((low, i) => Math.round(low + (stops[below + 1][i] - low) * (place - below)));
}

function paint(canvas, { values, rows, columns }, { limit, stops }) {
  canvas.width = columns;
  canvas.height = rows;
  const picture = new ImageData(columns, rows);
  values.forEach((value, i) => picture.data.set([...colourOf(value, limit, stops), 255], 4 * i));
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

function show(shown, panel, data) {
  const there = panel.values !== undefined;
  shown.classList.toggle("empty", !there);
  shown.style.setProperty("--colour", panel.colour);
  shown.querySelector(".title").textContent = panel.title;
  shown.querySelector(".absent").textContent = there ? "" : panel.note;
  shown.querySelector(".note").textContent = there ? panel.note : "";
  shown.querySelector(".view").style.aspectRatio = there ? `${panel.columns} / ${panel.rows}` : "1";
  if (there) paint(shown.querySelector("canvas"), panel, data);
}

const written = (count, decimals, power) =>
  (count / 10 ** decimals).toFixed(decimals).replace("-", "−") + (power ? `×10${superscript(power)}` : "");
const superscript = (power) => [...String(power)].map((sign) => SUPERSCRIPTS[sign]).join("");

// x, F(x), shortcut(x), sum and y as text: all with the same decimals, and F(x) + shortcut(x) = sum as printed.
// The smallest gets three digits, unless the largest would need more than five.
function printed(numbers) {
  const there = numbers.filter((value) => value !== null);
  if (!there.every(Number.isFinite)) return numbers.map((value) => (value === null ? "" : threeDigits(value)));
  const powers = there.filter((value) => value !== 0).map((value) => Math.floor(Math.log10(Math.abs(value))));
  const [most, least] = [Math.max(...powers, -Infinity), Math.min(...powers, Infinity)];
  const power = powers.length && (most > 4 || most < -3) ? most : 0; // beyond these a power of ten is printed, too
  const decimals = powers.length ? Math.max(0, Math.min(2 - least, 4 - most) + power) : 0;
  const exact = numbers.map((value) => (value === null ? null : (value / 10 ** power) * 10 ** decimals));
  const counts = exact.map((value) => (value === null ? null : Math.round(value)));
  addUp(counts, exact);
  [[0, 2], [4, 3]].forEach(([place, same]) => {
    if (numbers[place] === numbers[same]) counts[place] = counts[same]; // a copy reads as what it copies
  });
  return counts.map((count) => (count === null ? "" : written(count + 0, decimals, power)));
}

// Rounding can make a sum wrong by one in the last digit: then the part closest to the other rounding is changed.
function addUp(counts, exact) {
  const [, residual, shortcut, sum] = counts;
  const missing = sum - residual - (shortcut ?? 0);
  if (missing === 0) return;
  const ways = [[1, missing], [2, missing], [3, -missing]].filter(([place]) => counts[place] !== null);
  const cost = ([place, step]) => Math.abs(counts[place] + step - exact[place]);
  const [place, step] = ways.reduce((best, way) => (cost(way) < cost(best) ? way : best));
  counts[place] += step;
}

// The position of the crosshair in the grid of y: set by the visitor, else where the sum is largest in magnitude.
function standing(state, panels) {
  const { rows, columns } = panels.at(-1);
  if (state.at) return { row: Math.floor(state.at.down * rows), column: Math.floor(state.at.right * columns) };
  const { values } = panels.at(-2);
  const largest = values.reduce((best, value, i) => (Math.abs(value) > Math.abs(values[best]) ? i : best), 0);
  return { row: Math.floor(largest / columns), column: largest % columns };
}

function sentence([, residual, shortcut, sum, y], { row, column }) {
  const branch = shortcut ? ` + shortcut(x) ${shortcut}` : "";
  return `Row ${row}, column ${column}: F(x) ${residual}${branch} = sum ${sum}, ReLU → ${y}`;
}

// Marks the same position in all panels and writes the numbers; in a larger x it is the pixel that the stride reads.
function point(state, { aloud }) {
  const at = standing(state, state.panels);
  const grid = state.panels.at(-1);
  const numbers = state.panels.map(({ values, rows, columns }, i) => {
    if (values === undefined) return null;
    const row = Math.floor((at.row * rows) / grid.rows);
    const column = Math.floor((at.column * columns) / grid.columns);
    const style = state.shown[i].style;
    style.setProperty("--left", `${(100 * column) / columns}%`);
    style.setProperty("--top", `${(100 * row) / rows}%`);
    style.setProperty("--width", `${100 / columns}%`);
    style.setProperty("--height", `${100 / rows}%`);
    const value = values[row * columns + column];
    style.setProperty("--value", `rgb(${colourOf(value, state.limit, state.stops)})`); // over the lines that cross it
    return value;
  });
  const texts = printed(numbers);
  state.shown.forEach((panel, i) => {
    panel.querySelector(".number").textContent = texts[i];
  });
  state.sentence.setAttribute("aria-live", aloud ? "polite" : "off");
  state.sentence.textContent = sentence(texts, at);
}

function legend(find, { limit, gradient, words }) {
  const end = threeDigits(limit);
  find(".bar").style.background = gradient;
  find(".ends").replaceChildren(...[`−${end}`, "0", end].map((text) => element("span", "", text)));
  find(".words").textContent = words;
  find(".legend").setAttribute("aria-label", `One colour scale for all five, from −${end} over 0 to ${end}. ${words}`);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  const root = find(".microscope");
  const state = states.get(parentElement) ?? { at: null, stepped: 0 };
  if (!states.has(parentElement)) {
    states.set(parentElement, state);
    build(find(".panels"));
    state.shown = [...parentElement.querySelectorAll(".panel")];
    state.sentence = find(".sentence");
    find(".keys").textContent = KEYS;
  }
  Object.assign(state, { panels: data.panels.map(decoded), limit: data.limit, stops: data.stops });
  state.shown.forEach((shown, i) => show(shown, state.panels[i], data));
  root.setAttribute("aria-label", `${data.name}${SPOKEN}`);
  root.classList.toggle("plain", state.panels[2].values === undefined);
  find(".bow.over").textContent = data.way;
  legend(find, data);
  point(state, { aloud: root.matches(":focus-visible") });

  // The middle of a pixel of y, as shares of the picture, so that it holds in the next block too.
  const put = (row, column, how) => {
    const { rows, columns } = state.panels.at(-1);
    const inside = (value, end) => Math.min(Math.max(value, 0), end - 1);
    state.at = { down: (inside(row, rows) + 0.5) / rows, right: (inside(column, columns) + 0.5) / columns };
    point(state, how);
  };

  root.onpointermove = root.onpointerdown = (event) => {
    const view = event.target.closest(".view");
    if (!view || view.parentElement.matches(".empty")) return;
    const { left, top, width, height } = view.getBoundingClientRect();
    const { rows, columns } = state.panels.at(-1);
    const row = Math.floor(((event.clientY - top) / height) * rows);
    put(row, Math.floor(((event.clientX - left) / width) * columns), { aloud: false });
  };

  root.onkeydown = (event) => {
    if (!(event.key in STEPS) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey) {
      const at = standing(state, state.panels);
      const [down, right] = MOVES[event.key];
      put(at.row + down, at.column + right, { aloud: true });
      return;
    }
    if (event.repeat && performance.now() - state.stepped < PATIENCE) return;
    state.stepped = performance.now();
    setTriggerValue("step", STEPS[event.key]);
  };
}
