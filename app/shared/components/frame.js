// Copies the code of a frame that shows one slide of the page alone, with every choice that the address holds.

const SLIDE = "st-key-slide_";

function codeOf(slide, title) {
  const address = new URL(location.href);
  address.searchParams.set("panel", [...slide.classList].find((name) => name.startsWith(SLIDE)).slice(SLIDE.length));
  address.searchParams.set("embed", "true");
  address.searchParams.delete("present");
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: address.href, width: 960, height: 540, title });
  return frame.outerHTML;
}

// Browsers give the clipboard to pages over HTTPS and on localhost only; the older way works everywhere.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.body.appendChild(document.createElement("textarea"));
  field.value = text;
  field.select();
  document.execCommand("copy");
  field.remove();
}

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const slide = document.querySelector(`.st-key-${data.anchor}`)?.closest(`[class*="${SLIDE}"]`);
  button.hidden = !slide;
  button.onclick = async () => {
    await copy(codeOf(slide, data.title));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy frame"), 2000);
  };
}
