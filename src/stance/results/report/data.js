// The statements as columns, what is asked of them, and which of them answer.

const UNSURE = -1;
const el = id => document.getElementById(id);
const number = new Intl.NumberFormat('en-GB');
const count = (n, what = 'statement') => `${number.format(n)} ${what}${n === 1 ? '' : 's'}`;
const percent = share => `${share > 0 && share < 0.095 ? (100 * share).toFixed(1).replace('.0', '') : Math.round(100 * share)}%`;

/** An element, or one of an SVG (`svg:g`), with attributes and children; text is always text, never markup. */
function make(tag, attributes = {}, ...children) {
  const node = tag.startsWith('svg:') ? document.createElementNS('http://www.w3.org/2000/svg', tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'colour') node.style.setProperty('--c', value);
    else if (name === 'width%') node.style.inlineSize = `${value}%`;
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

async function unpacked() {
  const letters = atob(el('data').textContent.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  el('data').remove();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

let D; // the pack of packing.py, with typed columns

function prepare(pack) {
  D = pack;
  for (const axis of D.axes) {
    axis.one = axis.kind === 'one-of';
    if (axis.one) [axis.values, axis.confidence] = [Int16Array.from(axis.values), Int16Array.from(axis.confidence)];
    axis.unsure = axis.one ? axis.values.reduce((sum, v) => sum + (v === UNSURE), 0) : 0;
    axis.none = axis.one ? 0 : axis.values.reduce((sum, v) => sum + (v.length === 0), 0);
  }
  for (const column of [...Object.values(D.roles), ...D.groups, ...D.fields, ...D.axes.map(axis => axis.basis)]) {
    column.index = Int32Array.from(column.index);
    column.of = i => column.values[column.index[i]] ?? '';
  }
  D.colour = D.axes.length > 1 ? D.axes.find(axis => axis.one) ?? null : null; // the axis that has the colours
  D.confident = D.axes.some(axis => axis.one ? axis.confidence.some(c => c >= 0) : axis.confidence.some(c => c.length));
  D.least = new Int16Array(D.n).fill(100); // the least confidence of a statement's answers
  for (const axis of D.axes) for (let i = 0; i < D.n; i++) D.least[i] = Math.min(D.least[i], leastOf(axis, i));
}

/** Least confidence of an axis's answer, 0 to 100; 0 where the model was unsure, 100 where no confidence is given. */
function leastOf(axis, i) {
  if (axis.one) return axis.values[i] === UNSURE ? 0 : axis.confidence[i] < 0 ? 100 : axis.confidence[i];
  return axis.doubted[i] ? 0 : Math.min(100, ...axis.confidence[i]);
}

const labelsOf = (axis, i) => axis.one ? (axis.values[i] === UNSURE ? [] : [axis.values[i]]) : axis.values[i];

// Looking for words: every character folded to one of its own, so that offsets stay those of the text.

const folds = new Map();
function fold(text) {
  return text.replace(/[^\x00-\x7f]/g, c => {
    let plain = folds.get(c);
    if (plain === undefined) {
      plain = '‘’‚‛`´'.includes(c) ? "'" : '“”„«»'.includes(c) ? '"' : '‐‑‒–—'.includes(c) ? '-' : (c.toLowerCase().normalize('NFKD')[0] || c);
      folds.set(c, plain);
    }
    return plain;
  }).toLowerCase();
}

let folded = null, who = null;
function index() {
  if (folded) return;
  folded = D.text.map(fold);
  who = D.roles.speaker.values.map(fold);
}

/** "Words" and phrases in quotes of a query, folded. */
const wanted = query => [...fold(query).matchAll(/"([^"]+)"?|([^\s"]+)/g)].map(m => (m[1] ?? m[2]).trim()).filter(Boolean);

// What is asked: labels of each axis, values of a column, a span of dates, words, certainty.

const asked = { query: '', labels: new Map(), columns: new Map(), from: '', to: '', certainty: 'all' };
const anyAsked = () => Boolean(asked.query.trim() || asked.labels.size || asked.columns.size || asked.from || asked.to || asked.certainty !== 'all');

function choose(axis, label, only = false) {
  const chosen = only ? new Set() : new Set(asked.labels.get(axis.name));
  if (chosen.has(label)) chosen.delete(label); else chosen.add(label);
  if (chosen.size) asked.labels.set(axis.name, chosen); else asked.labels.delete(axis.name);
}

function clearAsked() {
  Object.assign(asked, { query: '', labels: new Map(), columns: new Map(), from: '', to: '', certainty: 'all' });
}

const found = { rows: new Int32Array(0), passed: new Uint8Array(0), facets: new Map() };

/** The axis's own options: its labels, then "unsure" or "none" where there are such. */
function options(axis) {
  const all = axis.labels.map((name, k) => ({ key: k, name }));
  if (axis.unsure) all.push({ key: 'unsure', name: 'unsure' });
  if (axis.none) all.push({ key: 'none', name: 'none' });
  return all;
}

const keysOf = (axis, i) => axis.one ? [axis.values[i] === UNSURE ? 'unsure' : axis.values[i]] : axis.values[i].length ? axis.values[i] : ['none'];

/** Fill `found`: the statements that fit, and for each axis how many each label would leave, the axis's own choice set aside. */
function look() {
  const tests = [];
  const words = wanted(asked.query);
  if (words.length) {
    index();
    const inWho = words.map(word => Uint8Array.from(who, name => name.includes(word)));
    const speaker = D.roles.speaker.index;
    tests.push([null, i => words.every((word, k) => folded[i].includes(word) || (speaker[i] >= 0 && inWho[k][speaker[i]]))]);
  }
  if (asked.from || asked.to) {
    const dates = D.roles.date.values.map(date => (!asked.from || date >= asked.from.slice(0, date.length)) && (!asked.to || date.slice(0, asked.to.length) <= asked.to));
    tests.push([null, i => dates[D.roles.date.index[i]] ?? false]);
  }
  if (asked.certainty !== 'all') tests.push([null, i => (D.least[i] < D.doubt) === (asked.certainty === 'uncertain')]);
  for (const [name, value] of asked.columns) {
    const column = D.groups.find(c => c.name === name), number = column.values.indexOf(value);
    tests.push([null, i => column.index[i] === number]);
  }
  for (const axis of D.axes) {
    const chosen = asked.labels.get(axis.name);
    if (chosen) tests.push([axis, i => keysOf(axis, i).some(key => chosen.has(key))]);
  }
  const passed = new Uint8Array(D.n), rows = [];
  const facets = new Map(D.axes.map(axis => [axis.name, new Map(options(axis).map(o => [o.key, 0]))]));
  for (let i = 0; i < D.n; i++) {
    let failed; // undefined: passes; null: fails more than one axis's choice
    for (const [axis, test] of tests) {
      if (test(i)) continue;
      failed = failed === undefined && axis ? axis : null;
      if (failed === null) break;
    }
    if (failed === null) continue;
    if (failed === undefined) { passed[i] = 1; rows.push(i); }
    for (const axis of D.axes) {
      if (failed && failed !== axis) continue;
      const counts = facets.get(axis.name);
      for (const key of keysOf(axis, i)) counts.set(key, counts.get(key) + 1);
    }
  }
  Object.assign(found, { rows: Int32Array.from(rows), passed, facets });
}

// Order.

let textRanks = null;
function textRank() {
  if (!textRanks) {
    index();
    const order = Array.from({ length: D.n }, (_, i) => i).sort((a, b) => folded[a] < folded[b] ? -1 : folded[a] > folded[b] ? 1 : a - b);
    textRanks = new Int32Array(D.n);
    order.forEach((i, rank) => { textRanks[i] = rank; });
  }
  return textRanks;
}

function columnRank(column) {
  const names = column.values.map(fold), order = names.map((_, k) => k).sort((a, b) => names[a] < names[b] ? -1 : 1);
  const rank = new Int32Array(names.length);
  order.forEach((k, place) => { rank[k] = place; });
  return Int32Array.from(column.index, k => k < 0 ? names.length : rank[k]);
}

const EMPTY = 1e9; // statements without a value come last in either order
function sortKeys(key) {
  const axis = D.axes.find(a => a.name === key);
  if (axis) {
    return Float64Array.from({ length: D.n }, (_, i) => {
      const labels = labelsOf(axis, i);
      return labels.length ? labels[0] * 1000 - leastOf(axis, i) : EMPTY;
    });
  }
  if (key === 'date') return Float64Array.from(D.roles.date.index, k => k < 0 ? EMPTY : k);
  if (key === 'confidence') return Float64Array.from(D.least);
  if (key === 'statement') return Float64Array.from(textRank());
  if (key === '') return new Float64Array(D.n);
  const column = D.roles[key];
  return Float64Array.from(columnRank(column), rank => rank === column.values.length ? EMPTY : rank);
}

function sorted(rows, key, down) {
  const keys = sortKeys(key), sign = down ? -1 : 1;
  return rows.slice().sort((a, b) => {
    const x = keys[a], y = keys[b];
    return x === y ? a - b : x === EMPTY ? 1 : y === EMPTY ? -1 : sign * (x - y);
  });
}
