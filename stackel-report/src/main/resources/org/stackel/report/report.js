/* Builds the tables and charts of a report from the data in the page. Text becomes text nodes, never markup. */

const data = JSON.parse(document.getElementById('data').textContent);
const main = document.getElementById('main');

const list = (texts, className) => texts.length === 0 ? null : el('ul', {class: className}, ...texts.map((text) => el('li', null, text)));

/* A table that may be wider than the window. A hint says so where it is. */
function scroller(label, table) {
  const holder = el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label}, table);
  const hint = el('p', {class: 'muted hint screen', hidden: true}, 'More columns on the right: scroll sideways →');
  const look = () => {
    const left = holder.scrollWidth - holder.clientWidth - holder.scrollLeft;
    hint.hidden = holder.scrollWidth <= holder.clientWidth + 1 || left < 8;
  };
  const watch = new ResizeObserver(() => requestAnimationFrame(look)); // what it changes must not be observed
  watch.observe(holder);
  watch.observe(table);
  holder.addEventListener('scroll', look, {passive: true});
  return el('div', {class: 'scroller'}, hint, holder);
}

/* A part of the page; one that fails says so in its place and leaves the others alone. */
function part(name, draw) {
  try {
    draw();
  } catch (error) {
    failed(name, error);
    main.append(el('p', {class: 'note', role: 'alert'}, `The part “${name}” could not be drawn.`));
  }
}

function failed(name, error) {
  console.error(name, error);
  document.getElementById('failure').hidden = false;
}

function save(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], {type}));
  el('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// ---- results

const KINDS = [['bilevel', 'Bilevel methods'], ['baseline', 'Baselines'], ['reference', 'References']];
const ARROWS = {higher: 'higher is better', lower: 'lower is better'};

function resultTable(section) {
  const bodies = KINDS
    .map(([kind, title]) => [title, section.rows.filter((row) => row.kind === kind)])
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => ({
      rows,
      body: el('tbody', null,
        el('tr', null, el('th', {scope: 'rowgroup'}, title), ...section.columns.map(() => el('td')), el('td')),
        ...rows.map(resultRow)),
    }));
  if (bodies.length === 1) bodies[0].body.firstChild.remove();

  const headers = section.columns.map((column, index) => {
    const header = el('th', {scope: 'col', class: 'number'},
      el('button', {type: 'button', title: 'Sort', onclick: () => sort(index, header)}, column.label),
      column.better ? el('small', null, ARROWS[column.better]) : null);
    return header;
  });

  /* Best first, then the other way round; inside each group, values that are missing last. */
  function sort(index, header) {
    const lower = section.columns[index].better === 'lower';
    const next = {ascending: 'descending', descending: 'ascending'};
    const order = next[header.getAttribute('aria-sort')] ?? (lower ? 'ascending' : 'descending');
    headers.forEach((other) => other.removeAttribute('aria-sort'));
    header.setAttribute('aria-sort', order);
    const sign = order === 'ascending' ? 1 : -1;
    for (const {body, rows} of bodies) {
      const value = (row) => row.cells[index].value;
      const sorted = [...rows].sort((a, b) =>
        (value(a) === null) - (value(b) === null) || sign * (value(a) - value(b)));
      body.append(...sorted.map((row) => row.element));
    }
  }

  return scroller(section.title, el('table', null,
    el('thead', null, el('tr', null, el('th', {scope: 'col'}, 'method'), ...headers, el('th', {scope: 'col', class: 'number'}, 'seeds'))),
    ...bodies.map(({body}) => body)));
}

function resultRow(row) {
  row.element = el('tr', null,
    el('th', {scope: 'row'}, row.method, row.remark ? el('small', {class: 'problem'}, '✕ ' + row.remark) : null),
    ...row.cells.map((cell) => el('td', {class: cell.best ? 'number best' : 'number', title: cell.about, 'aria-label': cell.about ? `${cell.text}, ${cell.about}` : null},
      cell.best ? el('span', {class: 'mark'}, 'best') : null, cell.text)),
    el('td', {class: 'number'}, row.seeds === 0 ? '—' : String(row.seeds)));
  return row.element;
}

function results() {
  const sections = data.sections.filter((section) => section.rows.length > 0);
  if (sections.length === 0 && data.notes.length === 0) return;
  main.append(el('h2', null, 'Results'), list(data.notes, 'notes') ?? '');
  for (const section of sections) {
    main.append(el('section', null,
      el('h3', null, section.title),
      section.budget ? el('p', null, section.budget) : null,
      resultTable(section),
      list(section.notes, 'notes'),
      el('p', {class: 'muted'}, legendOf(section)),
      ...section.tables.map((table) => besideTable(section, table))));
  }
}

/* Tests, targets, tuning: texts that are ready to be shown. */
function besideTable(section, {title, about, columns, rows}) {
  const type = (index) => columns[index].number ? 'number' : null;
  return el('div', {class: 'beside'},
    el('h4', null, title),
    el('p', {class: 'muted'}, about),
    scroller(`${section.title}: ${title}`, el('table', null,
      el('thead', null, el('tr', null, ...columns.map((column, index) => el('th', {scope: 'col', class: type(index)}, column.label)))),
      el('tbody', null, ...rows.map((row) => el('tr', null, ...row.map((text, index) =>
        index === 0 ? el('th', {scope: 'row'}, text) : el('td', {class: type(index)}, text))))))));
}

function legendOf(section) {
  const cells = section.rows.flatMap((row) => row.cells);
  const parts = [];
  if (cells.some((cell) => cell.text.includes('±'))) parts.push('Mean ± its standard error over seeds.');
  if (cells.some((cell) => cell.best)) parts.push('“best” marks the best mean of each column and what equals it as shown; references, and rows that lost a seed, do not compete.');
  if (cells.some((cell) => cell.text === '—')) parts.push('— was not measured.');
  return parts.join(' ');
}

// ---- curves

const AXES = {step: 'step', seconds: 'seconds', calls: 'oracle calls'};
/* Runs of older versions do not count samples. */
if (data.sections.every((section) => section.curves.lines.every((line) => line.samples.length === line.step.length))) AXES.samples = 'samples';
const WHOLE = Array.from({length: 16}, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat(); // steps and calls are counted
const DASHES = [[], [9, 4], [2, 3], [10, 3, 2, 3], [16, 5], [5, 2, 1, 2, 1, 2]];
const MARKS = ['circle', 'square', 'triangle', 'diamond', 'wedge', 'plus'];
const view = {x: data.axis, y: 'automatic', printing: false};
const charts = [];

const short = new Intl.NumberFormat('en', {notation: 'compact', maximumSignificantDigits: 3});
const plain = new Intl.NumberFormat('en', {maximumSignificantDigits: 4});
function number(value) {
  if (value === null || value === undefined) return '—';
  const size = Math.abs(value);
  return value !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2).replace('e+', 'e') : plain.format(value);
}
const tick = (value) => {
  if (value === null) return '';
  const size = Math.abs(value);
  return value !== 0 && (size < 1e-3 || size >= 1e9) ? value.toExponential(2).replace(/\.?0+e/, 'e').replace('e+', 'e') : size >= 1e4 ? short.format(value) : plain.format(value);
};
/* Of logarithms from low to high: powers of ten, at most nine of them, or numbers between where there are not two. */
function decades(low, high) {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  if (last > first) {
    const stride = Math.ceil((last - first + 1) / 8);
    const from = Math.ceil(first / stride) * stride;
    return Array.from({length: Math.floor((last - from) / stride) + 1}, (_, i) => from + i * stride);
  }
  return [0, 0.30103, 0.69897].flatMap((part) => [Math.floor(low) + part, Math.floor(low) + 1 + part])
    .filter((value) => value >= low && value <= high).sort((a, b) => a - b);
}

/* How numbers become heights: logarithms, or multiples of a power of ten, since the library's axes end near 1e-16 and 1e16. */
function measureOf(values, log) {
  if (log) return {to: (value) => value === null ? null : Math.log10(value), from: (height) => 10 ** height};
  const most = Math.max(...values.map(Math.abs));
  const unit = most > 0 && (most < 1e-6 || most > 1e12) ? 10 ** Math.floor(Math.log10(most)) : 1;
  const to = (value) => unit === 1 ? value : Math.round(value / unit * 1e12) / 1e12; // the library loops forever where 1e-300 is beside 1
  return {to: (value) => value === null ? null : to(value), from: (height) => height * unit};
}
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colour = (index) => `--s${index % 7}`;

/* The mark's outline around (x, y); plus is stroked, the others are filled too. */
function mark(path, shape, x, y, r) {
  const polygon = (...points) => {
    points.forEach(([dx, dy], i) => path[i === 0 ? 'moveTo' : 'lineTo'](x + dx * r, y + dy * r));
    path.closePath();
  };
  switch (shape) {
    case 'circle': path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI); break;
    case 'square': polygon([-.9, -.9], [.9, -.9], [.9, .9], [-.9, .9]); break;
    case 'triangle': polygon([0, -1.2], [1.1, .8], [-1.1, .8]); break;
    case 'diamond': polygon([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]); break;
    case 'wedge': polygon([0, 1.2], [1.1, -.8], [-1.1, -.8]); break;
    case 'plus': polygon([-.4, -1.2], [.4, -1.2], [.4, -.4], [1.2, -.4], [1.2, .4], [.4, .4], [.4, 1.2], [-.4, 1.2], [-.4, .4], [-1.2, .4], [-1.2, -.4], [-.4, -.4]); break;
  }
}

/* A sample of a line for the key; the numbers in it are ours, so markup is safe here. */
function swatch(index) {
  const commands = [];
  const write = (letter) => (x, y) => commands.push(`${letter}${x.toFixed(1)} ${y.toFixed(1)}`);
  mark({
    moveTo: write('M'), lineTo: write('L'), closePath: () => commands.push('Z'),
    arc: (x, y, r) => commands.push(`A${r} ${r} 0 1 1 ${x - r} ${y}A${r} ${r} 0 1 1 ${x + r} ${y}`),
  }, MARKS[index % MARKS.length], 24, 8, 4);
  const holder = el('span', {'aria-hidden': 'true'});
  holder.innerHTML = `<svg viewBox="0 0 48 16"><g style="stroke:var(${colour(index)});fill:var(${colour(index)})"><path d="M0 8H48" stroke-width="2" stroke-dasharray="${DASHES[index % DASHES.length].join(' ')}"/><path d="${commands.join('')}"/></g></svg>`;
  return holder;
}

class Chart {
  constructor(section, metric) {
    this.metric = metric;
    this.lines = section.curves.lines
      .map((line, index) => ({...line, index, ...line.bands[metric.key]}))
      .filter((line) => line.mean.some((value) => value !== null));
    this.title = capital(metric.label);
    this.caption = el('figcaption');
    this.plot = el('div', {class: 'plot', tabindex: 0, role: 'img', onkeydown: (event) => this.key(event), onblur: () => this.show(null)});
    this.reading = el('div', {class: 'reading', 'aria-live': 'polite'});
    this.numbers = el('details', {ontoggle: () => this.table()}, el('summary', null, 'Numbers'));
    this.saving = el('p', {class: 'saving screen'},
      el('button', {type: 'button', onclick: () => save(this.file() + '.svg', pictureOf(this), 'image/svg+xml')}, 'SVG'),
      el('button', {type: 'button', onclick: () => this.png()}, 'PNG'));
    this.element = el('figure', null, el('h4', null, this.title), this.caption, this.plot, this.reading, this.saving, this.numbers);
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  size() {
    const width = view.printing ? 325 : Math.max(240, Math.floor(this.element.clientWidth));
    return {width, height: view.printing ? 230 : Math.round(Math.min(360, Math.max(230, width * 0.6)))};
  }

  resize() {
    const size = this.size();
    if (this.u && !view.printing && (this.u.width !== size.width || this.u.height !== size.height)) this.draw();
  }

  file() {
    return `${this.title} by ${view.x}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  }

  /* The picture as the browser paints it, with two dots a unit. */
  png() {
    const image = new Image();
    image.onload = () => {
      const canvas = el('canvas', {width: 2 * image.width, height: 2 * image.height});
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(this.file() + '.png', blob));
    };
    image.src = 'data:image/svg+xml,' + encodeURIComponent(pictureOf(this));
  }

  values() {
    return this.lines.flatMap((line) => [...line.mean, ...line.low, ...line.high]).filter((value) => value !== null);
  }

  /* Automatic: logarithmic where all numbers are positive and span two powers of ten, leaving out the lowest tenth: a start near zero says nothing. */
  logarithmic() {
    const values = this.lines.flatMap((line) => [...line.low, ...line.high]).filter((value) => value !== null).sort((a, b) => a - b);
    const spans = values.at(-1) / values[Math.floor(values.length / 10)] >= 100;
    return values[0] > 0 && (view.y === 'logarithmic' || (view.y === 'automatic' && spans));
  }

  draw() {
    this.u?.destroy();
    this.reading.replaceChildren();
    const log = this.logarithmic();
    const {to, from} = measureOf(this.values(), log);
    this.to = to;
    this.from = from;
    const ink = css('--muted');
    const rule = css('--rule');
    const {width, height} = this.size();
    const font = '12px system-ui, sans-serif';
    const measure = document.createElement('canvas').getContext('2d');
    measure.font = '600 ' + font;
    const labels = this.lines.map((line) => fit(measure, line.label, width * 0.3));
    const room = Math.max(...labels.map((label) => measure.measureText(label).width)) + 28;
    const axis = {stroke: ink, font, grid: {stroke: rule, width: 1}, ticks: {stroke: rule, width: 1, size: 5}, values: (u, values) => values.map(tick)};
    const series = [{}];
    const bands = [];
    const tables = [];
    for (const line of this.lines) {
      const stroke = css(colour(line.index));
      series.push({label: line.label, stroke, width: 2, dash: DASHES[line.index % DASHES.length].map((length) => length * window.devicePixelRatio), points: {show: false}});
      tables.push([line[view.x], line.mean.map(to)]);
      if (line.seeds > 1) {
        bands.push({series: [series.length + 1, series.length], fill: stroke + '2e'});
        series.push({points: {show: false}, width: 0}, {points: {show: false}, width: 0});
        tables.at(-1).push(line.low.map(to), line.high.map(to));
      }
    }
    this.u = new uPlot({
      width, height, series, bands, legend: {show: false},
      padding: [10, room, 0, 0],
      scales: {x: {time: false}, y: {}},
      axes: [
        {...axis, label: AXES[view.x], labelFont: font, labelSize: 18, size: 30, space: 55, ...(view.x === 'seconds' ? {} : {incrs: WHOLE})},
        {...axis, ...(log ? {splits: (u, index, low, high) => decades(low, high)} : {}), values: (u, values) => values.map((value) => tick(value === null ? null : from(value))), size: (u, values) => 12 + Math.max(20, ...(values ?? []).map((value) => measure.measureText(value).width))},
      ],
      cursor: {y: false, points: {show: false}, drag: {x: true, y: false, setScale: true}},
      hooks: {
        draw: [(u) => this.decorate(u, labels)],
        setCursor: [(u) => this.show(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, 'x') : null)],
      },
    }, uPlot.join(tables), this.plot);
    this.caption.textContent = this.about(log);
    this.plot.setAttribute('aria-label', this.summary());
  }

  about(log) {
    const parts = [];
    if (this.metric.better) parts.push(ARROWS[this.metric.better]);
    if (this.metric.target !== null) parts.push('the dashed line is the target');
    if (log) parts.push('logarithmic scale');
    else if (view.y === 'logarithmic') parts.push('linear scale: not all numbers are positive');
    return parts.length === 0 ? '\u00a0' : capital(parts.join('; ')) + '.';
  }

  /* Marks along each line, its name at its end, and a cross where a run diverged. */
  decorate(u, labels) {
    const ctx = u.ctx;
    const dots = window.devicePixelRatio;
    const {left, top, width, height} = u.bbox;
    const at = (line, i, value) => [u.valToPos(line[view.x][i], 'x', true), u.valToPos(this.to(value), 'y', true)];
    const inside = ([x, y]) => x >= left - 1 && x <= left + width + 1 && y >= top - 1 && y <= top + height + 1;
    const names = [];
    ctx.save();
    if (this.metric.target !== null) {
      const y = u.valToPos(this.to(this.metric.target), 'y', true);
      if (inside([left, y])) {
        ctx.strokeStyle = ctx.fillStyle = css('--muted');
        ctx.lineWidth = dots;
        ctx.setLineDash([6 * dots, 4 * dots]);
        ctx.beginPath();
        ctx.moveTo(left, y); ctx.lineTo(left + width, y);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.font = `${11 * dots}px system-ui, sans-serif`;
        ctx.textAlign = 'right';
        ctx.textBaseline = y - top > 16 * dots ? 'bottom' : 'top';
        ctx.fillText(`target ${number(this.metric.target)}`, left + width - 4 * dots, y + (ctx.textBaseline === 'bottom' ? -3 : 3) * dots);
      }
    }
    ctx.lineWidth = 2 * dots;
    this.lines.forEach((line, n) => {
      const points = line.mean.map((value, i) => value === null ? null : at(line, i, value)).filter((p) => p !== null && inside(p));
      if (points.length === 0) return;
      ctx.fillStyle = ctx.strokeStyle = css(colour(line.index));
      const every = Math.max(1, Math.round(points.length / 6));
      const offset = Math.floor((every * n) / this.lines.length);
      ctx.beginPath();
      points.forEach(([x, y], i) => {
        if ((i + offset) % every === 0 || i === points.length - 1) mark(ctx, MARKS[line.index % MARKS.length], x, y, 3.5 * dots);
      });
      ctx.fill();
      for (const end of line.ends[this.metric.key]) {
        const [x, y] = at(line, end.index, end.value);
        if (!inside([x, y])) continue;
        const r = 6 * dots;
        ctx.beginPath();
        ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r); ctx.moveTo(x - r, y + r); ctx.lineTo(x + r, y - r);
        ctx.stroke();
      }
      const [x, y] = points.at(-1);
      names.push({text: labels[n], mark: MARKS[line.index % MARKS.length], colour: css(colour(line.index)), x, y, wanted: y});
    });
    // Names that would lie on each other move apart, and stay inside.
    const gap = 14 * dots;
    names.sort((a, b) => a.y - b.y);
    names.forEach((name, i) => { if (i > 0) name.y = Math.max(name.y, names[i - 1].y + gap); });
    let limit = top + height;
    for (const name of names.reverse()) { name.y = Math.min(name.y, limit); limit = name.y - gap; }
    ctx.font = `600 ${12 * dots}px system-ui, sans-serif`;
    ctx.textBaseline = 'middle';
    const ink = css('--ink');
    ctx.textAlign = 'left';
    const edge = left + width + 12 * dots;
    for (const name of names) {
      ctx.fillStyle = ctx.strokeStyle = name.colour;
      if (edge - name.x > 20 * dots || Math.abs(name.y - name.wanted) > gap / 2) {
        ctx.lineWidth = dots;
        ctx.setLineDash([]);
        ctx.beginPath();
        ctx.moveTo(name.x + 4 * dots, name.wanted); ctx.lineTo(edge - 5 * dots, name.y);
        ctx.globalAlpha = 0.5;
        ctx.stroke();
        ctx.globalAlpha = 1;
      }
      ctx.beginPath();
      mark(ctx, name.mark, edge, name.y, 3.5 * dots);
      ctx.fill();
      ctx.fillStyle = ink;
      ctx.fillText(name.text, edge + 7 * dots, name.y);
    }
    ctx.restore();
  }

  /* The numbers nearest to a place on the x axis. */
  show(x) {
    if (x === null) {
      this.reading.replaceChildren();
      return;
    }
    const nearest = this.lines.map((line) => ({line, i: nearestIndex(line[view.x], x)}));
    this.reading.replaceChildren(
      el('b', null, `${AXES[view.x]} ${number(x)}`),
      ...nearest.map(({line, i}) => el('span', null, swatch(line.index), `${line.label} ${cellText(line, i)}`)));
    const right = this.u.valToPos(x, 'x') > this.u.over.clientWidth / 2;
    this.reading.style.left = right ? `${this.u.over.offsetLeft + 6}px` : 'auto';
    this.reading.style.right = right ? 'auto' : `${this.element.clientWidth - this.u.over.offsetLeft - this.u.over.clientWidth + 6}px`;
  }

  key(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (event.key === 'Escape') this.show(null);
    if (!step) return;
    event.preventDefault();
    const xs = this.u.data[0];
    const start = this.u.cursor.left >= 0 ? this.u.cursor.idx ?? 0 : step > 0 ? -1 : xs.length;
    const next = Math.min(xs.length - 1, Math.max(0, start + step));
    this.u.setCursor({left: this.u.valToPos(xs[next], 'x'), top: 10});
  }

  summary() {
    const lines = this.lines.map((line) => {
      const values = line.mean.filter((value) => value !== null);
      const gaps = line.mean.length - values.length;
      return `${line.label}: from ${number(values[0])} to ${number(values.at(-1))}`
        + (line.seeds > 1 ? `, mean of ${line.seeds} seeds` : '')
        + (gaps > 0 ? `, ${gaps} gaps` : '');
    });
    return `${this.title} against ${AXES[view.x]}. ${lines.join('. ')}. Arrow keys read numbers.`;
  }

  /* About ten rows of the numbers behind the chart, built when they are asked for. */
  table() {
    this.numbers.querySelector('.scroll')?.remove();
    if (!this.numbers.open) return;
    const rows = this.lines.flatMap((line) => {
      const stride = Math.max(1, Math.ceil(line.step.length / 10));
      return line.step.map((step, i) => i)
        .filter((i) => i % stride === 0 || i === line.step.length - 1)
        .map((i) => el('tr', null,
          el('th', {scope: 'row'}, line.label),
          ...Object.keys(AXES).map((x) => el('td', {class: 'number'}, number(line[x][i]))),
          el('td', {class: 'number'}, cellText(line, i))));
    });
    this.numbers.append(scroller(`Numbers of ${this.title}`, el('table', null,
      el('thead', null, el('tr', null, el('th', {scope: 'col'}, 'method'),
        ...[...Object.values(AXES), this.metric.label].map((name) => el('th', {scope: 'col', class: 'number'}, name)))),
      el('tbody', null, ...rows))));
  }
}

function cellText(line, i) {
  const spread = line.seeds > 1 && line.mean[i] !== null ? ` (${number(line.low[i])} to ${number(line.high[i])})` : '';
  return number(line.mean[i]) + spread;
}

function nearestIndex(xs, x) {
  let best = 0;
  xs.forEach((value, i) => { if (Math.abs(value - x) < Math.abs(xs[best] - x)) best = i; });
  return best;
}

function fit(measure, text, width) {
  if (measure.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && measure.measureText(text.slice(0, end) + '…').width > width) end--;
  return text.slice(0, end) + '…';
}

function segments(title, name, options) {
  return el('fieldset', null, el('legend', null, title), el('div', {class: 'segments'},
    ...Object.entries(options).map(([value, text]) => el('label', null,
      el('input', {type: 'radio', name, value, checked: view[name] === value, onchange: () => { view[name] = value; drawAll(); }}), text))));
}

function drawAll() {
  for (const chart of charts) {
    try {
      chart.draw();
    } catch (error) {
      failed(chart.title, error);
      chart.u = null;
      chart.plot.replaceChildren(el('p', {class: 'note'}, 'This chart could not be drawn. Its numbers are below.'));
    }
  }
}

/* A chart as a file: what the canvas shows, as lines and letters. */
function pictureOf(chart) {
  const NS = swatch(0).firstChild.namespaceURI;
  const node = (tag, attributes, ...children) => {
    const element = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const {u, lines, metric, title, to, from} = chart;
  const {width, height} = u;
  const HEAD = 26;
  const dots = window.devicePixelRatio;
  const box = {left: u.bbox.left / dots, top: u.bbox.top / dots + HEAD, width: u.bbox.width / dots, height: u.bbox.height / dots};
  const x = (value) => box.left + u.valToPos(value, 'x');
  const y = (value) => box.top + u.valToPos(to(value), 'y');
  const round = (value) => value.toFixed(1);
  const ink = css('--ink');
  const svg = node('svg', {width, height: height + HEAD, viewBox: `0 0 ${width} ${height + HEAD}`, 'font-family': 'system-ui, sans-serif', 'font-size': 12, fill: ink});
  const inside = (value, least, most) => value >= least - 0.5 && value <= most + 0.5;
  svg.append(node('rect', {width, height: height + HEAD, fill: css('--paper')}),
    node('text', {x: box.left, y: 17, 'font-weight': 600, 'font-size': 14}, title),
    node('clipPath', {id: 'box'}, node('rect', {x: box.left, y: box.top, width: box.width, height: box.height})));
  const grid = node('g', {stroke: css('--rule')});
  const names = node('g', {fill: css('--muted')});
  for (const value of (u.axes[0]._splits ?? []).filter((value) => value !== null && inside(x(value), box.left, box.left + box.width))) {
    grid.append(node('path', {d: `M${round(x(value))} ${round(box.top)}v${round(box.height)}`}));
    names.append(node('text', {x: round(x(value)), y: round(box.top + box.height + 16), 'text-anchor': 'middle'}, tick(value)));
  }
  for (const split of (u.axes[1]._splits ?? []).filter((value) => value !== null)) {
    const place = box.top + u.valToPos(split, 'y');
    if (!inside(place, box.top, box.top + box.height)) continue;
    grid.append(node('path', {d: `M${round(box.left)} ${round(place)}h${round(box.width)}`}));
    names.append(node('text', {x: round(box.left - 7), y: round(place + 4), 'text-anchor': 'end'}, tick(from(split))));
  }
  names.append(node('text', {x: round(box.left + box.width / 2), y: round(box.top + box.height + 34), 'text-anchor': 'middle'}, AXES[view.x]));
  const drawn = node('g', {'clip-path': 'url(#box)', fill: 'none'});
  if (metric.target !== null) drawn.append(node('path', {d: `M${round(box.left)} ${round(y(metric.target))}h${round(box.width)}`, stroke: css('--muted'), 'stroke-dasharray': '6 4'}));
  const ends = [];
  for (const line of lines) {
    const xs = line[view.x];
    const stroke = css(colour(line.index));
    const known = line.mean.map((value, i) => i).filter((i) => line.mean[i] !== null);
    const point = (values) => (i) => `${round(x(xs[i]))} ${round(y(values[i]))}`;
    if (line.seeds > 1) drawn.append(node('path', {d: 'M' + [...known.map(point(line.low)), ...[...known].reverse().map(point(line.high))].join('L') + 'Z', fill: stroke, 'fill-opacity': 0.18}));
    drawn.append(node('path', {d: 'M' + known.map(point(line.mean)).join('L'), stroke, 'stroke-width': 2, 'stroke-dasharray': DASHES[line.index % DASHES.length].join(' ')}));
    ends.push({label: line.label, stroke, y: y(line.mean[known.at(-1)])});
  }
  ends.sort((a, b) => a.y - b.y);
  ends.forEach((end, i) => { if (i > 0) end.y = Math.max(end.y, ends[i - 1].y + 14); });
  const labels = ends.map((end) => node('text', {x: round(box.left + box.width + 8), y: round(end.y + 4), fill: end.stroke, 'font-weight': 600}, end.label));
  svg.append(grid, drawn, names, ...labels);
  const longest = Math.max(0, ...ends.map((end) => end.label.length));
  const whole = Math.max(width, Math.ceil(box.left + box.width + 16 + 7.5 * longest));
  svg.setAttribute('width', whole);
  svg.setAttribute('viewBox', `0 0 ${whole} ${height + HEAD}`);
  svg.querySelector('rect').setAttribute('width', whole);
  return new XMLSerializer().serializeToString(svg);
}

function curves() {
  const sections = data.sections.filter((section) => section.curves.lines.length > 0 && section.curves.metrics.length + section.curves.constants.length > 0);
  if (sections.length === 0) return;
  const several = sections.some((section) => section.curves.lines.some((line) => line.seeds > 1));
  const block = el('section', null,
    el('h2', null, 'Curves'),
    el('p', null, (several ? 'A line is the mean over seeds; the band around it reaches from the smallest to the largest seed. ' : '')
      + 'Seconds exclude evaluation; an oracle call is one gradient or one second-order product on one minibatch.'),
    el('p', {class: 'muted screen'}, 'Point at a chart, or focus it and use the arrow keys, to read numbers. Drag to zoom, double-click to go back.'),
    el('div', {class: 'controls'}, segments('x axis', 'x', AXES),
      segments('y axis', 'y', {automatic: 'auto', linear: 'linear', logarithmic: 'log'})));
  for (const section of sections) {
    const own = section.curves.metrics.map((metric) => new Chart(section, metric)).filter((chart) => chart.lines.length > 0);
    charts.push(...own);
    block.append(el('section', null,
      el('h3', null, section.title),
      el('ul', {class: 'key', 'aria-label': 'Lines'}, ...section.curves.lines.map((line, index) =>
        el('li', null, swatch(index), `${line.label}${line.seeds > 1 ? `, ${line.seeds} seeds` : ''}`)),
        section.curves.lines.some((line) => Object.values(line.ends).some((ends) => ends.length > 0)) ? el('li', null, '✕ a run diverged here') : ''),
      list(section.remarks, 'notes'),
      el('div', {class: 'charts'}, ...own.map((chart) => chart.element)),
      section.curves.constants.length === 0 ? null : el('p', {class: 'muted'}, 'The same in all evaluations, so without a chart: '
        + section.curves.constants.map(({label, value}) => `${label} ${number(value)}`).join(', ') + '.')));
  }
  main.append(block);
  drawAll();
}

// ---- checks

function checks() {
  for (const {run, check} of data.checks) {
    main.append(el('section', {class: 'checks'},
      el('h2', null, 'Check of ' + run),
      el('p', null, check.result),
      list(check.remarks, 'notes'),
      el('div', {class: 'charts'}, ...check.spreads.map(spread)),
      ...check.tables.map((table) => besideTable({title: run}, table)),
      check.smoothness ? scatter(check.smoothness) : null));
  }
}

/* Bias and standard deviation of each estimator on a logarithmic axis. What is below its left end is drawn there. */
function spread({title, marks}) {
  const values = marks.flatMap(({bias, deviation}) => [bias, deviation]).filter((value) => value > 0);
  const most = Math.ceil(Math.log10(Math.max(1e-3, ...values)));
  const least = Math.min(most - 1, Math.max(most - 6, Math.floor(Math.log10(Math.min(1, ...values)))));
  const [width, left, line, top] = [520, 200, 22, 8];
  const bottom = top + line * marks.length;
  const at = (decade) => left + (width - left - 30) * (decade - least) / (most - least);
  const x = (value) => at(value > 0 ? Math.max(least, Math.log10(value)) : least).toFixed(1);
  const y = (row) => top + line * (row + 0.5);
  const decades = Array.from({length: most - least + 1}, (_, i) => least + i);
  const ticks = decades.map((decade) => `<path class="rule" d="M${at(decade)} ${top}V${bottom}"/>`
    + `<text x="${at(decade)}" y="${bottom + 16}" text-anchor="middle">${decades.length > 5 && (decade - least) % 2 ? '' : number(10 ** decade)}</text>`);
  const dots = marks.map(({bias, deviation}, row) =>
    (deviation === null ? '' : `<path class="deviation" d="M${x(deviation)} ${y(row) - 6}V${y(row) + 6}"/>`)
    + (bias === null ? '' : `<circle cx="${x(bias)}" cy="${y(row)}" r="4.5"/>`)
    + `<text class="name" x="${left - 10}" y="${y(row)}" dy="4" text-anchor="end"${marks[row].own ? ' font-weight="600"' : ''}></text>`);
  const holder = el('div', {role: 'img', 'aria-label': `${title}: bias and standard deviation of the estimators, as in the table`});
  holder.innerHTML = `<svg viewBox="0 0 ${width} ${bottom + 24}" font-size="12" fill="currentColor">${ticks.join('')}${dots.join('')}</svg>`;
  holder.querySelectorAll('.name').forEach((text, row) => { text.textContent = marks[row].name; });
  return el('figure', {class: 'scatter'},
    el('h4', null, title),
    el('figcaption', null, '● bias, ❘ standard deviation, relative to the exact hypergradient.'),
    holder);
}

/* Smoothness of Φ between neighbouring iterates over its gradient, and the line above all. The numbers in it are ours, so markup is safe here. */
function scatter({dots, l0, l1}) {
  const [width, height, left, bottom, pad] = [520, 300, 64, 44, 12];
  const right = 1.05 * Math.max(...dots.map((dot) => dot.gradient)) || 1;
  const top = 1.05 * Math.max(l0 + l1 * right, ...dots.map((dot) => dot.smoothness)) || 1;
  const x = (value) => (left + (width - left - pad) * value / right).toFixed(1);
  const y = (value) => (height - bottom - (height - bottom - pad) * value / top).toFixed(1);
  const ticks = [0, 1, 2, 3, 4].map((i) => {
    const [across, up] = [right * i / 4, top * i / 4];
    return `<path class="rule" d="M${x(across)} ${pad}V${y(0)}M${left} ${y(up)}H${width - pad}"/>`
      + `<text x="${x(across)}" y="${height - bottom + 16}" text-anchor="middle">${number(across)}</text>`
      + `<text x="${left - 6}" y="${y(up)}" dy="4" text-anchor="end">${number(up)}</text>`;
  });
  const points = dots.map((dot) => `<circle cx="${x(dot.gradient)}" cy="${y(dot.smoothness)}" r="4"><title>step ${number(dot.step)}: |∇Φ| ${number(dot.gradient)}, smoothness ${number(dot.smoothness)}</title></circle>`);
  const line = `smoothness ≤ ${number(l0)} + ${number(l1)} |∇Φ|`;
  const holder = el('div', {role: 'img', 'aria-label': `${dots.length} pairs of iterates; ${line}`});
  holder.innerHTML = `<svg viewBox="0 0 ${width} ${height}" font-size="12" fill="currentColor">${ticks.join('')}`
    + `<path class="fit" d="M${x(0)} ${y(l0)}L${x(right)} ${y(l0 + l1 * right)}"/>${points.join('')}`
    + `<text x="${(left + width) / 2}" y="${height - 8}" text-anchor="middle">|∇Φ|</text></svg>`;
  return el('figure', {class: 'scatter'},
    el('h4', null, 'Smoothness of Φ'),
    el('figcaption', null, `One dot a pair of neighbouring iterates. The line: ${line}.`),
    holder);
}

// ---- suspicious examples

const FIRST = 20;
const MORE = 200;

function suspects() {
  if (data.suspects.length === 0) return;
  const holder = el('div');
  const summary = el('p');
  const state = {examples: [], columns: [], sort: null, shown: FIRST};
  const text = (example, key) => key === 'wrong' ? {true: '✓ yes', false: '✗ no', null: '—'}[example.wrong] : example[key] ?? '—';
  const order = (example, key) => key === 'weight' ? example.value : key === 'row' && !isNaN(example.row) ? Number(example.row) : text(example, key);
  const search = el('input', {type: 'search', 'aria-label': 'Search examples', placeholder: 'Search', autocomplete: 'off', oninput: () => { state.shown = FIRST; fill(); }});
  const found = el('span', {class: 'muted', role: 'status'});

  function fill() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter((word) => word !== '');
    const isFound = (example) => words.every((word) => (example.words ??= state.columns.map(([key]) => text(example, key)).join('\n').toLowerCase()).includes(word));
    const examples = words.length === 0 ? [...state.examples] : state.examples.filter(isFound);
    if (state.sort) {
      const {key, sign} = state.sort;
      examples.sort((a, b) => {
        const [x, y] = [order(a, key), order(b, key)];
        return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y)));
      });
    }
    found.textContent = words.length === 0 ? '' : `${examples.length.toLocaleString('en')} found`;
    const header = ([key, label, type]) => el('th', {scope: 'col', class: type, 'aria-sort': state.sort?.key === key ? (state.sort.sign > 0 ? 'ascending' : 'descending') : null},
      el('button', {type: 'button', title: 'Sort', onclick: () => {
        state.sort = {key, sign: state.sort?.key === key ? -state.sort.sign : 1};
        fill();
      }}, label));
    const left = examples.length - state.shown;
    holder.replaceChildren(
      el('table', null,
        el('thead', null, el('tr', null, ...state.columns.map(header))),
        el('tbody', null, ...examples.slice(0, state.shown).map((example) => el('tr', null,
          ...state.columns.map(([key, label, type]) => el('td', {class: type, dir: key === 'text' ? 'auto' : null, 'data-label': label}, text(example, key))))))),
      left <= 0 ? '' : el('p', {class: 'screen'}, el('button', {type: 'button', onclick: () => { state.shown += MORE; fill(); }},
        `Show ${Math.min(left, MORE).toLocaleString('en')} more of ${left.toLocaleString('en')}`)));
  }

  const show = (index) => {
    const {suspects: {summary: about, measure, examples}} = data.suspects[index];
    state.columns = [
      ['row', 'row', 'number'], ['weight', measure, 'number'], ['label', 'given label'], ['suggested', 'suggested label'],
      ['wrong', 'really wrong'], ['text', 'text', 'text'],
    ].filter(([key]) => examples.some((example) => example[key] !== null));
    Object.assign(state, {examples, sort: null, shown: FIRST});
    summary.textContent = about;
    fill();
  };
  main.append(el('section', {class: 'suspects'},
    el('h2', null, 'Suspicious examples'),
    el('p', null, data.suspects[0].suspects.measure === 'weight'
      ? 'The training examples of lowest weight come first: those that helped least on trusted data.' : 'The most suspicious come first.'),
    data.suspects.length === 1 ? null : el('label', null, 'Run ',
      el('select', {onchange: (event) => show(event.target.value)},
        ...data.suspects.map(({run}, index) => el('option', {value: index}, run)))),
    summary, el('p', {class: 'screen'}, search, ' ', found), holder));
  show(0);
}

// ---- runs

function runs() {
  if (data.runs.length === 0) return;
  main.append(el('section', {class: 'runs'},
    el('h2', null, 'Runs'),
    el('p', null, 'To repeat a run, save its experiment and call ', el('code', null, 'stackel run experiment.json'),
      '. On the same machine with the same number of threads it repeats bit for bit.'),
    ...data.runs.map((run) => el('details', null,
      el('summary', null, run.status === 'completed' ? '' : '✕ ', el('code', null, run.directory), ' ', run.ending),
      el('p', {class: 'screen'},
        el('a', {download: 'experiment.json', href: 'data:application/json,' + encodeURIComponent(run.experiment)}, 'Save experiment.json')),
      el('h4', null, 'Experiment'),
      el('pre', {tabindex: 0}, run.experiment),
      el('h4', null, 'Provenance'),
      el('table', null, el('tbody', null, ...Object.entries(run.provenance).map(([key, value]) =>
        el('tr', null, el('th', {scope: 'row'}, key), el('td', null, value)))))))));
}

part('Results', results);
part('Curves', curves);
part('Checks', checks);
part('Suspicious examples', suspects);
part('Runs', runs);

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
window.addEventListener('beforeprint', () => { view.printing = true; drawAll(); });
window.addEventListener('afterprint', () => { view.printing = false; drawAll(); });
