// Payments, each beside the visitor event that its attribution was copied from; and what each source brought.

import { get, id } from "./api.js";
import { attribution } from "./attribution.js";
import { button, clock, count, fill, h, heading, many, money, nothing, svg, tag } from "./dom.js";
import { journal, watch } from "./journal.js";

const SHOWN = 100;
const MOST = 1000;

/** The payments of every website, or of the one in `params[0]`. */
export async function payments(params) {
  const node = h("div.page");
  let website = params[0] ?? "";
  let by = "source";
  let limit = SHOWN;
  let told = "";
  let timer = 0;
  const events = new Map();

  async function visitorEvents(found) {
    const missing = [...new Set(found.map((one) => one.website_id))].filter((one) => !events.has(one)).slice(0, 20);
    await Promise.all(missing.map(async (one) => {
      const { sessions } = await get(`websites/${id(one)}?limit=500`).catch(() => ({ sessions: [] }));
      events.set(one, sessions);
    }));
  }

  async function load() {
    const query = website ? `&website_id=${id(website)}` : "";
    const { payments: found, meta } = await get(`payments?limit=${MOST}${query}`);
    await visitorEvents(found.slice(0, limit));
    const now = JSON.stringify([found.map((one) => one.payment_id), meta, by, limit, website]);
    if (now === told) return;
    told = now;
    draw(found, meta.total);
  }

  function draw(found, total) {
    const twins = found.filter((one) => one.repeats).length;
    const sum = found.reduce((all, one) => all + (typeof one.revenue === "number" ? one.revenue : 0), 0);
    const choose = h("select", { "aria-label": "Revenue by", onchange: () => { by = choose.value; load(); } },
      namesOf(found).map((name) => h("option", { value: name }, name)));
    choose.value = by;
    fill(node,
      heading("Payments", total ? `${many(total, "payment")}, ${money(sum)} in all${twins ? `; ${count(twins)} counted twice or more` : ""}` : null,
        website && h("a.button", { href: "#/payments" }, `only ${website.slice(0, 40)} ✕`)),
      found.length === 0 && nothing("No payment yet. A request that is attributed creates one. ", h("a", { href: "#/requests" }, "Send one")),
      found.length > 0 && [
        h("section.part", {}, h("div.line1", {}, h("h2", {}, "Revenue per"), choose), chart(found, by)),
        h("ol.cards.columned", {}, found.slice(0, limit).map((one) => card(one, eventOf(one))))],
      found.length > limit && button(`Show ${count(Math.min(SHOWN, found.length - limit))} more`, () => { limit += SHOWN; return load(); }));
  }

  const eventOf = (one) => events.get(one.website_id)?.findLast((event) =>
    event.session_id === one.session_id && event.visitor_id === one.visitor_id);

  let seen = -1;
  const end = watch(() => {
    const newest = journal.rows.findLast((row) => row.payment_id)?.id ?? 0;
    if (newest === seen || timer) return;
    seen = newest;
    timer = setTimeout(() => { timer = 0; load().catch(() => {}); }, 300);
  });
  await load();
  return { node, go: (next) => { website = next[0] ?? ""; load(); return true; }, close: end };
}

function namesOf(found) {
  const names = new Set(["source", "medium", "campaign"]);
  for (const one of found.slice(0, 200)) for (const name of Object.keys(one.attribution)) names.add(name);
  return [...names].slice(0, 30);
}

function chart(found, by) {
  const sums = new Map();
  for (const one of found) {
    const value = one.attribution[by];
    const name = value === undefined ? "not recorded" : typeof value === "string" ? value : JSON.stringify(value);
    const sum = sums.get(name) ?? { revenue: 0, number: 0 };
    sum.revenue += typeof one.revenue === "number" ? one.revenue : 0;
    sum.number += 1;
    sums.set(name, sum);
  }
  const rows = [...sums].sort((one, other) => other[1].revenue - one[1].revenue).slice(0, 12);
  const most = Math.max(...rows.map(([, sum]) => sum.revenue), 1);
  return h("table.chart", { "aria-label": `Revenue per ${by}` }, h("tbody", {}, rows.map(([name, sum]) => h("tr", {},
    h("th", { scope: "row" }, name),
    h("td.number", {}, h("b", {}, money(sum.revenue)), h("small", {}, ` ${count(sum.number)}×`)),
    h("td", {}, svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { width: Math.max(0.5, (100 * sum.revenue) / most), height: 10, rx: 0.8 })))))));
}

function card(one, event) {
  return h("li.pair", { "data-twin": Boolean(one.repeats) },
    h("div", {},
      h("p.money", {}, money(one.revenue), typeof one.revenue === "number" && h("small", {}, ` ${count(one.revenue)} cents`)),
      h("p.note", {}, h("code", {}, one.payment_id), " · ", h("time", { title: one.recorded_at }, clock(Date.parse(one.recorded_at))), " · ", one.email),
      h("p.note", {}, h("a", { href: `#/sessions/${id(one.website_id)}` }, one.website_id)),
      one.repeats && h("p", {}, tag("duplicate", `the same as ${one.repeats}`))),
    h("div.event", {},
      h("p.note", {}, "copied from the visitor event", event?.occurred_at && ` of ${event.occurred_at.slice(0, 16).replace("T", " ")}`),
      h("p", {}, h("b", {}, one.visitor_id), " ", tag("session", one.session_id)),
      attribution(one.attribution)));
}
