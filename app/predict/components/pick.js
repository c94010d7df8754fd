// An answer's bar is a button: a click asks what mattered for it.

export default function ({ data, setTriggerValue }) {
  const onClick = (event) => {
    const answer = event.target.closest?.(`[data-net="${data.net}"] [data-answer]`);
    if (answer) setTriggerValue("pick", answer.dataset.answer);
  };
  document.addEventListener("click", onClick);
  return () => document.removeEventListener("click", onClick);
}
