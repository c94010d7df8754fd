// Presenter view: one slide of the page fills the screen, made smaller where it would not fit. Arrow keys go on, after
// the last slide to the next step of the lesson, or the next tab; Escape leaves; P begins. A slide can also stand alone, without the bar, in a frame.

const FORTH = ["ArrowRight", "ArrowDown", "PageDown"];
const BACK = ["ArrowLeft", "ArrowUp", "PageUp"];
const TYPED = "textarea, [contenteditable], input:not([type=radio], [type=checkbox], [type=range], [type=file])";
const TAKEN = "input, textarea, select, [contenteditable], [role=radio], [role=tab], [role=grid], [role=application], svg *";
const LESSON = "st-key-lesson_panel"; // the lesson beside the page
const COVER = "st-key-slide_lesson"; // the question in place of the page
const NARROW = 900; // pixels: on less the lesson lies at the foot
const SEEN = 280; // pixels of a picture that are enough
const CHART = '[data-testid=stElementContainer]:has([data-testid=stPlotlyChart])';
const LOW = 360; // pixels of a chart that can be read with its legend
const STILL = 500; // milliseconds in which a picture did not move
const LEAST = 0.45; // of its size; what does not fit then can be scrolled
let shown = null; // the class of the slide; it stays while the page is drawn anew
let met = ""; // the step of a lesson whose picture was brought to the screen
let last = { place: "", since: 0 }; // where that picture was, and since when
let end = () => {}; // what the last view added to the page goes: of a view that goes while it loads nobody else asks it

// The chrome of the page goes where a slide is shown; what is fixed covers it, and nothing else is seen.
const around = `
  :is([data-testid=stHeader], [data-testid=stSidebar], [data-testid=stCaptionContainer], .st-key-heading)
  {display: none !important}`;
const rules = (slide, size, foot, beside, high) => `${around}
  [data-testid=stMainBlockContainer] {visibility: hidden}
  .${LESSON} {visibility: visible; top: 0 !important; bottom: ${foot}px !important}
  .${slide} {visibility: visible; position: fixed; top: 0; left: 0; z-index: 1000; box-sizing: border-box;
    width: calc(100vw - ${beside}px) !important; max-width: none; min-height: calc((100vh - ${foot}px) / ${size});
    padding: 1.25rem 2.5rem; justify-content: center; transform: scale(${size}); transform-origin: top center;
    --line-position: static; --drawing-place: center}
  .${slide} ${CHART} {height: ${high}px !important; flex-basis: ${high}px !important}
  .${slide} :is([class*=st-key-taken_away], [class*=st-key-page_only], .page_only, :has(> details.page_only)) {display: none}`;

function slides(prefix) {
  const all = [...document.querySelectorAll(`[class*="${prefix}"]`)];
  const found = all.filter((slide) => slide.childElementCount && slide.getClientRects().length); // of a tab just left: none
  return found.map((slide) => [...slide.classList].find((name) => name.startsWith(prefix)));
}

// How many charts of a slide stand one below the other, and how high each is now.
function charts(slide) {
  const all = [...slide.querySelectorAll(CHART)];
  let rows = 0, bottom = -Infinity;
  for (const box of all.map((chart) => chart.getBoundingClientRect()).sort((one, other) => one.top - other.top)) {
    if (box.top < bottom) continue; // beside the one before
    rows += 1;
    bottom = box.bottom;
  }
  return { rows, now: all[0]?.offsetHeight ?? 0 };
}

// All tabs of the page outside of slides, and which of them is open.
function tabs() {
  const all = [...document.querySelectorAll("[data-testid=stMain] [role=tab]")];
  const outside = all.filter((tab) => !tab.closest('[class*="st-key-slide_"]'));
  return { all: outside, open: outside.findIndex((tab) => tab.ariaSelected === "true") };
}

// On a phone the lesson covers the foot of the screen: once a step, its picture comes above it if it is below. True if it
// is too early, for the page is being drawn.
function meet(slide) {
  const panel = document.querySelector(`.${LESSON}`);
  const asked = new URLSearchParams(location.search);
  const step = `${asked.get("lesson")} ${asked.get("step")} ${slide?.classList.contains(COVER)}`;
  if (!panel || !slide || met === step || innerWidth > NARROW) return false;
  if (document.querySelector("[data-testid=stApp]").dataset.testScriptState === "running") return true;
  const top = (part) => part.getBoundingClientRect().top;
  const finding = slide.querySelector(".finding");
  const picture = finding && top(finding) < top(slide) + innerHeight / 2 ? finding : slide; // under controls of its own
  const at = `${step} ${top(picture)} ${slide.offsetHeight}`;
  if (at !== last.place) last = { place: at, since: performance.now() };
  if (performance.now() - last.since < STILL) return true; // parts of the page still load, and move it
  met = step;
  if (top(picture) > panel.offsetTop - SEEN || top(picture) < 0) picture.scrollIntoView(); // also a question, after a picture
  return false;
}

// The next or the last step of a lesson; false without one.
function step(way) {
  const button = document.querySelector(`.st-key-lesson_${way > 0 ? "next" : "back"} button`);
  button?.click();
  return Boolean(button);
}

export default function ({ data, parentElement, setTriggerValue }) {
  end();
  const style = document.head.appendChild(document.createElement("style"));
  const bar = parentElement.querySelector(".bar");
  const place = parentElement.querySelector(".place");
  bar.hidden = !data.presented;
  const watched = new Set();
  const grown = new ResizeObserver(() => draw());
  let later = 0;

  const draw = () => {
    const all = slides(data.prefix);
    if (!data.presented && !data.alone) {
      clearTimeout(later);
      if (meet(all.length ? document.querySelector(`.${all[0]}`) : null)) later = setTimeout(draw, 300);
      return;
    }
    const wanted = data.alone ? `${data.prefix}${data.alone}` : shown;
    shown = all.includes(wanted) ? wanted : data.alone ? null : all[0] ?? null;
    const slide = shown && document.querySelector(`.${shown}`);
    if (slide && !watched.has(slide)) watched.add(slide) && grown.observe(slide);
    let size = 1, high = 0;
    const foot = data.presented ? Math.ceil(innerHeight - bar.getBoundingClientRect().top) : 0;
    if (slide) {
      // what it holds, not the height that it is stretched to
      const inner = [...slide.children].reduce((sum, part) => sum + part.offsetHeight, 0) + 17 * slide.childElementCount + 40;
      const { rows, now } = charts(slide); // as high as there is room for, for one made smaller has smaller letters
      if (rows) high = Math.floor(Math.max(LOW, Math.min(slide.offsetWidth, now + (innerHeight - foot - inner) / rows)));
      size = Math.max(LEAST, Math.min(1, (innerHeight - foot) / (inner + rows * (high - now))));
    }
    const beside = document.querySelector(`.${LESSON}`)?.offsetWidth ?? 0;
    const rule = shown ? rules(shown, size.toFixed(3), foot, beside, high) : data.presented ? around : "";
    if (style.textContent !== rule) style.textContent = rule;
    const { all: parts, open } = tabs();
    const title = open >= 0 ? `${parts[open].textContent} ` : "";
    const words = all.length ? `${title}${all.indexOf(shown) + 1} / ${all.length}` : title;
    if (place.textContent !== words) place.textContent = words;
  };
  const go = (way) => {
    const all = slides(data.prefix);
    const next = all[all.indexOf(shown) + way];
    if (next !== undefined) shown = next;
    else if (!step(way)) {
      const { all: parts, open } = tabs();
      parts[open + way]?.click();
    }
    draw();
  };
  const leave = () => setTriggerValue("leave", true);
  const onKey = (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || data.alone) return;
    const at = event.composedPath()[0];
    if (!data.presented) {
      const turned = event.key === "PageDown" ? 1 : event.key === "PageUp" ? -1 : 0; // a clicker
      if (turned && !at.closest?.(TYPED) && step(turned)) event.preventDefault();
      const begins = event.key.toLowerCase() === "p" && !at.closest?.(TYPED);
      if (begins) document.querySelector(`.${data.button} button`)?.click();
      return;
    }
    if (event.key === "Escape" && !document.querySelector("[data-testid=stPopoverBody]")) leave();
    if (at.closest?.(TAKEN) || ![...FORTH, ...BACK].includes(event.key)) return;
    event.preventDefault();
    go(FORTH.includes(event.key) ? 1 : -1);
  };

  for (const button of parentElement.querySelectorAll("[data-go]")) button.onclick = () => go(Number(button.dataset.go));
  parentElement.querySelector("[data-leave]").onclick = leave;
  document.addEventListener("keydown", onKey);
  addEventListener("resize", draw);
  const watch = new MutationObserver(draw); // another tab brings other slides
  watch.observe(document.querySelector("[data-testid=stMain]"), { childList: true, subtree: true });
  draw();
  const over = () => {
    clearTimeout(later);
    watch.disconnect();
    grown.disconnect();
    document.removeEventListener("keydown", onKey);
    removeEventListener("resize", draw);
    style.remove();
  };
  end = over;
  return over;
}
