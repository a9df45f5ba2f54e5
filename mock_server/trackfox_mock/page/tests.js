// By website: a test has one of its own, so this is a row a test, the failing ones first. What pytest wrote names the tests.

import { get, id } from "./api.js";
import { button, clock, count, fill, h, heading, many, nothing, tag } from "./dom.js";
import { dropped } from "./dropped.js";
import { followReport, journal, watch } from "./journal.js";
import { story } from "./requests.js";

const SHOWN = 300;
const SHOWN_OF_ONE = 50;

const isAmiss = (row) => !row.expected && (row.outcome === "refused" || (row.outcome === "attributed" && row.advice.length > 0));

const drawable = (row) => ({ ...row, id: row.number, completed: true, time: Date.parse(row.time), why: row.why ?? "" });

/** What `pytest --trackfox-report` wrote, by test: under the sweep a test ran many times, each time under other readings. */
function byTest(tests) {
  const found = new Map();
  for (const one of tests) {
    const run = { ...one, test: String(one.test), readings: one.readings ?? {}, rows: one.requests.map(drawable) };
    const group = found.get(run.test) ?? { key: run.test, runs: [], rows: [], failed: 0 };
    group.runs.push(run);
    group.rows.push(...run.rows);
    if (run.outcome === "failed") group.failed += 1;
    found.set(run.test, group);
  }
  for (const group of found.values()) {
    group.amiss = group.rows.filter(isAmiss).length;
    group.runs.sort((one, other) => (other.outcome === "failed") - (one.outcome === "failed"));
  }
  return [...found.values()].sort((one, other) => Math.sign(other.failed) - Math.sign(one.failed) || Math.sign(other.amiss) - Math.sign(one.amiss));
}

const requestsOf = (rows, link) =>
  h("ol.plain", {}, rows.slice(-SHOWN_OF_ONE).reverse().map((row) => h("li", {}, h(link ? "a.small" : "span.small", { href: link ? `#/requests/${row.id}` : null, "data-kind": row.outcome },
    h("span.time", {}, clock(row.time)), h("span.status", {}, row.status ?? "lost"), h("span", {}, row.expected ? "as expected: " : "", story(row))))));

function drawRun(run) {
  const readings = Object.entries(run.readings).map(([silence, value]) => `${silence}: ${value}`).join(", ");
  return h("section", {},
    h("p.note", {}, h("b", {}, run.outcome), readings && ` with ${readings}`, run.left_out > 0 && `; ${many(run.left_out, "more request")} left out`),
    requestsOf(run.rows));
}

const verdictOf = (group) => {
  if (group.failed) return group.runs.length > 1 ? `failed in ${count(group.failed)} of ${count(group.runs.length)}` : "failed";
  return group.amiss ? `${count(group.amiss)} amiss` : "well";
};

function cardOfTest(group) {
  const details = h("details.card", { ontoggle: () => {
    if (details.open && details.childElementCount === 1) details.append(...group.runs.slice(0, SHOWN_OF_ONE).map(drawRun));
  } },
  h("summary.line1", {}, tag(group.failed || group.amiss ? "refused" : "kept", verdictOf(group)), h("b", {}, group.key.slice(0, 300)), h("span.grow"),
    h("span.note", {}, many(group.rows.length, "request"))));
  return h("li", {}, details);
}

/** The view. */
export async function tests() {
  const node = h("div.page");
  const { websites } = await get("websites?limit=5000");
  const names = new Map(websites.map((one) => [one.website_id, one.name]));
  const open = new Set();
  let timer = 0;
  let ran = null; // what `exec --json` wrote
  let pytest = null; // what `pytest --trackfox-report` wrote, by test

  function take(report) {
    if (Array.isArray(report.tests)) {
      pytest = byTest(report.tests);
      ran = null;
      draw();
      return true;
    }
    if (!Array.isArray(report.requests) || !Array.isArray(report.command)) return false;
    pytest = null;
    ran = { ...report, rows: report.requests.map(drawable) };
    draw();
    return true;
  }

  function groups() {
    const found = new Map();
    for (const row of ran?.rows ?? journal.rows) {
      const key = row.website_id ?? "";
      const group = found.get(key) ?? { key, rows: [], amiss: 0, attributed: 0, expected: 0 };
      group.rows.push(row);
      if (isAmiss(row)) group.amiss += 1;
      if (row.expected) group.expected += 1;
      if (row.outcome === "attributed") group.attributed += 1;
      found.set(key, group);
    }
    return [...found.values()].sort((one, other) => Math.sign(other.amiss) - Math.sign(one.amiss) || other.rows.at(-1).id - one.rows.at(-1).id);
  }

  const place = (...children) => dropped("the file that exec --json or pytest --trackfox-report wrote", take, ...children);

  function drawPytest() {
    const failed = pytest.filter((group) => group.failed).length;
    fill(node, heading("Tests", `${many(pytest.length, "test")} of pytest; ${count(failed)} failed.`),
      place("What pytest did", button("Put away", () => { pytest = null; draw(); })),
      pytest.length === 0 && nothing("No test of that run used trackfox."),
      pytest.length > SHOWN && h("p.note", {}, `The first ${count(SHOWN)} are shown.`),
      h("ul.cards", {}, pytest.slice(0, SHOWN).map(cardOfTest)));
  }

  function draw() {
    if (pytest) return drawPytest();
    const found = groups();
    const failing = found.filter((group) => group.amiss).length;
    fill(node, heading("Tests", found.length ? `${many(found.length, "website")}; in ${count(failing)} something was refused or doubtful that nobody expected.` : null),
      place(
        ran ? [h("b", {}, ran.command.join(" ").slice(0, 200)), ` ended with ${ran.exit_code}`] : ["Drop the file of ", h("code", {}, "trackfox-mock exec --json report.json -- npm test"), " or ", h("code", {}, "pytest --trackfox-report report.json"), " here to see what that run did, or start with ", h("code", {}, "serve --report report.json"), " to follow it.", missing && ` ${missing}`],
        ran && button("Put away", () => { ran = null; draw(); })),
      ran && ran.findings.length > 0 && h("ul.plain", {}, ran.findings.map((one) => h("li.advice", {}, one))),
      found.length === 0 && nothing("A test that posts to ", h("code", {}, "/__admin/websites"), " gets a website of its own, and is a row here."),
      h("ul.cards", {}, found.slice(0, SHOWN).map(card)));
  }

  function card(group) {
    const details = h("details.card", { open: open.has(group.key) || null, ontoggle: () => (details.open ? open.add(group.key) : open.delete(group.key)) },
      h("summary.line1", {}, tag(group.amiss ? "refused" : "kept", group.amiss ? `${count(group.amiss)} amiss` : "well"),
        h("b", {}, names.get(group.key) || group.key.slice(0, 80) || "requests of no website"), h("span.grow"),
        h("span.note", {}, `${many(group.rows.length, "request")}, ${count(group.attributed)} attributed${group.expected ? `, ${count(group.expected)} refused as expected` : ""}`)),
      requestsOf(group.rows, !ran),
      group.key && !ran && h("p", {}, h("a", { href: `#/sessions/${id(group.key)}` }, "Its sessions")));
    return h("li", {}, details);
  }

  let missing = "";
  const unfollow = followReport("tests", (report) => { missing = ""; take(report); }, (why) => { missing = why; draw(); });
  const end = watch(() => {
    timer ||= setTimeout(() => { timer = 0; if (!ran && !pytest && !node.contains(document.activeElement)) draw(); }, 500);
  });
  draw();
  return { node, close: () => { end(); unfollow(); clearTimeout(timer); } };
}
