// The table of statements: one page of rows at a time, so that it is as quick with 100,000 as with 100.

const view = { key: '', down: false, page: 0, size: 50, rows: new Int32Array(0) };
const PRINTED = 500; // rows on paper
const FAINT = 30; // hundredths of log-odds: a label that no word lends more than this was carried by none in particular

/** Columns of the table; `sorts` are what its heading can order by. */
function tableColumns() {
  const { date, speaker, source } = D.roles;
  const who = Object.keys({ date, speaker, source }).filter(role => D.roles[role].values.length);
  return [
    who.length ? { name: 'said by', kind: 'who', sorts: who, cell: i => make('div', {}, ...who.map(role => D.roles[role].index[i] < 0 ? null : make('div', { class: `is-${role}` }, role === 'source' ? sourceOf(i) : D.roles[role].of(i)))) } : null,
    { name: 'statement', kind: 'text', sorts: ['statement'], cell: statement },
    ...D.axes.map(axis => ({ name: axis.name, kind: axis.one ? 'axis' : 'axis any', sorts: [axis.name], cell: i => chips(axis, i) })),
  ].filter(Boolean);
}

/** An address that may be followed: http and https only. */
function address(value) {
  try {
    const url = new URL(value);
    return ['http:', 'https:'].includes(url.protocol) ? url.href : null;
  } catch { return null; }
}

function sourceOf(i) {
  const name = D.roles.source.of(i), url = address(D.roles.url.of(i));
  return url ? make('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, name) : name;
}

function statement(i) {
  const quote = make('blockquote', {});
  quote.append(...marked(D.text[i], wanted(asked.query)));
  return quote;
}

/** Text with the words looked for marked. */
function marked(words, wants) {
  if (!wants.length) return [words];
  const plain = fold(words), spans = [];
  for (const want of wants) for (let at = plain.indexOf(want); at >= 0; at = plain.indexOf(want, at + want.length)) spans.push([at, at + want.length]);
  spans.sort((a, b) => a[0] - b[0]);
  const parts = [];
  let end = 0;
  for (const [from, to] of spans) {
    if (to <= end) continue;
    parts.push(words.slice(end, Math.max(from, end)), make('mark', {}, words.slice(Math.max(from, end), to)));
    end = to;
  }
  return [...parts, words.slice(end)];
}

/** Text with the words that carried a label: the more a word lends to it, the stronger its ground; words that speak against it are greyed. */
function weighted(words, why, weights) {
  const top = Math.max(FAINT, ...weights), parts = [];
  let end = 0;
  why.words.forEach(([from, to], k) => {
    const share = weights[k] / top;
    parts.push(words.slice(end, from));
    if (Math.abs(share) < 0.25) parts.push(words.slice(from, to));
    else {
      const word = make('span', { class: share > 0 ? 'carries' : 'hinders', title: `${(weights[k] / 100).toFixed(2)} log-odds` }, words.slice(from, to));
      word.style.setProperty('--share', `${Math.round(15 + 70 * Math.max(0, share))}%`);
      parts.push(word);
    }
    end = to;
  });
  return [...parts, words.slice(end)];
}

/** The labels of an axis: what was answered, how surely, and a mark where that is not sure. */
function chips(axis, i) {
  const labels = labelsOf(axis, i), list = make('ul', { class: 'chips' });
  const basis = axis.basis.of(i);
  labels.forEach((label, k) => {
    const confidence = axis.one ? axis.confidence[i] : axis.confidence[i][k] ?? -1;
    list.append(make('li', {}, chip(axis, i, label, confidence, basis)));
  });
  if (axis.one && !labels.length) list.append(make('li', {}, make('span', { class: 'chip doubt' }, 'unsure', ...sure(axis.confidence[i]))));
  for (const label of axis.doubted[i] ?? []) list.append(make('li', {}, make('span', { class: 'chip doubt', title: 'neither given nor ruled out' }, `${axis.labels[label]}?`)));
  return list.childElementCount ? list : make('span', { class: 'nothing' }, 'none');
}

const sure = confidence => confidence < 0 ? [] : [make('span', { class: 'sure' }, `${confidence}%`)];

function chip(axis, i, label, confidence, basis) {
  const name = axis.labels[label], doubt = confidence >= 0 && confidence < D.doubt;
  const weights = D.reasons[i]?.weights[axis.name]?.[name];
  const known = basis === 'roster';
  const title = [axis.definitions[label], known ? 'Given by the roster.' : '', weights ? 'The words that carried it are marked in the statement.' : ''].filter(Boolean).join(' ');
  const inside = [axis === D.colour ? make('span', { class: 'swatch', colour: colourOf(label) }) : null, make('span', { class: 'what' }, name), ...(doubt ? [make('span', { 'aria-hidden': 'true', class: 'query' }, '?'), make('span', { class: 'unseen' }, ' (uncertain)')] : []), ...(known ? [make('span', { class: 'sure' }, 'roster')] : sure(confidence))];
  const attributes = { class: `chip${doubt ? ' doubt' : ''}`, title: title || null };
  if (!weights) return make('span', attributes, ...inside);
  const best = weights.map((w, k) => [w, k]).filter(([w]) => w > 0).sort((a, b) => b[0] - a[0]).slice(0, 3).map(([, k]) => D.text[i].slice(...D.reasons[i].words[k]));
  const node = make('button', { ...attributes, type: 'button', 'aria-pressed': 'false' }, ...inside, make('span', { class: 'unseen' }, best.length ? `, carried by: ${best.join(', ')}` : ''));
  const quote = () => node.closest('tr').querySelector('blockquote');
  const show = () => quote().replaceChildren(...weighted(D.text[i], D.reasons[i], weights));
  const hide = () => { if (node.getAttribute('aria-pressed') === 'false' && document.activeElement !== node) quote().replaceChildren(...marked(D.text[i], wanted(asked.query))); };
  for (const event of ['pointerenter', 'focus']) node.addEventListener(event, show);
  for (const event of ['pointerleave', 'blur']) node.addEventListener(event, () => setTimeout(hide));
  node.addEventListener('click', () => {
    const on = node.getAttribute('aria-pressed') === 'false';
    for (const other of node.closest('tr').querySelectorAll('.chip[aria-pressed=true]')) other.setAttribute('aria-pressed', 'false');
    node.setAttribute('aria-pressed', String(on));
    show();
  });
  return node;
}

function row(i, place, columns) {
  const open = make('button', { type: 'button', class: 'open', 'aria-expanded': 'false', 'aria-label': `Details of statement ${number.format(place + 1)}` }, '+');
  const node = make('tr', { role: 'row', tabindex: '-1', 'data-row': i, colour: D.colour && D.colour.values[i] >= 0 ? colourOf(D.colour.values[i]) : null },
    ...columns.map(column => make('td', { role: 'cell', class: column.kind }, column.cell(i))),
    make('td', { role: 'cell', class: 'opener' }, open));
  open.addEventListener('click', () => unfold(node, open));
  return node;
}

/** Everything else a row came with, under it. */
function unfold(node, open) {
  const shown = open.getAttribute('aria-expanded') === 'true';
  open.setAttribute('aria-expanded', String(!shown));
  open.textContent = shown ? '+' : '−';
  if (shown) { node.nextElementSibling.remove(); return; }
  const i = +node.dataset.row, list = make('dl', {});
  const add = (name, value) => { if (value || value === 0) list.append(make('div', {}, make('dt', {}, name), make('dd', {}, value))); };
  for (const axis of D.axes) {
    const said = labelsOf(axis, i).map((label, k) => { const c = axis.one ? axis.confidence[i] : axis.confidence[i][k] ?? -1; return axis.labels[label] + (c >= 0 ? ` ${c}%` : ''); });
    add(axis.name, (said.join(', ') || (axis.one ? 'unsure' : 'none')) + (axis.basis.of(i) ? ` (by the ${axis.basis.of(i)})` : ''));
  }
  for (const field of D.fields) {
    const value = field.of(i), url = field.name === 'url' ? address(value) : null;
    add(field.name, url ? make('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, value) : value);
  }
  node.after(make('tr', { role: 'row', class: 'details' }, make('td', { role: 'cell', colspan: node.childElementCount }, list)));
}

function heads(columns) {
  const button = key => make('button', { type: 'button', 'data-key': key, onclick: () => order(key, view.key === key && !view.down) }, key, make('span', { class: 'arrow', 'aria-hidden': 'true' }));
  el('heads').replaceChildren(...columns.map(column => make('th', { scope: 'col', role: 'columnheader', class: column.kind }, ...column.sorts.map(button))), make('th', { role: 'columnheader', class: 'opener' }, make('span', { class: 'unseen' }, 'details')));
  const ways = key => key === 'date' ? [['date', true, 'latest first'], ['date', false, 'earliest first']] : [[key, false, D.axes.some(axis => axis.name === key) ? key : `${key}, A to Z`]];
  const choices = [...columns.flatMap(column => column.sorts.flatMap(ways)), ...(D.confident ? [['confidence', false, 'least certain first'], ['confidence', true, 'most certain first']] : []), ['', false, 'as in the files']];
  el('sort').replaceChildren(...choices.map(([key, down, name]) => make('option', { value: `${key}|${down}` }, name)));
  el('sort').addEventListener('change', () => { const [key, down] = el('sort').value.split('|'); order(key, down === 'true'); });
}

function order(key, down) {
  Object.assign(view, { key, down, page: 0 });
  view.rows = sorted(found.rows, key, down);
  renderTable();
  say(`Ordered by ${key || 'place in the files'}, ${down ? 'descending' : 'ascending'}.`);
}

function renderTable(all = false) {
  const columns = tableColumns(), pages = Math.max(1, Math.ceil(view.rows.length / view.size));
  view.page = Math.max(0, Math.min(view.page, pages - 1));
  const from = all ? 0 : view.page * view.size, to = all ? PRINTED : from + view.size;
  const rows = Array.from(view.rows.subarray(from, to), (i, k) => row(i, from + k, columns));
  rows[0]?.setAttribute('tabindex', '0');
  el('rows').replaceChildren(...rows);
  for (const button of el('heads').querySelectorAll('button')) button.classList.toggle('sorts', button.dataset.key === view.key);
  for (const head of el('heads').children) if (head.querySelector('button')) head.setAttribute('aria-sort', head.querySelector('.sorts') ? (view.down ? 'descending' : 'ascending') : 'none');
  const value = `${view.key}|${view.down}`;
  if ([...el('sort').options].some(option => option.value === value)) el('sort').value = value; else el('sort').selectedIndex = -1;
  const none = view.rows.length === 0;
  el('none').hidden = !none;
  el('table').hidden = el('pages').hidden = none;
  el('previous').disabled = view.page === 0;
  el('next').disabled = view.page === pages - 1;
  el('place').textContent = `${number.format(from + 1)}–${number.format(Math.min(from + view.size, view.rows.length))} of ${number.format(view.rows.length)}`;
  el('cut').hidden = !(all && view.rows.length > PRINTED);
  el('cut').textContent = `The first ${number.format(PRINTED)} of ${count(view.rows.length)} are printed.`;
}

/** Turn pages; the keyboard goes to the first row, or the last one when it came from below. */
function turn(by, focus = null) {
  const was = view.page;
  view.page += by;
  renderTable();
  if (view.page === was) return;
  if (focus) toRow(focus === 'last' ? el('rows').lastElementChild : el('rows').firstElementChild);
  else el('statements').scrollIntoView({ block: 'start' });
}

function toRow(node) {
  el('rows').querySelector('tr[tabindex="0"]')?.setAttribute('tabindex', '-1');
  node.setAttribute('tabindex', '0');
  node.focus();
}

function rowKeys(event) {
  const node = event.target.closest('tr[data-row]');
  if (!node || event.target !== node) return;
  const all = [...el('rows').querySelectorAll('tr[data-row]')], here = all.indexOf(node);
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) {
    const there = all[here + moves[event.key]];
    if (there) toRow(there); else turn(moves[event.key], event.key === 'ArrowUp' ? 'last' : 'first');
  } else if (event.key === 'Home') toRow(all[0]);
  else if (event.key === 'End') toRow(all[all.length - 1]);
  else if (event.key === 'PageDown') turn(1, 'first');
  else if (event.key === 'PageUp') turn(-1, 'first');
  else if (event.key === 'Enter') node.querySelector('.open').click();
  else return;
  event.preventDefault();
}
