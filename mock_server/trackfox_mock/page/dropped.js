// A file that a person drops onto the page, or chooses.

import { h, say } from "./dom.js";

/**
 * A place to drop a JSON file. `take(data)` makes something of it, and gives false where it is not the file that
 * `what` names.
 */
export function dropped(what, take, ...children) {
  const read = async (file) => {
    if (!file) return;
    let taken = false;
    try {
      taken = take(JSON.parse(await file.text()));
    } catch {
      // no JSON, or of another shape
    }
    say(taken === false ? `${file.name} is no report; expected ${what}.` : `${file.name} is shown`);
  };
  const choose = h("input.offstage", { type: "file", accept: ".json,application/json", id: "report", onchange: () => read(choose.files[0]) });
  const drop = h("div.drop", {
    ondragover: (event) => { event.preventDefault(); drop.dataset.over = ""; },
    ondragleave: () => delete drop.dataset.over,
    ondrop: (event) => { event.preventDefault(); delete drop.dataset.over; read(event.dataTransfer.files[0]); },
  }, children, " ", h("label.button", { for: "report" }, "Choose a file"), choose);
  return drop;
}
