// Where a visitor came from, as it was recorded.

import { h } from "./dom.js";

/** An attribution context as a line of facts. */
export const attribution = (context) => (Object.keys(context).length
  ? h("dl.context", {}, Object.entries(context).map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, typeof value === "string" ? value : JSON.stringify(value)))))
  : h("p.note", {}, "no attribution context"));
