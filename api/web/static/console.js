// What the pages do beyond HTML. Without it every page reads and every form works all the same.
//
// A page whose <main> says `data-live` is fetched anew, in place, whenever the service tells that the read models
// have moved. The stream is opened again by itself after the service was restarted, and goes on where it was.

const QUIET = 1000; // milliseconds between two looks
const AGAIN = 2000; // before a stream that ended for good is opened anew

const main = document.querySelector("main[data-live]");
const sign = document.querySelector("#live");
let position = main?.dataset.live;
let source = null;
let shown = null;
let looking = false;
let again = false;

function say(how) {
  sign.hidden = false;
  sign.dataset.how = how;
  sign.textContent = how === "live" ? "Live" : "Waiting for the service";
}

// Somebody who is filling in a form, or has chosen something in it, is not interrupted.
function busy() {
  const at = document.activeElement;
  if (main.contains(at) && at.matches("input, select, textarea")) return true;
  return [...main.querySelectorAll("form")].some((form) => form.dataset.touched !== undefined);
}

async function look() {
  if (looking || busy()) {
    again = true;
    return;
  }
  looking = true;
  again = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (answer.ok && !busy()) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    again = true; // the service is away: the stream says when it is back
  }
  setTimeout(() => {
    looking = false;
    if (again) look();
  }, QUIET);
}

const pressable = () => [...main.querySelectorAll("a, button, summary")];

// What is the same thing on the page before and after: where it leads, what it unfolds or sends, and which one of
// those alike it is.
function named(elements) {
  const alike = new Map();
  return elements.map((each) => {
    const name = [each.localName, each.getAttribute("href"), each.form?.getAttribute("action"), each.parentElement.id].join(" ");
    alike.set(name, (alike.get(name) ?? 0) + 1);
    return `${name} ${alike.get(name)}`;
  });
}

function show(fresh) {
  const next = fresh.querySelector("main[data-live]");
  if (!next) return;
  const script = "script[src]";
  if (fresh.querySelector(script)?.src !== document.querySelector(script)?.src) {
    location.reload(); // another version of the service: its style and script are others too
    return;
  }
  main.dataset.live = next.dataset.live;
  if (next.innerHTML === shown) return;
  shown = next.innerHTML;
  const open = new Map([...main.querySelectorAll("details")].map((each) => [each.id, each.open]));
  const before = pressable();
  const focused = before.indexOf(document.activeElement);
  const name = focused < 0 ? null : named(before)[focused];
  main.replaceChildren(...next.childNodes);
  main.querySelectorAll("details").forEach((each) => (each.open = open.get(each.id) ?? each.open));
  if (name !== null) {
    // where it has gone, the focus stays at its place
    const after = pressable();
    (after[named(after).indexOf(name)] ?? after[focused])?.focus({ preventScroll: true });
  }
  document.title = fresh.title;
  const footer = document.querySelector("footer");
  footer.replaceChildren(...fresh.querySelector("footer").childNodes);
}

function follow() {
  source?.close();
  source = new EventSource(`/live?after=${position}`);
  source.addEventListener("open", () => say("live"));
  source.addEventListener("moved", (event) => {
    position = event.data;
    look();
  });
  source.addEventListener("error", () => {
    say("away");
    // The browser opens it again by itself, unless it was answered with a no.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => document.hidden || follow(), AGAIN);
  });
}

if (main && sign) {
  main.addEventListener("input", (event) => event.target.form && (event.target.form.dataset.touched = ""));
  main.addEventListener("focusout", () => setTimeout(() => again && look()));
  // A page that nobody sees asks for nothing; a browser has few connections to one service.
  document.addEventListener("visibilitychange", () => (document.hidden ? source?.close() : follow()));
  follow();
}
