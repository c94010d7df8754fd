// Who is there: looks by itself, once a second.

const EVERY = 1000; // milliseconds between looks

function show(line, code, { here, voted, photos }) {
  const counts = [[here, "here"], [voted, "voted"], [photos || undefined, photos === 1 ? "photo waits" : "photos wait"]];
  const parts = ["Class ", bold(code)];
  for (const [count, what] of counts) if (count !== undefined) parts.push(" · ", bold(count), ` ${what}`);
  line.replaceChildren(...parts);
}

function bold(words) {
  const it = document.createElement("b");
  it.textContent = words;
  return it;
}

export default function ({ data, parentElement }) {
  const line = parentElement.querySelector("p");
  const own = line.own = {}; // this function is called again for the same line, with other data
  const look = async () => {
    try {
      const answer = await fetch(`class/${data.code}/presence`);
      const seen = answer.ok && await answer.json();
      if (seen && line.own === own) show(line, data.code, seen);
    } catch { /* the server is being started again */ }
    if (line.own === own) setTimeout(look, EVERY);
  };
  show(line, data.code, data.seen);
  setTimeout(look, EVERY);
  return () => { line.own = null; };
}
