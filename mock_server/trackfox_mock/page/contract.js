// The ledger: what the document promises and what it leaves open, and how the last check of a service came out.

import { get } from "./api.js";
import { button, code, count, fill, h, heading, many, nothing, say, tag } from "./dom.js";
import { dropped } from "./dropped.js";
import { followReport } from "./journal.js";

/** The view. */
export async function contract() {
  const node = h("div.page");
  const [{ clauses }, { readings }] = await Promise.all([get("clauses"), get("readings")]);
  let checked = null;

  function take(found) {
    if (!Array.isArray(found.clauses)) return false;
    checked = found;
    draw();
    return true;
  }

  function draw() {
    const rows = new Map((checked?.clauses ?? []).map((row) => [row.id, row]));
    const drop = dropped("the file that verify --json wrote", take,
      checked ? summary(checked) : ["Drop the file of ", h("code", {}, "trackfox-mock verify … --json report.json"), " here, or start with ",
        h("code", {}, "serve --report report.json")],
      checked && button("Put away", () => { checked = null; draw(); }));
    fill(node,
      heading("Contract", "A clause is what the document says; a silence is what it leaves open, and every reading of it is legal."),
      drop,
      checked && broken(checked),
      h("section.part", {}, h("h2", {}, `Clauses, ${count(clauses.length)}`), h("div.wide", {}, h("table", {},
        h("thead", {}, h("tr", {}, ["Clause", "The document's own words", "Decided here", checked && "The check"].filter(Boolean).map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, clauses.map((clause) => h("tr", {},
          h("th", { scope: "row" }, h("code", {}, clause.id)), h("td", {}, rows.get(clause.id)?.says && h("div", {}, rows.get(clause.id).says), h("span.note", {}, clause.words || "what only an edited document demands")),
          h("td.number", { "data-what": "decided here" }, clause.requests ? count(clause.requests) : ""),
          checked && h("td", {}, rows.has(clause.id) ? [tag(rows.get(clause.id).verdict), h("div.note", {}, rows.get(clause.id).why)] : "")))))) ),
      h("section.part", {}, h("h2", {}, `Silences, ${count(readings.length)}`), h("div.wide", {}, h("table", {},
        h("thead", {}, h("tr", {}, ["Silence", "What is open", "Read here as", "Rests on"].map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, readings.map((one) => h("tr", {},
          h("th", { scope: "row" }, h("code", {}, one.silence)), h("td", {}, one.question),
          h("td", {}, h("b", {}, one.value), h("div.note", {}, one.values[one.value])), h("td", {}, tag(one.provenance))))))),
      h("p", {}, h("a", { href: "#/faults" }, "Read one otherwise"))));
  }
  draw();
  return { node, close: followReport("report", take, say) };
}

function summary(report) {
  const counts = {};
  for (const { verdict } of report.clauses) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return [h("b", {}, report.target ?? "a service"), " ", Object.entries(counts).map(([verdict, number]) => [tag(verdict, `${count(number)} ${verdict}`), " "]),
    h("span.note", {}, `${many(report.requests ?? 0, "request")}, ${many(report.payments ?? 0, "payment")}, seed ${report.seed ?? "?"}`)];
}

function broken(report) {
  const rows = report.clauses.filter((row) => row.verdict === "broken");
  return rows.length === 0 ? nothing("No clause is broken.") : h("section.part", {}, h("h2", {}, "Broken"), rows.map((row) => h("details.card", {},
    h("summary", {}, h("code", {}, row.id), ` ${row.says ?? ""}`),
    row.sentence && h("blockquote", {}, row.sentence),
    (row.findings ?? []).slice(0, 5).map((finding) => h("div.finding", {}, h("p", {}, h("b", {}, finding.case)),
      h("dl.facts", {}, h("dt", {}, "expected"), h("dd", {}, finding.expected), h("dt", {}, "came"), h("dd", {}, finding.came)),
      code([...(finding.before ?? []), finding.curl].join("\n\n"), "The request that shows it"))))));
}
