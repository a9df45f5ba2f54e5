// The frame: which view is shown, the keys, the theme, the line to the server, and the banner over a running fault.

import { call } from "./api.js";
import { button, count, fill, h, say } from "./dom.js";
import { journal, start, watch } from "./journal.js";
import { requests } from "./requests.js";

const VIEWS = {
  requests: { name: "Requests", key: "r", load: async () => requests, number: () => journal.rows.length },
  payments: { name: "Payments", key: "p", load: async () => (await import("./payments.js")).payments },
  sessions: { name: "Sessions", key: "s", load: async () => (await import("./sessions.js")).sessions },
  faults: { name: "Faults and readings", key: "f", load: async () => (await import("./faults.js")).faults, number: () => journal.state.faults.length },
  contract: { name: "Contract", key: "c", load: async () => (await import("./contract.js")).contract },
  reference: { name: "API reference", key: "a", load: async () => (await import("./reference.js")).reference },
  tests: { name: "Tests", key: "t", load: async () => (await import("./tests.js")).tests },
  mistakes: { name: "Mistakes", key: "m", load: async () => (await import("./mistakes.js")).mistakes, number: () => journal.rows.filter((row) => row.mistake).length },
};

const content = document.getElementById("content");
const nav = document.getElementById("nav");
let view = null;
let shown = "";

const links = Object.entries(VIEWS).map(([path, { name, key }]) => {
  const number = h("small");
  const link = h("a", { href: `#/${path}`, "aria-keyshortcuts": `g ${key}` }, name, " ", number);
  return { path, link, number };
});
fill(nav, links.map(({ link }) => link));

async function route() {
  const [path = "", ...params] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const name = path in VIEWS ? path : "requests";
  for (const { path: own, link } of links) {
    if (own === name) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ inline: "center", block: "nearest" });
    } else link.removeAttribute("aria-current");
  }
  if (shown === name && view?.go?.(params)) return;
  shown = name;
  const make = await VIEWS[name].load();
  if (shown !== name) return;
  view?.close?.();
  view = await make(params);
  fill(content, view.node);
  document.title = `${view.title ?? VIEWS[name].name} · trackfox-mock`;
}

function drawFrame() {
  const line = document.getElementById("line");
  line.dataset.line = journal.line;
  const told = { live: "live", away: "the mock does not answer; trying again", connecting: "connecting" }[journal.line];
  if (line.textContent !== told) fill(line, told);
  const version = document.getElementById("version");
  if (journal.hello && !version.textContent) fill(version, journal.hello.version);
  for (const { path, number } of links) {
    const now = VIEWS[path].number?.() ?? 0;
    const text = now ? count(now) : "";
    if (number.textContent !== text) fill(number, text);
  }
  drawBanner();
}

let bannered = "";
function drawBanner() {
  const { faults } = journal.state;
  const told = JSON.stringify(faults.map(({ id, name, website_id, expires_at, phase }) => [id, name, website_id, expires_at, phase]));
  if (told === bannered) return;
  bannered = told;
  const banner = document.getElementById("banner");
  if (!faults.length) return void banner.replaceChildren();
  const each = faults.slice(0, 3).map((fault) => h("span.fault", {}, h("b", {}, fault.name === "STATUS" && fault.status ? `${fault.status}` : fault.name),
    ` ${fault.phase === "after-commit" ? "after the payment is recorded" : ""} for ${fault.website_id ?? "every website"}`,
    fault.expires_at && ` until ${new Date(fault.expires_at).toLocaleTimeString("en-GB")}`));
  fill(banner, h("div.banner", {}, h("span", { "aria-hidden": "true" }, "⚡ "),
    h("strong", {}, faults.length === 1 ? "A fault is running" : `${faults.length} faults are running`), " ", each,
    h("span.grow"), h("a", { href: "#/faults" }, "Look"), button("Call off", () => call("DELETE", "faults"))));
}

function theme() {
  const order = { "": "light", light: "dark", dark: "" };
  const root = document.documentElement;
  const next = order[root.dataset.theme ?? ""];
  if (next) root.dataset.theme = next;
  else delete root.dataset.theme;
  try {
    localStorage.setItem("theme", next);
  } catch {
    // it lasts until the page is left
  }
  nameTheme();
}

function nameTheme() {
  const now = document.documentElement.dataset.theme;
  fill(document.getElementById("theme"), now ? `Theme: ${now}` : "Theme: system");
}

const KEYS = [
  ["j  k", "the next and the last request"], ["/", "filter"], ["Esc", "close what is open; then clear the filter"],
  ["p", "pause, and go on"], ["r", "send the chosen request again"], ["c", "copy it as curl"], ["?", "these keys"],
];

function help() {
  const rows = [...KEYS, ...Object.values(VIEWS).map(({ name, key }) => [`g ${key}`, name])];
  const dialog = h("dialog", { "aria-labelledby": "keys-title", onclose: () => dialog.remove() },
    h("h2", { id: "keys-title" }, "Keys"),
    h("dl.keys", {}, rows.map(([keys, what]) => [h("dt", {}, keys.split(/ +/).map((key) => h("kbd", {}, key))), h("dd", {}, what)])),
    h("div.actions", {}, button("Close", () => dialog.close(), { autofocus: true })));
  document.body.append(dialog);
  dialog.showModal();
}

let going = -Infinity; // when g was pressed, in milliseconds
function onKey(event) {
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (field) {
    // The first Escape in a search field empties it, which browsers do themselves.
    if (event.key === "Escape" && !(field.type === "search" && field.value)) field.blur();
    return;
  }
  if (performance.now() - going < 1200) {
    going = -Infinity;
    const chosen = Object.entries(VIEWS).find(([, { key }]) => key === event.key);
    if (chosen) {
      location.hash = `#/${chosen[0]}`;
      event.preventDefault();
      return;
    }
  }
  if (event.key === "g") going = performance.now();
  else if (event.key === "?") help();
  else if (view?.keys?.[event.key]) {
    event.preventDefault();
    view.keys[event.key]();
  }
}

document.getElementById("theme").addEventListener("click", theme);
document.getElementById("help").addEventListener("click", help);
document.addEventListener("keydown", onKey);
addEventListener("hashchange", () => route().catch((problem) => say(problem.message)));
nameTheme();
watch(drawFrame);
route().catch((problem) => say(problem.message));
start();
