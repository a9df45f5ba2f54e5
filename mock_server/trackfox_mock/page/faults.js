// What is broken on purpose, and how the silences of the document are read.

import { call, get, id } from "./api.js";
import { button, count, fill, h, heading, many, nothing, say, tag } from "./dom.js";
import { drawing } from "./drawing.js";
import { journal, watch } from "./journal.js";

const LOST = {
  CONNECTION_RESET_BY_PEER: "the connection is reset",
  EMPTY_RESPONSE: "the connection is closed without a byte",
  MALFORMED_RESPONSE_CHUNK: "a chunk that is none, then the connection is closed",
  RANDOM_DATA_THEN_CLOSE: "bytes that are not HTTP",
  TRUNCATED_BODY: "half of the body",
  MALFORMED_BODY: "JSON that breaks off",
  HANG: "no answer until the client gives up",
};
const READY = [
  ["Fail the next request with 503", { status: 503, failRequestCount: 1 }],
  ["Lose the next answer after the payment", { fault: "CONNECTION_RESET_BY_PEER", phase: "after-commit", failRequestCount: 1 }],
  ["Two seconds late, for a minute", { delayDistribution: { type: "fixed", milliseconds: 2000 } }],
  ["Hang, once", { fault: "HANG", failRequestCount: 1 }],
];

/** The view. */
export async function faults() {
  const { websites } = await get("websites?limit=500");
  const running = h("section.part");
  const readings = h("section.part");
  const node = h("div.page", {},
    heading("Faults and readings", "Break answers on purpose, and read otherwise what the document leaves open."),
    running, schedule(websites), h("section.part", {}, h("h2", {}, "Before, or after the payment is recorded"), drawing()), readings);

  let told = "";
  function drawRunning() {
    const now = JSON.stringify(journal.state.faults);
    if (now === told) return;
    told = now;
    const { faults: found } = journal.state;
    fill(running, h("h2", {}, "Running now"),
      found.length === 0 ? nothing("None: every request is answered as the service would.")
        : h("ul.cards", {}, found.map((fault) => h("li.card.line1", {},
          tag("faulted", fault.status ?? fault.name), h("span", {}, describe(fault)), h("span.grow"),
          h("span.note", {}, `hit ${count(fault.hits)} of ${count(fault.seen)}`),
          button("Call off", () => call("DELETE", `faults/${id(fault.id)}`), { "aria-label": `Call off ${fault.id}` })))));
  }
  const end = watch(drawRunning);
  drawRunning();
  await showReadings(readings, websites, "");
  return { node, close: end };
}

function describe(fault) {
  const delay = fault.delayDistribution;
  return [
    fault.phase === "after-commit" ? "after the payment is recorded," : "",
    delay ? `late by ${delay.milliseconds ?? `${delay.lower ?? delay.median} to ${delay.upper ?? "more"}`} ms,` : "",
    fault.website_id ? `for ${fault.website_id}` : "for every website",
    fault.failRequestCount ? `, ${many(fault.failRequestCount, "time")}` : "",
    fault.errorProbability < 1 ? `, ${Math.round(fault.errorProbability * 100)} %` : "",
    fault.expires_at ? `, until ${new Date(fault.expires_at).toLocaleTimeString("en-GB")}` : ", until it is called off",
  ].filter(Boolean).join(" ").replaceAll(" ,", ",");
}

const websiteChoice = (websites, label, onchange) => h("select", { "aria-label": label, onchange },
  h("option", { value: "" }, "every website"), websites.map((one) => h("option", { value: one.website_id }, (one.name || one.website_id).slice(0, 60))));

function schedule(websites) {
  const website = websiteChoice(websites, "For which website");
  const kind = h("select", {},
    h("optgroup", { label: "Answered with" }, [500, 502, 503, 429, 400, 401, 404].map((status) => h("option", { value: status }, status))),
    h("optgroup", { label: "The answer is lost" }, Object.entries(LOST).map(([name, what]) => h("option", { value: name }, `${name}: ${what}`))),
    h("optgroup", { label: "Otherwise" }, h("option", { value: "late" }, "late, by the milliseconds beside")));
  const phase = h("select", {}, h("option", { value: "before" }, "before the service looks"), h("option", { value: "after-commit" }, "after the payment is recorded"));
  const number = h("input", { type: "number", min: "1", placeholder: "all", size: "5" });
  const delay = h("input", { type: "number", min: "0", max: "600000", placeholder: "0", size: "6" });
  const seconds = h("input", { type: "number", min: "1", value: "60", size: "5" });
  const send = async (fault) => {
    const made = await call("POST", "faults", { ...fault, website_id: website.value || null });
    say(`${made.name} is on`);
  };
  const read = () => {
    const lost = kind.value in LOST;
    const late = kind.value === "late";
    return {
      ...(late ? {} : lost ? { fault: kind.value } : { status: Number(kind.value) }),
      ...(late ? {} : { phase: phase.value }),
      ...(delay.value || late ? { delayDistribution: { type: "fixed", milliseconds: Number(delay.value || 1000) } } : {}),
      failRequestCount: number.value ? Number(number.value) : null,
      timeToLive: seconds.value ? Number(seconds.value) : null,
    };
  };
  return h("section.part", {}, h("h2", {}, "Break something"),
    h("div.actions", {}, READY.map(([text, fault]) => button(text, () => send(fault)))),
    h("form.inline", { onsubmit: (event) => { event.preventDefault(); send(read()).catch((problem) => say(problem.message)); } },
      h("label", {}, "What", kind), h("label", {}, "When", phase), h("label", {}, "Late, ms", delay),
      h("label", {}, "How often", number), h("label", {}, "Seconds", seconds), h("label", {}, "Where", website),
      h("button.primary", { type: "submit" }, "Switch on")));
}

async function showReadings(section, websites, chosen) {
  const query = chosen ? `?website_id=${id(chosen)}` : "";
  const { readings } = await get(`readings${query}`);
  const website = websiteChoice(websites, "Readings of which website", () => showReadings(section, websites, website.value));
  website.value = chosen;
  const change = async (silence, value) => {
    try {
      await call("PUT", `readings${query}`, { [silence]: value });
      say(`${silence} is read as ${value}, until reset`);
    } catch (problem) {
      say(problem.message);
    }
    await showReadings(section, websites, chosen);
    section.querySelector(`[data-silence="${silence}"]`)?.focus();
  };
  fill(section, h("div.line1", {}, h("h2", {}, "Readings of the silences"), website,
    button("Back to the start", async () => {
      await call("POST", "reset", { parts: ["readings"], website_id: chosen || null });
      await showReadings(section, websites, chosen);
    })),
  h("div.wide", {}, h("table", {}, h("thead", {}, h("tr", {}, ["What the document leaves open", "Read as", "Rests on"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, readings.map((one) => {
      const select = h("select", { "aria-label": one.question, "data-silence": one.silence, onchange: () => change(one.silence, select.value) },
        Object.entries(one.values).map(([value, meaning]) => h("option", { value, title: meaning }, `${value}: ${meaning}`)));
      select.value = one.value;
      return h("tr", {}, h("th", { scope: "row" }, one.question, h("br"), h("code.note", {}, one.silence)), h("td", {}, select),
        h("td", {}, one.value !== one.default ? tag("changed") : null, " ", tag(one.provenance)));
    })))));
}
