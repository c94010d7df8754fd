// In the browser's history a page is one step: a choice on it only changes where that step leads.
// Streamlit adds a step whenever the server changes the address, and it may do so before or after the page is changed.
// So each address from the server says which page it is for; addresses for other pages are ignored.

const PAGE = "page"; // as in app/link.py; nobody gets to see it
const { pushState, replaceState } = History.prototype;
const pageOf = (url) => url.pathname.split("/").pop();

function change(original) {
  return function (state, title, address) {
    if (!address) return original.call(history, state, title, address);
    const url = new URL(address, location.href);
    const page = url.searchParams.get(PAGE);
    url.searchParams.delete(PAGE);
    const here = pageOf(location);
    const other = page !== null && page !== pageOf(url); // meant for a page that is gone, or that is not here yet
    if (pageOf(url) !== here) {
      if (other) url.search = "";
      original.call(history, state, title, url);
    } else if (!other && url.href !== location.href) {
      replaceState.call(history, state, title, url);
    }
  };
}

if (!Object.hasOwn(history, "pushState")) {
  history.pushState = change(pushState);
  history.replaceState = change(replaceState);
  if (new URL(location.href).searchParams.has(PAGE)) history.replaceState(history.state, "", location.href);
}

export default function () {}
