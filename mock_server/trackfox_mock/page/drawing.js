// Why it matters when an answer is lost: two drawings, of which the second is the payment that is counted twice.

import { h, svg } from "./dom.js";

const CLIENT = 70;
const MOCK = 290;

function arrow(y, toMock, text, broken = false) {
  const from = toMock ? CLIENT : MOCK;
  const to = broken ? (CLIENT + MOCK) / 2 : toMock ? MOCK : CLIENT;
  const tip = toMock ? -6 : 6;
  return [
    svg("line", { x1: from, y1: y, x2: to, y2: y, class: broken ? "broken" : "arrow" }),
    broken ? svg("text", { x: to, y: y + 4, class: "cross" }, "✕")
      : svg("polyline", { points: `${to + tip},${y - 4} ${to},${y} ${to + tip},${y + 4}`, class: "arrow" }),
    svg("text", { x: (CLIENT + MOCK) / 2, y: y - 6, class: broken ? "lost" : "said" }, text),
  ];
}

const life = (x, name, height) => [
  svg("text", { x, y: 14, class: "name" }, name),
  svg("line", { x1: x, y1: 22, x2: x, y2: height, class: "life" }),
];

const note = (y, text, kind) => svg("text", { x: MOCK + 10, y: y + 4, class: kind }, text);

function figure(title, told, height, ...parts) {
  return h("figure", {}, svg("svg", { viewBox: `0 0 450 ${height}`, role: "img", "aria-label": `${title} ${told}` },
    life(CLIENT, "your shop", height), life(MOCK, "the service", height), parts), h("figcaption", {}, h("b", {}, title), " ", told));
}

export const drawing = () => h("div.figures", {},
  figure("before:", "nothing is recorded, and sending it again is right.", 130,
    arrow(46, true, "payment"), note(46, "nothing recorded", "muted"), arrow(72, false, "the answer is lost", true),
    arrow(100, true, "payment again"), note(100, "recorded once", "good"), arrow(122, false, "200")),
  figure("after-commit:", "it is recorded, only the answer is lost; who sends it again is counted twice.", 130,
    arrow(46, true, "payment"), note(46, "recorded", "good"), arrow(72, false, "the answer is lost", true),
    arrow(100, true, "payment again"), note(100, "recorded twice", "bad"), arrow(122, false, "200")));
