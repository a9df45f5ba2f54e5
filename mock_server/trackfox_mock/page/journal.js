// The rows of the journal as this page knows them, the oldest first. Views look at it, and are told of changes at most
// ten times a second.

import { get, listen } from "./api.js";

const PAGE = 500;
const BETWEEN = 100; // milliseconds
const QUIET = 900; // longer than the server waits between batches of a flood

export const journal = {
  rows: [],
  hello: null,
  state: { faults: [], requests: 0, kept: 0, reports: [] },
  line: "connecting",
  missed: 0, // dropped by the server because this page read too slowly, and not yet read again
  loaded: false,
};

let greeted;
/** Kept once the server has said who it is. */
export const ready = new Promise((resolve) => { greeted = resolve; });

const watchers = new Set();
let drawn = 0;
let timer = 0;

/** Be told of changes; the answer is a function that ends it. */
export function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function changed() {
  if (timer) return;
  timer = setTimeout(() => {
    timer = 0;
    drawn = performance.now();
    for (const watcher of watchers) watcher();
  }, Math.max(0, drawn + BETWEEN - performance.now()));
}

function place(id) {
  let low = 0;
  let high = journal.rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (journal.rows[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function rowOf(id) {
  const row = journal.rows[place(id)];
  return row?.id === id ? row : null;
}

function put(row) {
  const { rows } = journal;
  if (!rows.length || rows[rows.length - 1].id < row.id) {
    rows.push(row);
    return;
  }
  const index = place(row.id);
  if (rows[index]?.id === row.id) rows[index] = row;
  else rows.splice(index, 0, row);
}

function trim() {
  const most = journal.hello?.journal_size ?? 1000;
  if (journal.rows.length > most) journal.rows.splice(0, journal.rows.length - most);
}

let reading = 0;
/** Read the journal anew, page by page, the newest first; what comes meanwhile is kept. */
async function read() {
  const mine = ++reading;
  const found = new Map();
  let newest = null;
  for (let before = ""; before !== null;) {
    const { rows } = await get(`rows?limit=${PAGE}${before}`);
    if (mine !== reading) return;
    newest ??= rows[0]?.id ?? 0;
    for (const row of rows) {
      const known = rowOf(row.id);
      found.set(row.id, known?.completed ? known : row);
    }
    before = rows.length < PAGE ? null : `&before=${rows.at(-1).id}`;
    if (before === null || !journal.loaded) settle(found, newest);
  }
  journal.missed = 0;
  trim();
  changed();
}

function settle(found, newest) {
  const later = journal.rows.filter((row) => row.id > newest);
  journal.rows = [...found.values(), ...later].sort((one, other) => one.id - other.id);
  journal.loaded = true;
  changed();
}

let quiet = 0;
function readWhenQuiet() {
  clearTimeout(quiet);
  quiet = setTimeout(() => read().catch(() => {}), QUIET);
}

const ON = {
  hello(data) {
    const restarted = journal.hello && journal.hello.run !== data.run;
    journal.hello = data;
    greeted();
    if (restarted) journal.rows = [];
    read().catch(() => {});
  },
  rows({ rows, dropped }) {
    for (const row of rows) put(row);
    trim();
    if (dropped) journal.missed += dropped;
    if (journal.missed) readWhenQuiet();
  },
  state(data) {
    const fewer = data.requests < journal.state.requests;
    journal.state = data;
    if (fewer) {
      journal.rows = [];
      read().catch(() => {});
    }
  },
};

/**
 * Be given what the files of `serve --report` hold, now and whenever one is written anew; `miss` is told why there is
 * nothing. The answer is a function that ends it.
 */
export function followReport(path, take, miss) {
  let known = "";
  const look = () => {
    const now = JSON.stringify(journal.state.reports);
    if (!journal.state.reports.length || now === known) return;
    known = now;
    get(path).then(take).catch((problem) => miss(problem.message));
  };
  look();
  return watch(look);
}

export function start() {
  listen(
    (name, data) => {
      ON[name]?.(data);
      changed();
    },
    (line) => {
      journal.line = line;
      changed();
    },
  );
}
