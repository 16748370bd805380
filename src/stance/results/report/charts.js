// Counting for the charts: which bins, which shares. Drawing is in drawing.js.

const SPANS = [ // the finest first; `at` gives a date's bin number, `from` the first day of a bin
  { name: 'day', needs: 10 }, { name: 'week', needs: 10 }, { name: 'month', needs: 7 }, { name: 'quarter', needs: 7 },
  { name: 'year', needs: 4, years: 1 }, { name: 'five-year span', needs: 4, years: 5 }, { name: 'decade', needs: 4, years: 10 }, { name: 'quarter century', needs: 4, years: 25 }, { name: 'century', needs: 4, years: 100 },
];
const MOST_BINS = 48, PER_BIN = 30, DAY = 86400000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayNumber = date => Math.floor(Date.UTC(+date.slice(0, 4), +date.slice(5, 7) - 1, +date.slice(8, 10)) / DAY);

function binOf(span, date) {
  if (date.length < span.needs) return null;
  const year = +date.slice(0, 4), month = +date.slice(5, 7) - 1;
  if (span.years) return Math.floor(year / span.years);
  if (span.name === 'quarter') return year * 4 + Math.floor(month / 3);
  if (span.name === 'month') return year * 12 + month;
  return span.name === 'week' ? Math.floor((dayNumber(date) + 3) / 7) : dayNumber(date); // weeks begin on Monday
}

function binName(span, bin, short = false) {
  if (span.years) return span.years === 1 ? `${bin}` : short ? `${bin * span.years}` : `${bin * span.years}–${bin * span.years + span.years - 1}`;
  if (span.name === 'quarter') return `${Math.floor(bin / 4)} Q${bin % 4 + 1}`;
  if (span.name === 'month') return `${MONTHS[bin % 12]} ${Math.floor(bin / 12)}`;
  const day = new Date((span.name === 'week' ? bin * 7 - 3 : bin) * DAY);
  return `${span.name === 'week' && !short ? 'week of ' : ''}${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}${short ? '' : ` ${day.getUTCFullYear()}`}`;
}

/** First and last date of a bin, as far as the span tells them, to ask for its statements. */
function binDates(span, bin) {
  const pad = (n, width = 2) => String(n).padStart(width, '0');
  if (span.years) return [pad(bin * span.years, 4), pad(bin * span.years + span.years - 1, 4)];
  if (span.name === 'quarter') return [0, 2].map(k => `${pad(Math.floor(bin / 4), 4)}-${pad(bin % 4 * 3 + 1 + k)}`);
  if (span.name === 'month') return [0, 0].map(() => `${pad(Math.floor(bin / 12), 4)}-${pad(bin % 12 + 1)}`);
  return (span.name === 'week' ? [bin * 7 - 3, bin * 7 + 3] : [bin, bin]).map(day => new Date(day * DAY).toISOString().slice(0, 10));
}

/** Years between which all but the outermost hundredth of dates at either end lie, where that halves the time to draw. */
function core(years, counts, dated) {
  const order = years.map((_, k) => k).filter(k => counts[k]).sort((a, b) => years[a] - years[b]);
  const at = share => { let sum = 0; return years[order.find(k => (sum += counts[k]) > share * dated) ?? order[order.length - 1]]; };
  const [low, high, first, last] = [at(0.01), at(0.99), years[order[0]], years[order[order.length - 1]]];
  return dated >= 200 && high - low < (last - first) / 2 ? [low, high] : [first, last];
}

/** Bins for the dates of these statements, or null where there are fewer than two; `of` maps a date's number to its bin. */
function bins(passed) {
  const column = D.roles.date, counts = new Int32Array(column.values.length), years = column.values.map(date => +date.slice(0, 4));
  let dated = 0;
  for (let i = 0; i < D.n; i++) if (passed[i] && column.index[i] >= 0) { counts[column.index[i]]++; dated++; }
  if (!dated) return null;
  const [first, last] = core(years, counts, dated), near = years.map((year, k) => counts[k] && year >= first && year <= last);
  const most = Math.max(6, Math.min(MOST_BINS, dated / PER_BIN)); // many bins of few statements would show noise
  const apart = counts.reduce((sum, many, k) => sum + (near[k] ? 0 : many), 0);
  for (const span of SPANS) {
    const of = column.values.map((date, k) => near[k] ? binOf(span, date) : null);
    let low = Infinity, high = -Infinity, drawn = 0;
    of.forEach((bin, k) => { if (bin !== null) { low = Math.min(low, bin); high = Math.max(high, bin); drawn += counts[k]; } });
    if (drawn < 0.9 * (dated - apart) || high - low >= most) continue; // too coarse dates for this span, or too many bins
    return high > low ? { span, low, n: high - low + 1, of, apart: apart ? `${number.format(apart)} before ${first} or after ${last}` : '' } : null;
  }
  return null;
}

/** Groups of the axis that has the colours; one group of all where there is none. */
function sides() {
  if (!D.colour) return [{ name: 'all', key: null, of: () => true }];
  return D.colour.labels.map((name, k) => ({ name, key: k }));
}
const sideOf = i => D.colour ? D.colour.values[i] : 0;
const colourOf = k => `var(--side-${k % 8})`;

/** Share of each label among a side's statements: {n: of each side, counts: [label][side], left: statements that are unsure}. */
function shares(axis, passed) {
  const groups = sides().length, n = new Int32Array(groups), counts = axis.labels.map(() => new Int32Array(groups));
  let left = 0;
  for (let i = 0; i < D.n; i++) {
    if (!passed[i]) continue;
    const side = sideOf(i);
    if (side === UNSURE || (axis.one && axis.values[i] === UNSURE)) { left++; continue; }
    n[side]++;
    for (const label of labelsOf(axis, i)) counts[label][side]++;
  }
  return { n, counts, left };
}

/** The same in each bin of time: {n: [bin][side], counts: [label][bin][side]}. */
function sharesInTime(axis, passed, time) {
  const groups = sides().length, rows = () => Array.from({ length: time.n }, () => new Int32Array(groups));
  const n = rows(), counts = axis.labels.map(rows);
  let left = 0, all = 0;
  for (let i = 0; i < D.n; i++) {
    if (!passed[i]) continue;
    all++;
    const bin = time.of[D.roles.date.index[i]] ?? null, side = sideOf(i);
    if (bin === null) continue;
    if (side === UNSURE || (axis.one && axis.values[i] === UNSURE)) { left++; continue; }
    n[bin - time.low][side]++;
    for (const label of labelsOf(axis, i)) counts[label][bin - time.low][side]++;
  }
  return { n, counts, left, all };
}

/** Who speaks most: of each value of a column its statements, by side and by label of the axis. */
function speakers(column, axis, passed) {
  const groups = sides().length, all = column.values.map(name => ({ name, n: 0, sides: new Int32Array(groups), labels: new Int32Array(axis.labels.length), sure: 0 }));
  for (let i = 0; i < D.n; i++) {
    if (!passed[i] || column.index[i] < 0) continue;
    const one = all[column.index[i]], side = sideOf(i);
    one.n++;
    if (side !== UNSURE) one.sides[side]++;
    if (axis.one && axis.values[i] === UNSURE) continue;
    one.sure++;
    for (const label of labelsOf(axis, i)) one.labels[label]++;
  }
  return all.filter(one => one.n).sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1));
}

/** Round steps for an axis from 0 to at least `most`. */
function ticks(most, wanted = 4) {
  if (!(most > 0)) return [0, 1];
  const rough = most / wanted, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(k => k * power).find(s => s >= rough - 1e-12);
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, k) => +(k * step).toPrecision(12));
}
