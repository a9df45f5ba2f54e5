// One of several texts at a time, chosen by tabs as the ARIA practices have them.

import { code, fill, h } from "./dom.js";

let made = 0;

/** `tabs("Languages", {"Node": () => "…"})`: a text is made when it is looked at. */
export function tabs(label, texts) {
  const names = Object.keys(texts);
  const group = `tabs-${++made}`;
  const panel = h("div", { role: "tabpanel", id: `${group}-panel` });
  const heads = names.map((name, index) => h("button", {
    type: "button", role: "tab", id: `${group}-${index}`, "aria-controls": panel.id,
    onclick: () => choose(index),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = (index + step + names.length) % names.length;
      choose(next);
      heads[next].focus();
      event.stopPropagation();
    },
  }, name));
  function choose(chosen) {
    heads.forEach((head, index) => {
      head.setAttribute("aria-selected", String(index === chosen));
      head.tabIndex = index === chosen ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", heads[chosen].id);
    fill(panel, code(texts[names[chosen]](), `${names[chosen]}: ${label}`));
  }
  choose(0);
  return h("div.tabs", {}, h("div.heads", { role: "tablist", "aria-label": label }, heads), panel);
}
