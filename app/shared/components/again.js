// Asks for a run of the whole page when the connection to the server is back.

const STATE = "data-test-connection-state"; // Streamlit tells here whether the server answers

export default function ({ setTriggerValue }) {
  const app = document.querySelector("[data-testid=stApp]");
  let lost = false;
  const watch = new MutationObserver(() => {
    const connected = app.getAttribute(STATE) === "CONNECTED";
    if (connected && lost) setTriggerValue("again", true);
    lost = !connected;
  });
  watch.observe(app, { attributes: true, attributeFilter: [STATE] });
  return () => watch.disconnect();
}
