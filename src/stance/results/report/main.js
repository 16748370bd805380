// Joining it up: filters, what is in force, the spreadsheet, light and dark, paper.

const say = words => { el('said').textContent = words; };

function facets() {
  const boxes = D.axes.map(axis => make('fieldset', { 'data-axis': axis.name, title: axis.question || null }, make('legend', {}, axis.name), ...options(axis).map(option => {
    const input = make('input', { type: 'checkbox', value: option.key, onchange: () => { choose(axis, option.key); changed(); } });
    const special = typeof option.key === 'string';
    return make('label', { title: special ? null : axis.definitions[option.key] || null, class: special ? 'special' : null }, input, axis === D.colour && !special ? make('span', { class: 'swatch', colour: colourOf(option.key) }) : null, make('span', { class: 'option' }, option.name), make('span', { class: 'many' }));
  })));
  const dates = D.roles.date.values;
  if (dates.length > 1) {
    const field = (name, key) => make('label', { class: 'date' }, name, make('input', { type: 'text', inputmode: 'numeric', maxlength: 10, pattern: '\\d{4}(-\\d\\d(-\\d\\d)?)?', placeholder: key === 'from' ? dates[0] : dates[dates.length - 1], 'data-date': key, onchange: event => {
      const ok = event.target.checkValidity();
      event.target.setAttribute('aria-invalid', String(!ok));
      if (!ok) { say('A date is a year, a month or a day: 2023, 2023-05 or 2023-05-02.'); return; }
      asked[key] = event.target.value;
      changed();
    } }));
    boxes.push(make('fieldset', {}, make('legend', {}, 'date'), field('from', 'from'), field('to', 'to'), make('p', { class: 'hint' }, 'as 2023, 2023-05 or 2023-05-02')));
  }
  if (D.confident || D.axes.some(axis => axis.unsure)) {
    const choices = [['all', 'all'], ['certain', 'no uncertain answer'], ['uncertain', 'an uncertain answer']];
    boxes.push(make('fieldset', {}, make('legend', {}, 'certainty'), ...choices.map(([value, name]) => make('label', {}, make('input', { type: 'radio', name: 'certainty', value, onchange: () => { asked.certainty = value; changed(); } }), make('span', { class: 'option' }, name)))));
  }
  el('facets').replaceChildren(...boxes);
}

function showFacets() {
  for (const box of el('facets').querySelectorAll('[data-axis]')) {
    const counts = found.facets.get(box.dataset.axis), chosen = asked.labels.get(box.dataset.axis);
    for (const input of box.querySelectorAll('input')) {
      const key = /^\d+$/.test(input.value) ? +input.value : input.value;
      input.checked = chosen?.has(key) ?? false;
      input.parentElement.querySelector('.many').textContent = number.format(counts.get(key));
    }
  }
  for (const input of el('facets').querySelectorAll('[data-date]')) input.value = asked[input.dataset.date];
  for (const input of el('facets').querySelectorAll('[name=certainty]')) input.checked = input.value === asked.certainty;
  if (wanted(el('query').value).join() !== wanted(asked.query).join()) el('query').value = asked.query;
}

/** What is in force, each with a button that lifts it. */
function tokens() {
  const all = [];
  const add = (name, lift) => all.push(make('button', { type: 'button', class: 'token', onclick: () => { lift(); changed(); } }, make('span', { class: 'unseen' }, 'Lift: '), make('span', { class: 'what' }, name), make('span', { 'aria-hidden': 'true' }, ' ×')));
  if (asked.query.trim()) add(`“${asked.query.trim()}”`, () => { asked.query = ''; });
  for (const axis of D.axes) for (const key of asked.labels.get(axis.name) ?? []) add(typeof key === 'string' ? `${axis.name}: ${key}` : axis.labels[key], () => choose(axis, key));
  for (const [name, value] of asked.columns) add(value, () => asked.columns.delete(name));
  if (asked.from || asked.to) add(asked.from === asked.to ? asked.from : `${asked.from || '…'} to ${asked.to || '…'}`, () => { asked.from = asked.to = ''; });
  if (asked.certainty !== 'all') add(asked.certainty === 'certain' ? 'no uncertain answer' : 'an uncertain answer', () => { asked.certainty = 'all'; });
  return all;
}

/** Look again and show what is found; called whenever something else is asked. */
function changed() {
  look();
  view.page = 0;
  view.rows = sorted(found.rows, view.key, view.down);
  const words = anyAsked() ? `${number.format(found.rows.length)} of ${count(D.n)}` : count(D.n);
  el('count').textContent = words;
  el('bar-count').textContent = words;
  el('bar').hidden = !anyAsked();
  document.body.classList.toggle('asking', anyAsked());
  for (const box of document.querySelectorAll('[data-picked]')) box.replaceChildren(...tokens());
  showFacets();
  renderTable();
  if (follow) redraw(); else showChosen();
}

const figures = [];
function showChosen() {
  for (const node of document.querySelectorAll('.mark')) node.setAttribute('aria-pressed', String(Boolean(node.isOn?.())));
}
function redraw() {
  const focused = document.activeElement?.closest?.('.mark')?.getAttribute('aria-label');
  for (const node of figures) node.redraw();
  legend();
  showChosen();
  if (focused) [...document.querySelectorAll('.mark')].find(node => node.getAttribute('aria-label') === focused)?.focus();
}

function legend() {
  el('legend').hidden = !D.colour;
  if (!D.colour) return;
  const counts = new Int32Array(D.colour.labels.length), passed = counted();
  let unsure = 0;
  for (let i = 0; i < D.n; i++) if (passed[i]) { if (D.colour.values[i] === UNSURE) unsure++; else counts[D.colour.values[i]]++; }
  const entries = D.colour.labels.map((name, k) => {
    const picture = make('svg:svg', { width: 30, height: 14, 'aria-hidden': 'true', colour: colourOf(k) }, make('svg:rect', { class: 'bar', x: 0, y: 1, width: 12, height: 12 }), shape(k, 22, 7, 4.6, { class: 'point' }));
    return make('li', {}, picture, make('span', {}, name), make('span', { class: 'many' }, `n = ${number.format(counts[k])}`));
  });
  if (unsure) entries.push(make('li', {}, make('span', {}, 'unsure'), make('span', { class: 'many' }, `${number.format(unsure)}, counted apart`)));
  el('legend').replaceChildren(...entries);
}

function charts() {
  const rest = D.axes.filter(axis => axis !== D.colour), drawn = rest.length ? rest : D.axes, by = D.colour && rest.length ? ` by ${D.colour.name}` : '';
  const capital = name => name[0].toUpperCase() + name.slice(1);
  const pair = make('div', { class: 'pair' });
  for (const axis of drawn) pair.append(figure(capital(axis.name) + by, drawShares(axis)));
  el('figures').append(pair);
  const dated = D.roles.date.values.length > 1;
  for (const axis of drawn) if (dated && (axis.one || drawn.every(a => !a.one))) el('figures').append(figure(`${capital(axis.name)}${by} over time`, drawTime(axis)));
  if (!dated) el('figures').append(make('p', { class: 'notice' }, D.roles.date.values.length ? 'All dated statements have the same date, so nothing is drawn over time.' : 'These statements have no dates, so nothing is drawn over time. A field named date (2023, 2023-05 or 2023-05-02) would give them.'));
  const axis = drawn.find(a => a.one) ?? drawn[0];
  if (D.groups.length) {
    const state = { column: D.groups[0], most: 15 };
    const select = make('select', { 'aria-label': 'Count by', onchange: () => { state.column = D.groups[+select.value]; state.most = 15; state.redraw(); } }, ...D.groups.map((column, k) => make('option', { value: k }, column.name)));
    const node = figure(D.roles.speaker.values.length ? 'Who speaks most, and how' : 'Where most is said, and how', drawSpeakers(axis, state), D.groups.length > 1 ? make('label', { class: 'by' }, 'Count by ', select) : null);
    state.redraw = () => { node.redraw(); showChosen(); };
    el('figures').append(node);
  } else el('figures').append(make('p', { class: 'notice' }, 'No speakers or sources are named in these statements.'));
  figures.push(...document.querySelectorAll('figure'));
}

/** A cell that no spreadsheet runs as a formula, as in the program's own CSV. */
function safe(value) {
  const cell = /^[\s\x00-\x1f\x85]*[=+\-@]|^[\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function csv() {
  const hundredths = c => (c / 100).toFixed(2), heads = ['text'], cells = [i => D.text[i]];
  for (const axis of D.axes) {
    heads.push(axis.name);
    cells.push(axis.one ? i => axis.values[i] === UNSURE ? 'unsure' : axis.labels[axis.values[i]] : i => `[${axis.values[i].map(label => JSON.stringify(axis.labels[label])).join(', ')}]`);
    if (D.confident) {
      heads.push(`${axis.name}_confidence`);
      cells.push(axis.one ? i => axis.confidence[i] < 0 ? '' : hundredths(axis.confidence[i]) : i => `[${axis.confidence[i].map(hundredths).join(', ')}]`);
    }
    if (axis.basis.values.length) { heads.push(`${axis.name}_basis`); cells.push(i => axis.basis.of(i)); }
  }
  for (const field of D.fields) { heads.push(field.name); cells.push(i => field.of(i)); }
  const lines = [heads.map(safe).join(',')];
  for (const i of view.rows) lines.push(cells.map(cell => safe(cell(i))).join(','));
  return lines.join('\r\n') + '\r\n';
}

async function copy() {
  const words = csv();
  try { await navigator.clipboard.writeText(words); } catch {
    const box = make('textarea', { class: 'unseen' }, words);
    document.body.append(box);
    box.select();
    document.execCommand('copy');
    box.remove();
  }
  say(`${count(view.rows.length)} copied.`);
  el('copy').textContent = 'Copied';
  setTimeout(() => { el('copy').textContent = 'Copy as CSV'; }, 1500);
}

function save() {
  // The mark at its head tells spreadsheets that it is UTF-8.
  const link = make('a', { href: URL.createObjectURL(new Blob(['\ufeff', csv()], { type: 'text/csv;charset=utf-8' })), download: 'statements.csv' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  say(`${count(view.rows.length)} saved as statements.csv.`);
}

function theme() {
  const root = document.documentElement.style, button = el('theme'), system = matchMedia('(prefers-color-scheme: dark)');
  let chosen = null;
  try { chosen = localStorage.getItem('stance-report-theme'); } catch { /* a browser may forbid it; then it is not kept */ }
  const show = () => {
    const dark = chosen ? chosen === 'dark' : system.matches;
    root.colorScheme = chosen ?? '';
    button.textContent = dark ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Switch to ${dark ? 'light' : 'dark'} colours`);
  };
  button.addEventListener('click', () => {
    chosen = button.textContent.toLowerCase();
    try { localStorage.setItem('stance-report-theme', chosen); } catch { /* as above */ }
    show();
  });
  system.addEventListener('change', show);
  show();
}

function paper() {
  const main = el('main');
  addEventListener('beforeprint', () => {
    main.classList.add('printing'); // the width of paper, so that charts are drawn for it and not shrunk to it
    redraw();
    renderTable(true);
  });
  addEventListener('afterprint', () => { main.classList.remove('printing'); redraw(); renderTable(); });
}

function later(wait, act) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(act, wait); };
}

async function start() {
  theme();
  try { prepare(await unpacked()); } catch (error) {
    el('loading').textContent = typeof DecompressionStream === 'undefined' ? 'This browser is too old for the page; one of 2023 or later shows it.' : `The statements in this page cannot be read (${error.message}).`;
    return;
  }
  everyone = new Uint8Array(D.n).fill(1);
  document.body.append(make('div', { id: 'tip', hidden: true, 'aria-hidden': 'true' }));
  facets();
  heads(tableColumns());
  Object.assign(view, D.roles.date.values.length ? { key: 'date', down: true } : { key: '', down: false });
  for (const id of ['charts', 'statements']) el(id).hidden = false;
  const wide = matchMedia('(min-width: 960px)'), spread = () => { el('more-filters').open = wide.matches; };
  wide.addEventListener('change', spread);
  spread();
  charts();
  changed();
  redraw();
  el('loading').hidden = true;
  el('query').addEventListener('input', later(150, () => { asked.query = el('query').value; changed(); }));
  el('filters').addEventListener('submit', event => event.preventDefault());
  for (const input of el('follow').querySelectorAll('input')) input.addEventListener('change', () => { follow = el('follow').querySelector('[value=found]').checked; redraw(); });
  for (const button of document.querySelectorAll('[data-clear]')) button.addEventListener('click', () => { clearAsked(); changed(); say('Filters cleared.'); el('query').focus({ preventScroll: true }); });
  el('previous').addEventListener('click', () => turn(-1));
  el('next').addEventListener('click', () => turn(1));
  el('size').addEventListener('change', () => { view.size = +el('size').value; view.page = 0; renderTable(); });
  el('rows').addEventListener('keydown', rowKeys);
  el('copy').addEventListener('click', copy);
  el('save').addEventListener('click', save);
  addEventListener('keydown', event => {
    if (event.key === 'Escape' && !el('tip').hidden) tip(null);
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) { event.preventDefault(); el('query').focus(); }
  });
  new IntersectionObserver(([entry]) => el('bar').classList.toggle('away', entry.isIntersecting), { rootMargin: '-40% 0px -40% 0px' }).observe(el('statements'));
  paper();
  let width = innerWidth;
  addEventListener('resize', later(120, () => { if (innerWidth !== width) { width = innerWidth; redraw(); } }));
  (globalThis.requestIdleCallback ?? setTimeout)(index);
  document.documentElement.dataset.ready = String(Math.round(performance.now())); // milliseconds from opening to use
}

start();
