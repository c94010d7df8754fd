// Presenter view: one slide of the page fills the screen. Arrow keys go on, after the last one to the next tab.

const FORTH = ["ArrowRight", "ArrowDown", "PageDown"];
const BACK = ["ArrowLeft", "ArrowUp", "PageUp"];
const TAKEN = "input, textarea, select, [contenteditable], [role=radio], [role=tab], [role=grid], [role=application], svg *";
let shown = null; // the name of the slide; it stays while the page is drawn anew

function slides(prefix) {
  const found = document.querySelectorAll(`[class*="${prefix}"]`);
  return [...found].filter((slide) => slide.childElementCount).map((slide) => [...slide.classList].find((name) => name.startsWith(prefix)));
}

// The tab after or before the open one, outside of slides.
function nextTab(way) {
  const tabs = [...document.querySelectorAll("[data-testid=stMain] [role=tab]")];
  const open = tabs.findIndex((tab) => tab.ariaSelected === "true");
  return open < 0 ? undefined : tabs[open + way];
}

export default function ({ data, parentElement, setTriggerValue }) {
  const style = document.head.appendChild(document.createElement("style"));
  const place = parentElement.querySelector(".place");

  const draw = () => {
    const all = slides(data.prefix);
    if (!all.includes(shown)) shown = all[0] ?? null;
    const rule = shown === null ? "" : data.alone.replaceAll("SLIDE", `.${shown}`);
    if (style.textContent !== rule) style.textContent = rule;
    const words = all.length ? `${all.indexOf(shown) + 1} / ${all.length}` : "";
    if (place.textContent !== words) place.textContent = words;
  };
  const go = (way) => {
    const all = slides(data.prefix);
    const next = all[all.indexOf(shown) + way];
    if (next === undefined) nextTab(way)?.click();
    else shown = next;
    draw();
  };
  const leave = () => setTriggerValue("leave", true);
  const onKey = (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape" && !document.querySelector("[data-testid=stPopoverBody]")) leave();
    if (event.composedPath()[0].closest?.(TAKEN)) return;
    if (![...FORTH, ...BACK].includes(event.key)) return;
    event.preventDefault();
    go(FORTH.includes(event.key) ? 1 : -1);
  };

  for (const button of parentElement.querySelectorAll("[data-go]")) button.onclick = () => go(Number(button.dataset.go));
  parentElement.querySelector("[data-leave]").onclick = leave;
  document.addEventListener("keydown", onKey);
  const watch = new MutationObserver(draw); // another tab brings other slides
  watch.observe(document.querySelector("[data-testid=stMain]"), { childList: true, subtree: true });
  draw();
  return () => {
    watch.disconnect();
    document.removeEventListener("keydown", onKey);
    style.remove();
  };
}
