// One request: its way through the gates, the clause, what came and how to mend it, what it created.

import { call, get, id, text } from "./api.js";
import { attribution } from "./attribution.js";
import { button, clock, code, copy, count, fill, h, money, say, tag } from "./dom.js";
import { laidOut, marked } from "./body.js";
import { rowOf, watch } from "./journal.js";

const IDS = ["session_id", "visitor_id", "website_id"];
const BY_RULE = {
  "auth.website": ["website_id"],
  "match.session": ["session_id"],
  "match.visitor": ["visitor_id"],
  "match.together": IDS,
  "match.exact": IDS,
  "unknown-website": ["website_id"],
};

/** The fields of the body that are to blame. */
function blamed(entry, explanation) {
  if (entry.outcome === "attributed") return new Set();
  const names = new Set(BY_RULE[explanation.rule] ?? []);
  for (const { location } of entry.violations) if (location[1] === "body" && location.length > 2) names.add(location[2]);
  for (const slip of [explanation.slip, ...explanation.also]) {
    for (const [, name] of (slip?.came ?? "").matchAll(/"([^"]{1,60})"/g)) names.add(name);
  }
  return names;
}

const section = (title, ...children) => h("section.part", {}, h("h2", {}, title), children);

function head(entry, explanation, actions) {
  const lost = entry.completed ? "lost" : "…";
  return h("header.top", {},
    h("div.line1", {},
      h("span.big", { "data-kind": entry.outcome }, entry.response?.status ?? lost),
      tag(entry.outcome),
      entry.fault && tag("faulted", `${entry.fault.name}, ${entry.fault.phase}`),
      entry.relayed && tag(entry.relayed.verdict),
      h("span.grow"),
      h("a.close", { href: "#/requests", "aria-label": "Close, Escape" }, "✕")),
    h("h1", {}, entry.relayed?.sentence ?? (entry.outcome === "faulted" && explanation.fault ? explanation.fault : explanation.sentence)),
    h("p.note", {}, `Request ${entry.id} · `, h("time", { title: entry.request.loggedDateString }, clock(entry.request.loggedDate)),
      ` · ${entry.request.method} `, h("code", {}, entry.request.url),
      entry.timing && ` · ${entry.timing.totalTime} ms`),
    actions);
}

/** Behind a proxy: what the service answered, and what this mock would have. */
function compared(entry) {
  const side = (title, status, body) => h("div", {}, h("h3", {}, title), h("pre.body", { tabindex: "0", "aria-label": title }, `${status}\n${body}`));
  const { relayed, response } = entry;
  return section("The service, and this mock",
    relayed.clauses.length > 0 && h("p", {}, tag(relayed.verdict), relayed.clauses.map((clause) => [" ", h("code.rule", {}, clause)])),
    h("div.sides", {}, response && side("What was answered", response.status, response.body), side("What this mock would answer", relayed.would.status, relayed.would.body)),
    response && fields(response.headers, "Header fields of the answer"));
}

function gates(explanation, relayed) {
  const marks = { passed: "✓", refused: "✕", "not reached": "" };
  return section(relayed ? "Its way through the gates of this mock" : "Its way through the gates",
    h("ol.gates", {}, explanation.gates.map((gate) => h("li", { "data-outcome": gate.outcome },
      h("span.mark", { "aria-hidden": "true" }, marks[gate.outcome]),
      h("b", {}, gate.gate), " ", h("small", {}, gate.outcome),
      h("p", {}, gate.evidence)))));
}

function cure(explanation) {
  const slips = [explanation.slip, ...explanation.also].filter(Boolean);
  if (!slips.length) return null;
  return section(slips.length > 1 ? `What to change, ${slips.length} things` : "What to change",
    slips.map((slip) => h("div.cure", {},
      h("dl.facts", {}, h("dt", {}, "came"), h("dd", {}, slip.came), h("dt", {}, "expected"), h("dd", {}, slip.expected),
        h("dt", {}, "do"), h("dd", {}, h("strong", {}, slip.mend))))),
    h("h3", {}, "The call as it should be"), code(explanation.curl, "The corrected call"));
}

function rule(explanation) {
  const { rule: name, provenance, words, readings } = explanation;
  return section("What this rests on",
    h("p", {}, h("code.rule", {}, name), " ", tag(provenance)),
    words && h("blockquote", {}, words),
    readings.map((one) => h("p.note", {}, h("b", {}, one.question), " ", one.meaning, " ", tag(one.provenance),
      Object.keys(one.alternatives).length > 0 && [" Other readings: ", Object.entries(one.alternatives).map(([value, meaning], index) =>
        [index ? ", " : "", h("span", { title: meaning }, value)]), " (", h("a", { href: "#/faults" }, "change"), ")"])));
}

function advice(explanation) {
  if (!explanation.advice.length) return null;
  return section("Looks wrong all the same",
    h("ul.plain", {}, explanation.advice.map((one) => h("li.advice", {}, h("code", {}, one.id), " ", one.sentence))));
}

function sent(entry, names) {
  const body = laidOut(entry.request.body);
  const pre = h("pre.body", { tabindex: "0", "aria-label": "The body that was sent" },
    marked(body, names).map((part) => (part.marked ? h("mark", {}, part.text) : part.text)));
  const cut = entry.request.bodySize > new TextEncoder().encode(entry.request.body).length + 2;
  return section("What came",
    entry.request.body ? h("div.code", {}, pre, button("Copy", () => copy(entry.request.body), { class: "copy" })) : h("p.note", {}, "no body"),
    cut && h("p.note", {}, `The first part of ${count(entry.request.bodySize)} bytes; the journal keeps no more.`),
    fields(entry.request.headers, "Header fields that came"));
}

const fields = (headers, label) => h("details", {}, h("summary", {}, `${Object.keys(headers).length} header fields`),
  h("table.fields", { "aria-label": label }, h("tbody", {}, Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, one)))))));

function answered(entry) {
  if (!entry.response) {
    return section("What was answered", h("p.note", {}, entry.completed ? "Nothing: a fault took the answer." : "Nothing yet."));
  }
  return section("What was answered",
    h("pre.body", { tabindex: "0", "aria-label": "The body of the answer" }, `${entry.response.status}\n${entry.response.body}`),
    fields(entry.response.headers, "Header fields of the answer"));
}

async function created(entry) {
  if (entry.relayed && !entry.payment_id) return null; // the service alone knows
  if (!entry.payment_id) return section("What it created", h("p.note", {}, "Nothing. A refusal changes nothing."));
  const query = `payments?website_id=${id(entry.website_id)}`;
  const { payments } = await get(query).catch(() => ({ payments: [] }));
  const payment = payments.find((one) => one.payment_id === entry.payment_id);
  if (!payment) return section("What it created", h("p.note", {}, `${entry.payment_id}, which is not there any more.`));
  return section("What it created", h("div.payment", {},
    h("p.money", {}, money(payment.revenue), h("small", {}, ` ${count(payment.revenue)} cents`), " ", h("code", {}, payment.payment_id)),
    entry.repeats && h("p.warn", {}, `The same as ${entry.repeats}: it is counted twice now.`),
    h("dl.facts", {},
      h("dt", {}, "visitor"), h("dd", {}, payment.visitor_id), h("dt", {}, "session"), h("dd", {}, payment.session_id),
      h("dt", {}, "e-mail"), h("dd", {}, payment.email)),
    h("h3", {}, "Attribution, copied from the visitor event"), attribution(payment.attribution)));
}

function editor(entry, done) {
  const body = h("textarea", { id: "edit-body", rows: "9", spellcheck: "false", value: laidOut(entry.request.body) });
  const lines = Object.entries(entry.request.headers).filter(([name]) => name !== "content-length")
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  const headers = h("textarea", { id: "edit-headers", rows: String(Math.min(lines.length + 1, 7)), spellcheck: "false", value: lines.join("\n") });
  const url = h("input", { id: "edit-url", value: entry.request.url });
  const form = h("form.editor", {
    onsubmit: async (event) => {
      event.preventDefault();
      try {
        await done({ url: url.value, headers: changedHeaders(lines, headers.value), body: body.value });
      } catch (problem) {
        say(problem.message);
      }
    },
  },
  h("label", { for: "edit-body" }, "Body"), body,
  h("details", {}, h("summary", {}, "Address and header fields"),
    h("label", { for: "edit-url" }, "Address"), url,
    h("label", { for: "edit-headers" }, "Header fields, one a line"), headers,
    h("p.note", {}, "A fingerprint such as tf_…#6eacf8 stands for the token that it hides.")),
  h("div.actions", {}, h("button.primary", { type: "submit" }, "Send"), button("Never mind", () => form.remove())));
  return form;
}

function changedHeaders(before, after) {
  const read = (lines) => new Map(lines.filter((line) => line.includes(":")).map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
  }));
  const old = read(before);
  const now = read(after.split("\n"));
  const changes = {};
  for (const [name, value] of now) if (old.get(name) !== value) changes[name] = value;
  for (const name of old.keys()) if (!now.has(name)) changes[name] = null;
  return changes;
}

async function download(number) {
  const entry = await harOf(number);
  const link = h("a", { href: URL.createObjectURL(new Blob([entry], { type: "application/json" })), download: `request-${number}.har` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function harOf(number) {
  return JSON.stringify(await get(`requests/${number}/har`), null, 2);
}

/** The view of one request. */
export function request(number) {
  const node = h("article.request", {}, h("p.note", {}, `Request ${number} …`));
  let completed = null;

  const again = async (edited = {}) => {
    const { request: next, lost } = await call("POST", `requests/${number}/again`, edited);
    say(lost ?? `Sent: request ${next.id}, ${next.outcome}`);
    location.hash = `#/requests/${next.id}`;
  };
  const curl = async () => copy(await text(`requests/${number}/curl`), "Copied as curl; $TRACKFOX_API_TOKEN stands for the token");

  async function load() {
    let entry;
    let explanation;
    try {
      [entry, explanation] = await Promise.all([get(`requests/${number}`), get(`requests/${number}/explain`)]);
    } catch (problem) {
      fill(node, h("header.top", {}, h("h1", {}, problem.message), h("a", { href: "#/requests" }, "Back to the list")));
      return;
    }
    completed = entry.completed;
    const place = h("div.place");
    const edit = button("Edit and send", () => { fill(place, editor(entry, again)); place.querySelector("textarea").focus(); });
    const actions = h("div.actions", {},
      button("Send again", () => again(), { class: "primary", "aria-keyshortcuts": "r" }), edit,
      button("Copy as curl", curl, { "aria-keyshortcuts": "c" }),
      button("Copy as HAR", async () => copy(await harOf(number), "Copied as HAR; e-mails are masked in it")),
      button("Save HAR", () => download(number)));
    const made = await created(entry);
    fill(node, head(entry, explanation, actions), place, entry.relayed && compared(entry),
      entry.outcome === "attributed" ? [made, advice(explanation)] : [cure(explanation), advice(explanation)],
      gates(explanation, entry.relayed), rule(explanation), sent(entry, blamed(entry, explanation)), !entry.relayed && answered(entry),
      entry.outcome !== "attributed" && made);
  }
  load();
  const end = watch(() => {
    // A request whose answer was held back is told of again when it is through.
    if (completed === false && rowOf(number)?.completed) load();
  });
  return { node, again, curl, close: end };
}
