// Where in a body something stands: JSON read by hand, as a parser throws the places away.

const SPACE = /[\s]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const SCALAR = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * The places of the top-level members of a JSON object.
 *
 * Gives `members`, a list of `{name, start, end, from}` where the value stands from `from` to `end` and the whole member
 * from `start`; and `wrong`, the offset at which the text stops being JSON, or null.
 */
export function places(text) {
  const members = [];
  let at = 0;
  const eat = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found?.[0];
  };
  const wrong = () => { throw new SyntaxError(String(at)); };
  const expect = (character) => {
    eat(SPACE);
    if (text[at] !== character) wrong();
    at += 1;
  };
  function value(depth) {
    eat(SPACE);
    if (depth > 200) wrong();
    if (text[at] === "{") group(depth, "}", () => { eat(SPACE); if (!eat(STRING)) wrong(); expect(":"); value(depth + 1); });
    else if (text[at] === "[") group(depth, "]", () => value(depth + 1));
    else if (!eat(STRING) && !eat(SCALAR)) wrong();
  }
  function group(depth, close, each) {
    at += 1;
    eat(SPACE);
    if (text[at] === close) { at += 1; return; }
    for (;;) {
      each();
      eat(SPACE);
      if (text[at] === close) { at += 1; return; }
      expect(",");
      eat(SPACE);
      if (text[at] === close) wrong();
    }
  }
  try {
    eat(SPACE);
    if (text[at] !== "{") {
      value(0);
      eat(SPACE);
      return { members, wrong: at < text.length ? at : null };
    }
    group(0, "}", () => {
      eat(SPACE);
      const start = at;
      const name = eat(STRING) ?? wrong();
      expect(":");
      eat(SPACE);
      const from = at;
      value(1);
      members.push({ name: JSON.parse(name), start, from, end: at });
    });
    eat(SPACE);
    return { members, wrong: at < text.length ? at : null };
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) throw problem;
    return { members, wrong: at };
  }
}

/**
 * The parts of a body, each `{text, marked}`: the fields that are named are marked, or where it stops being JSON.
 */
export function marked(text, names) {
  const { members, wrong } = places(text);
  const spans = members.filter((one) => names.has(one.name)).map((one) => [one.start, one.end]);
  if (wrong !== null && text) spans.push([Math.min(wrong, text.length - 1), Math.min(wrong + 12, text.length)]);
  spans.sort((one, other) => one[0] - other[0]);
  const parts = [];
  let at = 0;
  for (const [start, end] of spans) {
    if (start < at) continue;
    parts.push({ text: text.slice(at, start), marked: false }, { text: text.slice(start, end), marked: true });
    at = end;
  }
  parts.push({ text: text.slice(at), marked: false });
  return parts;
}

/** A JSON body with a field a line, if it is all on one; else as it came. */
export function laidOut(text) {
  if (text.includes("\n")) return text;
  const { members, wrong } = places(text);
  if (wrong !== null || members.length < 2) return text;
  return `{\n${members.map((one) => `  ${text.slice(one.start, one.end)}`).join(",\n")}\n}`;
}
