// The ten mistakes of the README, counted as they happen.

import { fill, count, h, heading, svg } from "./dom.js";
import { journal, watch } from "./journal.js";
import { story } from "./requests.js";

const TITLES = [
  ["Dollars for cents", "Multiply by 100, round, and send an integer."],
  ["A float's residue, or another type", "Round after multiplying; send a number, not a string."],
  ["The same payment twice", "Webhooks come more than once: remember the payment's own id, and call once."],
  ["Ids lost on the way", "Carry the ids from the browser through the checkout's metadata."],
  ["A wrong id in the field", "The provider's id is not TrackFox's; session and visitor are two."],
  ["Slips of authentication", "Bearer, one space, and the token of the body's website; from a server, never a browser."],
  ["The status ignored", "Look at the status of the answer; trackfox-mock exec tells when nobody does."],
  ["A final refusal retried", "400, 401 and 404 are final: no retry can change them."],
  ["Not a payment", "Do not call for refunds, trials, or what costs nothing."],
  ["Slips of names and encoding", "Five fields in snake_case, as JSON, by POST."],
];

/** The view. */
export async function mistakes() {
  const node = h("div.page");
  let told = "";

  function draw() {
    const found = TITLES.map(() => ({ number: 0, last: null }));
    for (const row of journal.rows) {
      if (!row.mistake) continue;
      found[row.mistake - 1].number += 1;
      found[row.mistake - 1].last = row;
    }
    const now = JSON.stringify(found.map(({ number, last }) => [number, last?.id]));
    if (now === told) return;
    told = now;
    const all = found.reduce((sum, one) => sum + one.number, 0);
    const most = Math.max(1, ...found.map((one) => one.number));
    fill(node, heading("Mistakes", all ? `${count(all)} of the ${count(journal.rows.length)} requests that the journal keeps.` : "None of the ten has been made, in the requests that the journal keeps."),
      h("ol.mistakes", {}, TITLES.map(([title, mend], index) => {
        const { number, last } = found[index];
        return h("li", { "data-made": number > 0 },
          h("span.place", {}, index + 1), h("div", {}, h("b", {}, title), h("p.note", {}, mend),
            last && h("p", {}, h("a", { href: `#/requests/${last.id}` }, "last: ", story(last)))),
          h("span.number", { "aria-label": `made ${number} times` }, number ? count(number) : "–"),
          svg("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { width: (100 * number) / most, height: 4 })));
      })));
  }
  const end = watch(draw);
  draw();
  return { node, close: end };
}
