// The live list of requests, and beside it the one that is chosen.

import { call, sure } from "./api.js";
import { button, clock, count, fill, h, money, say } from "./dom.js";
import { journal, watch } from "./journal.js";
import { virtualList } from "./list.js";

const OUTCOMES = ["attributed", "refused", "faulted"];
const WIDE = 720; // pixels of the list, from which on a row is one line

const wanted = { outcome: "", website: "", words: "" };
let paused = null; // the rows as they were when it was paused

const searched = new WeakMap();
function searchText(row) {
  let text = searched.get(row);
  if (text === undefined) {
    const { id, method, path, host, status, outcome, rule, why, verdict, website_id, session_id, visitor_id, revenue, email, payment_id, fault } = row;
    const advice = row.advice.map((one) => `${one.id} ${one.sentence}`).join(" ");
    text = [id, method, path, host, status, outcome, rule, why, verdict, website_id, session_id, visitor_id, revenue, email, payment_id, fault, advice]
      .join(" ").toLowerCase();
    searched.set(row, text);
  }
  return text;
}

function chosenRows() {
  const rows = paused ?? journal.rows;
  const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    if (wanted.outcome && row.outcome !== wanted.outcome) continue;
    if (wanted.website && row.website_id !== wanted.website) continue;
    if (words.length && !words.every((word) => searchText(row).includes(word))) continue;
    found.push(row);
  }
  return found;
}

/** Have the list show one website alone, when it is looked at next. */
export const only = (website) => Object.assign(wanted, { website, outcome: "", words: "" });

/** What a row says in one line. */
export function story(row) {
  if (row.why) return row.why;
  if (!row.completed) return "no answer yet";
  if (row.advice.length) return row.advice[0].sentence;
  if (row.payment_id) return `${row.payment_id} for ${row.session_id}`;
  return row.rule;
}

const amount = (row) => (row.payment_id ? money(row.revenue) : row.revenue === null ? "" : JSON.stringify(row.revenue));

function kindOf(row) {
  if (row.verdict === "broken") return "broken";
  if (row.fault) return "faulted";
  return row.advice.length && row.outcome === "attributed" ? "advised" : row.outcome;
}

function drawRow(row) {
  const kind = kindOf(row);
  const outcome = kind === "advised" ? "attributed, advice" : row.outcome;
  return h("a.row", { href: `#/requests/${row.id}`, "data-kind": kind, "data-chosen": row.id === chosen },
    h("span.time", { title: new Date(row.time).toISOString() }, clock(row.time)),
    h("span.status", {}, row.status ?? (row.completed ? "lost" : "…")),
    h("span.story", { title: story(row) },
      h("b", {}, [outcome, row.fault, row.verdict].filter(Boolean).join(" · ")), " ", story(row)),
    h("span.amount", {}, amount(row), row.payment_id && h("small", {}, ` ${count(row.revenue)}¢`)),
    h("span.who", { title: row.visitor_id }, row.visitor_id ?? ""),
    h("span.where", { title: [row.website_id, row.host].filter(Boolean).join(" at ") },
      row.website_id ?? "", row.host && h("small", {}, ` ${row.host}`)));
}

let chosen = null;

/** The view. `params[0]` is the id of the request that is shown beside the list. */
export function requests(params) {
  let shown = [];
  const list = virtualList({
    items: () => shown,
    draw: drawRow,
    height: () => (list.node.clientWidth >= WIDE ? 36 : 62),
    label: "Requests, the newest first",
  });
  const field = h("input", {
    type: "search", id: "filter", placeholder: "Filter", "aria-label": "Filter by text", "aria-keyshortcuts": "/", value: wanted.words,
    oninput: () => { wanted.words = field.value; draw(); },
  });
  const website = h("select", { "aria-label": "Website", onchange: () => { wanted.website = website.value; draw(); } });
  const outcomes = h("div.choice", { role: "group", "aria-label": "Outcome" });
  const notice = h("p.notice", { role: "status" });
  const pause = button("Pause", () => { paused = paused ? null : [...journal.rows]; draw(); }, { "aria-keyshortcuts": "p" });
  const clear = button("Clear", async () => {
    if (!(await sure("Forget all requests? Payments stay.", "Forget them"))) return;
    await call("DELETE", "requests");
    location.hash = "#/requests";
  });
  const bar = h("div.bar", {}, outcomes, website, field, h("span.grow"), pause, clear);
  const columns = h("div.columns", { "aria-hidden": "true" },
    ["Time", "Status", "What became of it", "Revenue", "Visitor", "Website"].map((name) => h("span", {}, name)));
  const left = h("section.list", { "aria-label": "Requests" }, h("h1.hidden", {}, "Requests"), bar, notice, columns, list.node);
  const right = h("section.detail", { "aria-label": "The chosen request", tabindex: "-1" });
  const welcome = h("section.welcome");
  const node = h("div.split", {}, left, right);
  let greeting = null;
  let counts = "";
  let websites = "";

  function drawBar() {
    const rows = paused ?? journal.rows;
    const numbers = { "": rows.length, attributed: 0, refused: 0, faulted: 0 };
    const names = new Set();
    for (const row of rows) {
      numbers[row.outcome] += 1;
      if (row.website_id) names.add(row.website_id);
    }
    const told = JSON.stringify([numbers, wanted.outcome]);
    if (told !== counts) {
      counts = told;
      const focused = outcomes.contains(document.activeElement) ? document.activeElement.dataset.outcome : null;
      fill(outcomes, ["", ...OUTCOMES].map((outcome) => button(
        [outcome || "all", " ", h("small", {}, count(numbers[outcome]))],
        () => { wanted.outcome = outcome; draw(); },
        { "aria-pressed": String(wanted.outcome === outcome), "data-outcome": outcome },
      )));
      if (focused !== null) outcomes.querySelector(`[data-outcome="${focused}"]`)?.focus();
    }
    const listed = [...names].sort();
    if (listed.join("\n") !== websites) {
      websites = listed.join("\n");
      fill(website, h("option", { value: "" }, "every website"), listed.map((name) => h("option", { value: name }, name.slice(0, 60))));
      website.value = wanted.website;
    }
    fill(pause, paused ? "Go on" : "Pause");
    const held = paused ? journal.rows.filter((row) => row.id > (paused.at(-1)?.id ?? 0)).length : 0;
    const words = paused ? `Paused. ${count(held)} more came.`
      : journal.missed ? `${count(journal.missed)} came faster than they can be shown; they are read when it is quieter.` : "";
    if (notice.textContent !== words) fill(notice, words);
  }

  function draw() {
    const empty = journal.loaded && !journal.rows.length && !paused;
    left.hidden = empty || !journal.loaded;
    if (empty !== welcome.isConnected) {
      if (empty) {
        node.prepend(welcome);
        greeting ??= import("./welcome.js").then(({ greet }) => greet(welcome)).catch((problem) => say(problem.message));
      } else {
        welcome.remove();
        greeting = null;
      }
    }
    shown = chosenRows();
    drawBar();
    list.update();
  }

  let opened = null;
  async function open(number) {
    chosen = number;
    node.dataset.open = number !== null;
    list.redraw();
    opened?.close?.();
    opened = null;
    if (number === null) return void right.replaceChildren();
    const { request } = await import("./request.js");
    if (chosen !== number) return;
    opened = request(number);
    fill(right, opened.node);
    right.scrollTop = 0;
  }

  function move(step) {
    const now = shown.findIndex((row) => row.id === chosen);
    const index = now < 0 ? 0 : Math.min(Math.max(now + step, 0), shown.length - 1);
    if (!shown.length) return;
    list.show(index)?.querySelector("a")?.focus({ preventScroll: true });
    location.hash = `#/requests/${shown[index].id}`;
  }

  const end = watch(draw);
  const sized = new ResizeObserver(() => list.redraw());
  sized.observe(list.node);
  const first = params[0] ? Number(params[0]) : null;
  requestAnimationFrame(draw);
  open(first).catch((problem) => say(problem.message));

  return {
    node,
    title: first ? `Request ${first}` : "Requests",
    /** Another request is chosen, and the list stays as it is. */
    go(next) {
      open(next[0] ? Number(next[0]) : null).catch((problem) => say(problem.message));
      return true;
    },
    keys: {
      j: () => move(1),
      k: () => move(-1),
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      p: () => pause.click(),
      "/": () => field.focus(),
      r: () => opened?.again?.(),
      c: () => opened?.curl?.(),
      Escape: () => {
        if (chosen !== null) location.hash = "#/requests";
        else if (wanted.words || wanted.outcome || wanted.website) {
          Object.assign(wanted, { outcome: "", website: "", words: "" });
          field.value = "";
          draw();
        }
      },
    },
    close() {
      end();
      sized.disconnect();
      opened?.close?.();
      chosen = null;
    },
  };
}

