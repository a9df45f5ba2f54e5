// Elements, and text that stays text: whatever a client sent is shown with its control characters spelled out.

const ODD =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/gu;

const spelled = (character) => `\\u${character.codePointAt(0).toString(16).padStart(4, "0")}`;

/** The text with control, bidirectional and invisible characters written as \u202e. */
export const plain = (text) => String(text).replace(ODD, spelled);

const LONGEST = 20_000; // characters; more than the journal keeps of a body, and no name or id is read that far

const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${count(text.length)} characters)` : text);

/** The same as nodes, so that what is spelled out looks different from what was sent. */
export function nodes(text) {
  const value = cut(String(text));
  if (value.search(ODD) < 0) return [document.createTextNode(value)];
  const found = [];
  let last = 0;
  for (const match of value.matchAll(ODD)) {
    if (match.index > last) found.push(document.createTextNode(value.slice(last, match.index)));
    const mark = document.createElement("span");
    mark.className = "odd";
    mark.textContent = spelled(match[0]);
    found.push(mark);
    last = match.index + match[0].length;
  }
  found.push(document.createTextNode(value.slice(last)));
  return found;
}

function append(parent, child) {
  if (child === null || child === undefined || child === false || child === "") return;
  if (Array.isArray(child)) for (const one of child) append(parent, one);
  else if (child instanceof Node) parent.append(child);
  else parent.append(...nodes(child));
}

function make(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "indeterminate") element[name] = value;
    else element.setAttribute(name, value === true ? "" : plain(cut(String(value))));
  }
  append(element, children);
  return element;
}

/** `h("p.note", {title}, "text", node)`: an element with classes, attributes, listeners and children. */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  return make(element, attributes, children);
}

/** The same for drawings. */
export const svg = (name, attributes = {}, ...children) =>
  make(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

/** Replace what is in an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** A value that a client sent, set apart from its surroundings whatever direction it is written in. */
export const data = (value) => h("bdi", {}, value);

/** A button that does something, and says so if it fails. */
export function button(text, act, attributes = {}) {
  const { class: classes = "", ...rest } = attributes;
  return h(`button${classes && `.${classes}`}`, {
    type: "button",
    ...rest,
    onclick: async (event) => {
      const target = event.currentTarget;
      target.disabled = true;
      try {
        await act(event);
      } catch (problem) {
        say(problem.message);
      } finally {
        target.disabled = false;
      }
    },
  }, text);
}

let silence;
/** Say something in a few words, to eyes and to a screen reader. */
export function say(text) {
  const said = document.getElementById("said");
  fill(said, text);
  said.className = "said";
  clearTimeout(silence);
  silence = setTimeout(() => { said.className = "hidden"; }, 4000);
}

/** Copy a text; off loopback a browser has no clipboard for us, and the old way is taken. */
export async function copy(text, what = "Copied") {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else {
    const area = h("textarea.offstage", { value: text, "aria-hidden": "true" });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say(what);
}

/** A block of code with a button that copies it. */
export const code = (text, label = "code") =>
  h("div.code", {}, h("pre", { tabindex: "0", "aria-label": label }, text), button("Copy", () => copy(text), { class: "copy" }));

/** Cents as money, the amount alone as the document names no currency: 9900 is 99.00. */
export function money(cents) {
  if (typeof cents !== "number" || !Number.isSafeInteger(cents)) return plain(JSON.stringify(cents) ?? "");
  return (cents / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

export const count = (number) => Number(number).toLocaleString("en-US");

/** `1 session`, `2 sessions`. */
export const many = (number, what) => `${count(number)} ${what}${number === 1 ? "" : "s"}`;

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const clock = (milliseconds) => CLOCK.format(milliseconds);

/** A heading with what can be done beside it. */
export const heading = (title, note, ...actions) =>
  h("div.heading", {}, h("h1", {}, title), note && h("p.note", {}, note), actions.length > 0 && h("div.actions", {}, actions));

/** What is said where there is nothing yet. */
export const nothing = (...text) => h("p.nothing", {}, text);

const MARKS = { attributed: "✓", refused: "✕", faulted: "⚡", documented: "§", assumed: "?", observed: "◉" };
export const tag = (word, text = word) =>
  h("span.tag", { "data-kind": word }, MARKS[word] && h("span", { "aria-hidden": "true" }, MARKS[word]), text);
