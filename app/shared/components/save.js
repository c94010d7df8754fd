// Saves a Plotly chart of the page: Plotly itself makes the picture, by the camera in the bar over the chart.

const SCALE = 2; // pixels of a PNG for each one on the screen
const WIDTH = 640; // pixels that a picture is at least wide, also when it is saved on a phone
const ABOVE = 18; // pixels over the title
const SLIDE = { width: 1280, height: 720 };
const FAMILY = "Arial, Helvetica, sans-serif"; // a picture cannot take the page's fonts along, and others are wider

// Streamlit gives the element with a key a class of that name.
const find = (key) => document.querySelector(`.st-key-${key.trim().replace(/[^a-zA-Z0-9_-]/g, "-")} .js-plotly-plot`);

// A copy in which every font is one that all machines have.
function portable(part) {
  if (Array.isArray(part)) return part.map(portable);
  if (part?.constructor !== Object) return part;
  const copy = Object.entries(part).map(([name, value]) => [name, name === "family" ? FAMILY : portable(value)]);
  return Object.fromEntries(copy);
}

// False while the chart is still being drawn. `slide` asks for the shape of a projected page.
function save(chart, format, filename, slide) {
  const drawn = chart?._fullLayout;
  const camera = drawn?._modeBar?.buttons.flat().find(({ name }) => name === "toImage");
  if (!camera) return false;
  const { title, top } = chart.layout.meta; // the page shows it above the chart
  const height = drawn.height + top - drawn.margin.t;
  const size = slide ? SLIDE : { width: Math.max(drawn.width, WIDTH), height };
  const margin = { ...chart.layout.margin, t: top };
  const text = slide ? title.text.replaceAll("<br>", " ") : title.text; // a slide is wide
  const place = { y: 1 - ABOVE / size.height, yref: "container", yanchor: "top", pad: { l: 4 } };
  const headed = { ...title, ...place, text };
  const layout = portable({ ...chart.layout, margin, title: headed, ...size });
  const options = { format, filename, scale: SCALE, ...size };
  const _context = { ...chart._context, displayNotifier: false, toImageButtonOptions: options };
  camera.click({ data: structuredClone(chart.data), layout, _context });
  return true;
}

export default function ({ data, parentElement }) {
  parentElement.querySelector(".save").setAttribute("aria-label", `Save ${data.name} as a picture`);
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => {
      button.disabled = true;
      const attempt = (left) => {
        if (save(find(data.chart), button.dataset.format, data.name, "slide" in button.dataset) || left === 0) button.disabled = false;
        else setTimeout(attempt, 250, left - 1);
      };
      attempt(40);
    };
  }
}
