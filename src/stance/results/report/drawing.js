// The charts, drawn as SVG at the width there is; every mark can be chosen with mouse, finger or keyboard.

const FEW = 10; // shares of fewer statements than this are drawn hollow
let follow = false; // whether charts count only the statements found
let everyone; // a pass for every statement
const counted = () => follow ? found.passed : everyone;

/** Marks of a figure: one stop for the Tab key, arrow keys between them. */
function mark(node, said, isOn, choose) {
  node.classList.add('mark');
  for (const [name, value] of Object.entries({ role: 'button', tabindex: '-1', 'aria-label': said })) node.setAttribute(name, value);
  node.isOn = isOn;
  node.addEventListener('click', choose);
  node.addEventListener('keydown', event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(); } });
  const show = () => tip(node, said);
  for (const name of ['pointerenter', 'focus']) node.addEventListener(name, show);
  for (const name of ['pointerleave', 'blur']) node.addEventListener(name, () => tip(null));
  return node;
}

function tip(node, said) {
  const box = el('tip');
  box.hidden = !node;
  if (!node) return;
  box.textContent = said;
  const at = node.getBoundingClientRect(), size = box.getBoundingClientRect();
  box.style.left = `${Math.max(4, Math.min(innerWidth - size.width - 4, at.left + at.width / 2 - size.width / 2))}px`;
  box.style.top = `${at.top - size.height - 6 > 0 ? at.top - size.height - 6 : at.bottom + 6}px`;
}

function roam(figure) {
  const marks = () => [...figure.querySelectorAll('.mark')];
  figure.addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const all = marks(), here = all.indexOf(event.target);
    if (here < 0 || (!step && event.key !== 'Home' && event.key !== 'End')) return;
    event.preventDefault();
    const there = all[step ? Math.max(0, Math.min(all.length - 1, here + step)) : event.key === 'Home' ? 0 : all.length - 1];
    all[here].setAttribute('tabindex', '-1');
    there.setAttribute('tabindex', '0');
    there.focus();
  });
}

/** A figure with title, note, drawing and the same figures as a table; `draw(plot, width)` returns {note, rows}. */
function figure(title, draw, controls = null) {
  const note = make('p', { class: 'note' }), plot = make('div', { class: 'plot' }), table = make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${title}: figures` });
  const details = make('details', { class: 'figures' }, make('summary', {}, 'The figures as a table'), table);
  const id = `figure-${document.querySelectorAll('figure').length}`;
  const node = make('figure', { 'aria-labelledby': id }, make('figcaption', {}, make('h3', { id }, title), note), ...(controls ? [controls] : []), plot, details);
  let rows = [];
  const fill = () => { if (details.open && rows.length) table.replaceChildren(plainTable(rows)); };
  details.addEventListener('toggle', fill);
  node.redraw = () => {
    const drawn = draw(plot, plot.clientWidth);
    note.textContent = drawn.note;
    rows = drawn.rows;
    details.hidden = !rows.length;
    fill();
    plot.querySelector('.mark')?.setAttribute('tabindex', '0');
  };
  roam(node);
  return node;
}

function plainTable([heads, ...rows]) {
  return make('table', {},
    make('thead', {}, make('tr', {}, ...heads.map(head => make('th', { scope: 'col' }, head)))),
    make('tbody', {}, ...rows.map(row => make('tr', {}, ...row.map((cell, k) => k ? make('td', {}, `${cell}`) : make('th', { scope: 'row' }, `${cell}`))))));
}

const text = (x, y, words, attributes = {}) => make('svg:text', { x, y, ...attributes }, words);
const svg = (width, height, said) => make('svg:svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': said });
const ofWhom = () => D.colour ? `each ${D.colour.name}’s statements` : 'all statements';

function shape(k, x, y, r, attributes) {
  const points = [null, null, [[0, -1.25], [1.2, 0.9], [-1.2, 0.9]], [[0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]]][k % 4];
  if (k % 4 === 0) return make('svg:circle', { cx: x, cy: y, r, ...attributes });
  if (k % 4 === 1) return make('svg:rect', { x: x - r * 0.9, y: y - r * 0.9, width: r * 1.8, height: r * 1.8, ...attributes });
  return make('svg:path', { d: `M${points.map(([dx, dy]) => `${x + dx * r},${y + dy * r}`).join('L')}Z`, ...attributes });
}

function ask(side, axis, label, dates) {
  if (D.colour && side !== null) asked.labels.set(D.colour.name, new Set([side]));
  if (axis && label !== null && axis !== D.colour) asked.labels.set(axis.name, new Set([label]));
  if (dates) [asked.from, asked.to] = dates;
  changed();
}
const asks = (axis, label) => asked.labels.get(axis.name)?.size === 1 && asked.labels.get(axis.name).has(label);

/** Bars: the share of each side's statements that has each label. */
function drawShares(axis) {
  return (plot, width) => {
    const { n, counts, left } = shares(axis, counted()), groups = sides().filter(group => n[group.key ?? 0]);
    plot.replaceChildren();
    const note = `Share of ${ofWhom()}, and how many they are.${axis.one ? '' : ' A statement may have several labels.'} n = ${number.format(n.reduce((a, b) => a + b, 0))}${left ? `; ${count(left)} with an unsure answer not counted` : ''}.`;
    if (!groups.length) { plot.append(make('p', { class: 'empty' }, 'No statements to count here.')); return { note: '', rows: [] }; }
    const share = (label, group) => counts[label][group.key ?? 0] / n[group.key ?? 0];
    const most = Math.max(...axis.labels.flatMap((_, label) => groups.map(group => share(label, group))));
    const steps = ticks(Math.min(1, most)), top = steps[steps.length - 1];
    const beside = width >= 440, bar = 13, row = groups.length * (bar + 3) + (beside ? 14 : 32);
    const x0 = beside ? Math.min(170, 18 + 7.4 * Math.max(...axis.labels.map(name => name.length))) : 1, x1 = width - 96, height = axis.labels.length * row + 40;
    const x = value => x0 + (x1 - x0) * value / top;
    const drawing = svg(width, height, `${axis.name}: share of ${ofWhom()}`);
    for (const step of steps) {
      drawing.append(make('svg:line', { class: step ? 'grid' : 'base', x1: x(step), x2: x(step), y1: 2, y2: height - 38 }), text(x(step), height - 23, percent(step), { class: 'tick', 'text-anchor': step || beside ? 'middle' : 'start' }));
    }
    drawing.append(text(x0, height - 5, `share of ${ofWhom()}`, { class: 'axis' }));
    axis.labels.forEach((name, label) => {
      const y = label * row + (beside ? 6 : 22);
      drawing.append(beside ? text(x0 - 10, y + groups.length * (bar + 3) / 2 + 3, name, { class: 'label', 'text-anchor': 'end' }) : text(x0, y - 7, name, { class: 'label' }));
      groups.forEach((group, k) => {
        const side = group.key ?? 0, value = share(label, group), top = y + k * (bar + 3), many = counts[label][side];
        const node = make('svg:g', { colour: colourOf(side) },
          make('svg:rect', { class: 'reach', x: x0, y: top - 1.5, width: width - x0, height: bar + 3 }),
          make('svg:rect', { class: 'bar', x: x0, y: top, width: Math.max(many ? 1.5 : 0, x(value) - x0), height: bar }),
          text(x(value) + 6, top + bar - 2.5, percent(value), { class: 'value' }),
          text(x(value) + 42, top + bar - 2.5, number.format(many), { class: 'many' }));
        const said = `${name}${D.colour ? `, ${group.name}` : ''}: ${percent(value)} (${number.format(many)} of ${number.format(n[side])})`;
        drawing.append(mark(node, said, () => asks(axis, label) && (!D.colour || asks(D.colour, group.key)), () => ask(group.key, axis, label)));
      });
    });
    plot.append(drawing);
    const rows = [[axis.name, ...groups.flatMap(group => [`${group.name} (n = ${number.format(n[group.key ?? 0])})`, `${group.name}, share`])], ...axis.labels.map((name, label) => [name, ...groups.flatMap(group => [number.format(counts[label][group.key ?? 0]), percent(share(label, group))])])];
    return { note, rows };
  };
}

/** Small panels, one a label, with a line a side; the first shows how many statements there are. */
function drawTime(axis) {
  return (plot, width) => {
    const time = bins(counted());
    plot.replaceChildren();
    if (!time) { plot.append(make('p', { class: 'empty' }, 'These statements have no dates that lie apart, so there is nothing to draw over time.')); return { note: '', rows: [] }; }
    const { n, counts, left, all } = sharesInTime(axis, counted(), time);
    const groups = sides().filter(group => n.some(bin => bin[group.key ?? 0]));
    const share = (label, bin, side) => counts[label][bin][side] / n[bin][side];
    const across = Math.max(1, Math.min(3, Math.floor(width / 300))), w = Math.floor((width - (across - 1) * 20) / across), h = 176;
    const [x0, x1, y0, y1] = [38, w - 8, h - 26, 8];
    const x = bin => x0 + (x1 - x0) * (bin + 0.5) / time.n;
    const every = Math.max(1, Math.ceil(time.n / Math.max(2, Math.floor((x1 - x0) / 62))));
    const panel = (title, steps, written, fill) => {
      const y = value => y0 - (y0 - y1) * value / steps[steps.length - 1];
      const drawing = svg(w, h, title);
      for (const step of steps) drawing.append(make('svg:line', { class: step ? 'grid' : 'base', x1: x0, x2: x1, y1: y(step), y2: y(step) }), text(x0 - 5, y(step) + 4, written(step), { class: 'tick', 'text-anchor': 'end' }));
      for (let bin = 0; bin < time.n; bin += every) {
        if (time.n - 1 - bin < every / 2 && bin && x(bin) + 20 > w) continue;
        drawing.append(make('svg:line', { class: 'base', x1: x(bin), x2: x(bin), y1: y0, y2: y0 + 4 }), text(x(bin), h - 8, binName(time.span, time.low + bin, true), { class: 'tick', 'text-anchor': 'middle' }));
      }
      fill(drawing, y);
      panels.append(make('div', { class: 'panel' }, make('h4', {}, title), drawing));
    };
    const panels = make('div', { class: 'panels' });
    panels.style.setProperty('--across', across);
    const totals = n.map(bin => bin.reduce((a, b) => a + b, 0));
    panel('statements (number)', ticks(Math.max(...totals), 3), step => number.format(step), (drawing, y) => {
      const wide = Math.max(1.5, Math.min(26, (x1 - x0) / time.n - 1.5));
      totals.forEach((_, bin) => {
        let below = 0;
        for (const group of groups) {
          const many = n[bin][group.key ?? 0];
          if (!many) continue;
          const node = make('svg:g', { colour: colourOf(group.key ?? 0) }, make('svg:rect', { class: 'bar', x: x(bin) - wide / 2, y: y(below + many), width: wide, height: Math.max(0.5, y(below) - y(below + many)) }));
          below += many;
          const dates = binDates(time.span, time.low + bin);
          drawing.append(mark(node, `${binName(time.span, time.low + bin)}${D.colour ? `, ${group.name}` : ''}: ${count(many)}`, () => asked.from === dates[0] && asked.to === dates[1] && (!D.colour || asks(D.colour, group.key)), () => ask(group.key, null, null, dates)));
        }
      });
    });
    const highest = least => Math.max(0, ...axis.labels.flatMap((_, label) => n.flatMap((bin, k) => groups.map(group => bin[group.key ?? 0] >= least ? share(label, k, group.key ?? 0) : 0))));
    const allFew = !highest(FEW), steps = ticks(Math.min(1, highest(allFew ? 1 : FEW))), top = steps[steps.length - 1];
    const height = (label, bin, side) => Math.min(top, share(label, bin, side)); // a share of few may lie beyond the scale: drawn at its edge
    axis.labels.forEach((name, label) => panel(`${name} (share)`, steps, percent, (drawing, y) => {
      for (const group of groups) {
        const side = group.key ?? 0, lines = make('svg:g', { colour: colourOf(side) });
        drawing.append(lines);
        let before = null;
        n.forEach((bin, k) => {
          if (!bin[side]) { before = null; return; }
          const at = [x(k), y(height(label, k, side))], few = bin[side] < FEW;
          if (before && (allFew || !(few || before.few))) lines.append(make('svg:line', { class: allFew ? 'line faint' : 'line', x1: before.at[0], y1: before.at[1], x2: at[0], y2: at[1] }));
          before = { at, few };
        });
      }
      n.forEach((bin, k) => groups.forEach(group => { // marks after all lines, in order of time
        const side = group.key ?? 0;
        if (!bin[side]) return;
        const dates = binDates(time.span, time.low + k), px = x(k), py = y(height(label, k, side));
        const node = make('svg:g', { colour: colourOf(side), class: bin[side] < FEW ? 'few' : '' }, make('svg:circle', { class: 'reach', cx: px, cy: py, r: 7 }), shape(side, px, py, time.n > 30 ? 2.8 : 3.6, { class: 'point' }));
        const said = `${name}${D.colour ? `, ${group.name}` : ''}, ${binName(time.span, time.low + k)}: ${percent(share(label, k, side))} (${number.format(counts[label][k][side])} of ${number.format(bin[side])})`;
        drawing.append(mark(node, said, () => asked.from === dates[0] && asked.to === dates[1] && asks(axis, label) && (!D.colour || asks(D.colour, group.key)), () => ask(group.key, axis, label, dates)));
      }));
    }));
    plot.append(panels);
    const total = totals.reduce((a, b) => a + b, 0), other = all - total - left;
    const apart = [time.apart, left && `${number.format(left)} with an unsure answer`, other - (parseInt(time.apart.replaceAll(',', ''), 10) || 0) > 0 && 'those without a date, or with too coarse a one'].filter(Boolean);
    const note = `Share of ${ofWhom()} in each ${time.span.name}, with its number first. Hollow: fewer than ${FEW} statements, so the share says little; beyond the scale it lies at the edge. n = ${number.format(total)}${all > total ? `; ${number.format(all - total)} not drawn (${apart.join('; ')})` : ''}.`;
    const rows = [[time.span.name, ...(D.colour ? [D.colour.name] : []), 'n', ...axis.labels]];
    n.forEach((bin, k) => groups.forEach(group => { if (bin[group.key ?? 0]) rows.push([binName(time.span, time.low + k), ...(D.colour ? [group.name] : []), bin[group.key ?? 0], ...axis.labels.map((_, label) => percent(share(label, k, group.key ?? 0)))]); }));
    return { note, rows };
  };
}

/** Who speaks most, and how: a table whose cells are bars. */
function drawSpeakers(axis, state) {
  return plot => {
    const column = state.column, all = speakers(column, axis, counted()), shown = all.slice(0, state.most), most = Math.max(1, ...shown.map(one => one.n));
    plot.replaceChildren();
    if (!all.length) { plot.append(make('p', { class: 'empty' }, 'Nobody is named in these statements.')); return { note: '', rows: [] }; }
    const asksFor = name => asked.columns.get(column.name) === name;
    const cell = (one, label) => {
      const share = one.sure ? one.labels[label] / one.sure : 0, main = one.sides.indexOf(Math.max(...one.sides));
      if (!one.labels[label]) return make('td', {}, make('span', { class: 'cell' }, make('span', { class: 'track' }), make('span', { class: 'unseen' }, '0%')));
      const button = make('button', { type: 'button', class: 'cell', colour: colourOf(main) }, make('span', { class: 'track' }, make('span', { class: 'fill', 'width%': 100 * share })), make('span', { class: 'number' }, percent(share)));
      return make('td', {}, mark(button, `${one.name}, ${axis.labels[label]}: ${percent(share)} (${number.format(one.labels[label])} of ${number.format(one.sure)})`, () => asksFor(one.name) && asks(axis, label), () => { asked.columns.set(column.name, one.name); ask(null, axis, label); }));
    };
    const rows = shown.map(one => make('tr', {},
      make('th', { scope: 'row' }, mark(make('button', { type: 'button', class: 'name' }, one.name), `${one.name}: find the statements`, () => asksFor(one.name) && !asked.labels.has(axis.name), () => { asked.columns.set(column.name, one.name); changed(); })),
      make('td', { class: 'n' }, make('span', { class: 'stack', 'aria-hidden': 'true' }, ...[...one.sides].map((many, side) => many ? make('span', { class: 'fill', colour: colourOf(side), 'width%': 100 * many / most }) : null)), make('span', { class: 'number' }, number.format(one.n))),
      ...axis.labels.map((_, label) => cell(one, label))));
    const table = make('table', { class: 'speakers' },
      make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, column.name), make('th', { scope: 'col', class: 'n' }, 'statements'), ...axis.labels.map(name => make('th', { scope: 'col' }, name)))), make('tbody', {}, ...rows));
    table.style.setProperty('--labels', axis.labels.length);
    plot.append(table);
    if (all.length > shown.length) plot.append(make('button', { type: 'button', class: 'more', onclick: () => { state.most += 15; state.redraw(); } }, `Show ${Math.min(15, all.length - shown.length)} more of ${number.format(all.length)}`));
    const named = all.reduce((sum, one) => sum + one.n, 0);
    return { note: `The ${shown.length} with most statements of ${number.format(all.length)}; ${axis.name} as a share of the ${column.name}’s statements, in the colour of ${D.colour ? `its commonest ${D.colour.name}` : 'all'}. n = ${number.format(named)}.`, rows: [] };
  };
}
