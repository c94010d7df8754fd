// Shows a picture of equal cells, follows pointer and arrow keys over them, and reports the one that is picked.

const WITHOUT_CHOICE = "Point at a cell to read about it, click to choose it.";
const KEYS = "Arrow keys move from cell to cell, Enter chooses.";

const states = new WeakMap(); // of each component on the page: where the cursor is, and what is shown

// Each key gives the new column and row from the old, both kept inside the grid by `clamped`.
const MOVES = {
  ArrowRight: ({ row, column }) => ({ row, column: column + 1 }),
  ArrowLeft: ({ row, column }) => ({ row, column: column - 1 }),
  ArrowDown: ({ row, column }) => ({ row: row + 1, column }),
  ArrowUp: ({ row, column }) => ({ row: row - 1, column }),
  Home: ({ row }) => ({ row, column: 0 }),
  End: ({ row }, { columns }) => ({ row, column: columns - 1 }),
};

// What is said of a cell: its own words, or its place and value.
function labelOf(index, data) {
  if (data.labels) return data.labels[index];
  const { row, column } = placeOf(index, data);
  return `row ${row}, column ${column}: ${threeDigits(data.values[index])}`;
}

const placeOf = (index, { columns }) => ({ row: Math.floor(index / columns), column: index % columns });

function clamped({ row, column }, { rows, columns, count }) {
  const inside = (value, end) => Math.min(Math.max(value, 0), end - 1);
  return Math.min(inside(row, rows) * columns + inside(column, columns), count - 1);
}

// The index of the cell under the pointer; null over the unused end of the last row.
function under(event, grid, { rows, columns, count }) {
  const { left, top, width, height } = grid.getBoundingClientRect();
  const column = Math.floor(((event.clientX - left) / width) * columns);
  const row = Math.floor(((event.clientY - top) / height) * rows);
  const index = row * columns + column;
  return column >= 0 && column < columns && row >= 0 && index < count ? index : null;
}

function put(frame, index, data) {
  frame.hidden = index === null;
  if (index === null) return;
  const { row, column } = placeOf(index, data);
  frame.style.left = `${(100 * column) / data.columns}%`;
  frame.style.top = `${(100 * row) / data.rows}%`;
  frame.style.width = `${100 / data.columns}%`;
  frame.style.height = `${100 / data.rows}%`;
}

// The line under the picture is about the current cell, else the chosen one; announced only when keys move the cursor.
function draw(parts, state, data, { aloud = false } = {}) {
  const at = state.cursor ?? state.chosen;
  put(parts.chosen, state.chosen, data);
  put(parts.cursor, state.cursor, data);
  parts.line.setAttribute("aria-live", aloud ? "polite" : "off");
  parts.line.textContent = at === null ? WITHOUT_CHOICE : labelOf(at, data);
  if (at === null) return;
  const { row, column } = placeOf(at, data);
  parts.cursor.setAttribute("aria-label", labelOf(at, data));
  parts.cursor.setAttribute("aria-selected", String(at === state.chosen));
  parts.cursor.setAttribute("aria-colindex", column + 1);
  parts.cursor.parentElement.setAttribute("aria-rowindex", row + 1);
  if (aloud) parts.cursor.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function show({ image, grid }, data) {
  if (image.getAttribute("src") !== data.picture) image.src = data.picture;
  image.width = data.width;
  image.height = data.height;
  image.alt = data.alt;
  image.closest(".cells").style.setProperty("--natural", `${data.width}px`);
  grid.setAttribute("aria-label", `${data.alt}. ${KEYS}`);
  grid.setAttribute("aria-rowcount", data.rows);
  grid.setAttribute("aria-colcount", data.columns);
}

export default function ({ data: sent, parentElement, setTriggerValue }) {
  const data = sent.values ? { ...sent, values: decodedFloats(sent.values) } : sent;
  const find = (selector) => parentElement.querySelector(selector);
  const grid = find(".grid");
  const parts = { image: find("img"), grid, chosen: find(".chosen"), cursor: find(".cursor"), line: find(".line") };
  const state = states.get(parentElement) ?? { cursor: null };
  states.set(parentElement, state);
  state.chosen = data.chosen;
  if (state.cursor !== null && state.cursor >= data.count) state.cursor = null;
  show(parts, data);
  draw(parts, state, data);

  const pick = (index) => {
    if (index === null) return;
    state.cursor = state.chosen = index; // framed at once; the answer of the server comes later
    draw(parts, state, data);
    setTriggerValue("pick", index);
  };
  const move = (index, how) => {
    if (index === state.cursor) return;
    state.cursor = index;
    draw(parts, state, data, how);
  };

  grid.onclick = (event) => pick(under(event, grid, data));
  grid.onpointermove = (event) => event.pointerType === "mouse" && move(under(event, grid, data));
  grid.onpointerleave = (event) => event.pointerType === "mouse" && !grid.matches(":focus-visible") && move(null);
  grid.onblur = () => move(null);
  grid.onfocus = () => grid.matches(":focus-visible") && move(state.cursor ?? state.chosen ?? 0, { aloud: true });
  grid.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = state.cursor ?? state.chosen ?? 0;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (!event.repeat) pick(at);
    } else if (event.key in MOVES) {
      event.preventDefault();
      move(clamped(MOVES[event.key](placeOf(at, data), data), data), { aloud: true });
    }
  };
}
