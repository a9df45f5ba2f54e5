// By website: a test has one of its own, so this is a row a test, the failing ones first.

import { get, id } from "./api.js";
import { button, clock, count, fill, h, heading, nothing, tag } from "./dom.js";
import { dropped } from "./dropped.js";
import { journal, watch } from "./journal.js";
import { story } from "./requests.js";

const SHOWN = 300;

const isAmiss = (row) => !row.expected && (row.outcome === "refused" || (row.outcome === "attributed" && row.advice.length > 0));

/** The view. */
export async function tests() {
  const node = h("div.page");
  const { websites } = await get("websites?limit=5000");
  const names = new Map(websites.map((one) => [one.website_id, one.name]));
  const open = new Set();
  let timer = 0;
  let ran = null; // what `exec --json` wrote

  function take(report) {
    if (!Array.isArray(report.requests) || !Array.isArray(report.command)) return false;
    ran = { ...report, rows: report.requests.map((row) => ({ ...row, id: row.number, completed: true, time: Date.parse(row.time), why: row.why ?? "" })) };
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

  function draw() {
    const found = groups();
    const failing = found.filter((group) => group.amiss).length;
    fill(node, heading("Tests", found.length ? `${count(found.length)} ${found.length === 1 ? "website" : "websites"}; in ${count(failing)} something was refused or doubtful that nobody expected.` : null),
      dropped("the file that exec --json wrote", take,
        ran ? [h("b", {}, ran.command.join(" ").slice(0, 200)), ` ended with ${ran.exit_code}`] : ["Drop the file of ", h("code", {}, "trackfox-mock exec --json report.json -- npm test"), " here to see what that run did"],
        ran && button("Put away", () => { ran = null; draw(); })),
      ran && ran.findings.length > 0 && h("ul.plain", {}, ran.findings.map((one) => h("li.advice", {}, one))),
      found.length === 0 && nothing("A test that posts to ", h("code", {}, "/__admin/websites"), " gets a website of its own, and is a row here."),
      h("ul.cards", {}, found.slice(0, SHOWN).map(card)));
  }

  function card(group) {
    const details = h("details.card", { open: open.has(group.key) || null, ontoggle: () => (details.open ? open.add(group.key) : open.delete(group.key)) },
      h("summary.line1", {}, tag(group.amiss ? "refused" : "kept", group.amiss ? `${count(group.amiss)} amiss` : "well"),
        h("b", {}, names.get(group.key) || group.key.slice(0, 80) || "requests of no website"), h("span.grow"),
        h("span.note", {}, `${count(group.rows.length)} requests, ${count(group.attributed)} attributed${group.expected ? `, ${count(group.expected)} refused as expected` : ""}`)),
      h("ol.plain", {}, group.rows.slice(-50).reverse().map((row) => h("li", {}, h(ran ? "span.small" : "a.small", { href: ran ? null : `#/requests/${row.id}`, "data-kind": row.outcome },
        h("span.time", {}, clock(row.time)), h("span.status", {}, row.status ?? "lost"), h("span", {}, row.expected ? "as expected: " : "", story(row)))))),
      group.key && !ran && h("p", {}, h("a", { href: `#/sessions/${id(group.key)}` }, "Its sessions")));
    return h("li", {}, details);
  }

  const end = watch(() => {
    timer ||= setTimeout(() => { timer = 0; if (!ran && !node.contains(document.activeElement)) draw(); }, 500);
  });
  draw();
  return { node, close: () => { end(); clearTimeout(timer); } };
}
