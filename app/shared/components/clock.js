// Calls Python each time that `pace` milliseconds have passed, after the page has shown what the last call changed; without
// a pace it stands still.

let due = 0; // when it calls next, on the clock of the browser

export default function ({ data, setTriggerValue }) {
  if (!data.pace) return;
  const now = performance.now();
  if (now - due > data.pace) due = now; // the first call, or the page was slower than the pace
  due += data.pace;
  const timer = setTimeout(() => setTriggerValue("tick", data.calls), due - now);
  return () => clearTimeout(timer);
}
