// In the browser's history a page is one step: a choice on it only changes where that step leads.
// Streamlit adds a step whenever the server changes the address.

const add = History.prototype.pushState;

if (!Object.hasOwn(history, "pushState")) {
  history.pushState = function (state, title, address) {
    const same = new URL(address, location.href).pathname === location.pathname;
    if (same) history.replaceState(state, title, address);
    else add.call(history, state, title, address);
  };
}

export default function () {}
