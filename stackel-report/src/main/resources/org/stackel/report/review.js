/* Goes through suspected rows. Nothing leaves the page but the file that is downloaded. */

const data = JSON.parse(document.getElementById('data').textContent);
const {rows, info} = data;
const ROW = 60; // pixels, as in the style sheet
const SPARE = 6; // rows that are drawn above and below
const FOLD = 700; // characters
const SUSPECTED = rows.filter((row) => row.suspected).length;
const KEY = 'stackel-review-' + info.sha256;
function percent(number) {
  if (number === null || number === undefined) return '—';
  if (number > 0.995 && number < 1) return '> 99 %';
  return number > 0 && number < 0.005 ? '< 1 %' : Math.round(100 * number) + ' %';
}
const count = (number) => number.toLocaleString('en');
const button = (text, key, onclick, className) =>
  el('button', {type: 'button', onclick, class: className}, text, key ? el('kbd', {'aria-hidden': 'true'}, key) : null);

// ---- decisions, by record; kept in the browser

let decisions = new Map();
let past = [];
let keeps = true;

function restore() {
  try {
    const saved = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    decisions = new Map(saved?.decisions ?? []);
    return saved?.at ?? null;
  } catch (error) { // storage is switched off, or holds something else
    keeps = false;
    return null;
  }
}

function save() {
  try {
    localStorage.setItem(KEY, JSON.stringify({decisions: [...decisions], at: view.current?.record ?? null}));
    keeps = true;
  } catch (error) { // storage is switched off or full
    keeps = false;
  }
  parts.storage.hidden = keeps;
}

function decide(row, decision) {
  if (!row) return;
  past.push({record: row.record, before: decisions.get(row.record) ?? null});
  decisions.set(row.record, decision);
  const at = view.shown.indexOf(row);
  if (isFiltered()) {
    filter();
    show(view.shown[Math.min(view.shown.indexOf(row) + 1 || at, view.shown.length - 1)] ?? null);
  } else {
    show(view.shown[Math.min(at + 1, view.shown.length - 1)]);
  }
  changed();
}

function undo() {
  const last = past.pop();
  if (!last) return;
  if (last.before) decisions.set(last.record, last.before);
  else decisions.delete(last.record);
  filter();
  show(byRecord.get(last.record));
  changed();
}

function changed() {
  save();
  progress();
  draw(true);
}

const byRecord = new Map(rows.map((row) => [row.record, row]));

// ---- decisions.csv

/* A spreadsheet takes no text for a formula: SpreadsheetText.java has the same rule. */
const FORMULA = /^'*(?:[\t\r\n]|\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/;
const NUMBER = /^(?:[+-](?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]Infinity)$/;
const safe = (value) => FORMULA.test(value) && !NUMBER.test(value) ? "'" + value : value;

const quoted = (value) => /[",\r\n]|^\s|\s$/.test(value) ? '"' + value.replaceAll('"', '""') + '"' : value;
const cell = (value) => quoted(safe(value));

function csv() {
  const lines = rows.filter((row) => decisions.has(row.record)).map((row) => {
    const {decision, label} = decisions.get(row.record);
    return [String(row.record), String(row.line), row.label, decision, label ?? '', info.sha256].map(cell).join(',');
  });
  return ['record,line,label,decision,new_label,sha256', ...lines].join('\n') + '\n';
}

function download() {
  const url = URL.createObjectURL(new Blob([csv()], {type: 'text/csv'}));
  const link = el('a', {href: url, download: 'decisions.csv'});
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// ---- what is shown, in which order

const view = {shown: rows, current: null};
const haystacks = new Map();

/* All texts of a row in lower case. */
function haystack(row) {
  let text = haystacks.get(row);
  if (text === undefined) {
    text = [row.record, row.label, row.suggested, ...Object.values(row.id), ...Object.values(row.fields)]
      .filter((value) => value !== null && value !== undefined).join('\n').toLowerCase();
    haystacks.set(row, text);
  }
  return text;
}

const byText = (key) => (a, b) => String(a[key] ?? '').localeCompare(String(b[key] ?? '')) || b.suspicion - a.suspicion;
const ORDERS = {
  suspicion: ['most suspicious first', null],
  record: ['order of the file', (a, b) => a.record - b.record],
  label: ['given label', byText('label')],
  suggested: ['suggested label', byText('suggested')],
  probability: ['surest suggestion first', (a, b) => (b.probability ?? 0) - (a.probability ?? 0)],
};
const STATES = {
  all: ['all rows', () => true],
  suspected: ['suspected', (row) => row.suspected],
  open: ['not decided', (row) => !decisions.has(row.record)],
  keep: ['kept', (row) => decisions.get(row.record)?.decision === 'keep'],
  change: ['changed', (row) => decisions.get(row.record)?.decision === 'change'],
  unsure: ['unsure', (row) => decisions.get(row.record)?.decision === 'unsure'],
};
const isFiltered = () => !['all', 'suspected'].includes(parts.state.value);

function filter() {
  const words = parts.search.value.trim().toLowerCase().split(/\s+/).filter((word) => word !== '');
  const isWanted = STATES[parts.state.value][1];
  const label = parts.label.value;
  view.shown = rows.filter((row) =>
    isWanted(row)
    && (label === '' || row.label === labels[label])
    && (words.length === 0 || words.every((word) => haystack(row).includes(word))));
  const order = ORDERS[parts.order.value][1];
  if (order) view.shown.sort(order);
  parts.all.style.height = view.shown.length * ROW + 'px';
  parts.empty.hidden = view.shown.length > 0;
  parts.shown.textContent = view.shown.length === rows.length ? '' : `${count(view.shown.length)} of ${count(rows.length)} rows`;
}

function refilter() {
  filter();
  const row = view.shown.includes(view.current) ? view.current : view.shown[0] ?? null;
  if (row === null) parts.list.scrollTop = 0;
  show(row);
  draw(true);
}

// ---- the list: only what can be seen is in the page

const drawn = new Map();

function rowElement(row, index) {
  const decision = decisions.get(row.record);
  const text = Object.values(row.fields).join(' · ').slice(0, 300);
  return el('div', {
    class: 'row', role: 'option', id: 'row-' + row.record, style: `top: ${index * ROW}px`,
    'aria-selected': String(row === view.current), 'aria-posinset': index + 1, 'aria-setsize': view.shown.length,
    onclick: () => { show(row); parts.list.focus(); },
  },
  el('div', {class: 'facts'},
    el('span', {class: 'muted'}, count(row.record)),
    el('span', {class: 'labels'}, el('bdi', null, row.label), row.suggested === null || row.suggested === row.label ? '' : ' → ',
      row.suggested === null || row.suggested === row.label ? '' : el('bdi', null, row.suggested)),
    decision ? el('span', {class: 'mark ' + decision.decision}, short(decision)) : null,
    el('span', {class: 'muted', title: 'suspicion'}, percent(row.suspicion))),
  el('p', {class: 'snippet', dir: 'auto'}, text === '' ? '(empty)' : text));
}

const short = ({decision, label}) => decision === 'change' ? '→ ' + label : decision;

function draw(again) {
  if (again) {
    parts.all.replaceChildren();
    drawn.clear();
  }
  const {scrollTop, clientHeight} = parts.list;
  const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
  const end = Math.min(view.shown.length, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE);
  for (const [index, element] of drawn) {
    if (index < first || index >= end) {
      element.remove();
      drawn.delete(index);
    }
  }
  for (let index = first; index < end; index++) {
    if (!drawn.has(index)) {
      const element = rowElement(view.shown[index], index);
      drawn.set(index, element);
      parts.all.append(element);
    }
  }
}

function show(row) {
  view.current = row ?? null;
  const index = view.shown.indexOf(row);
  if (index >= 0) {
    const {scrollTop, clientHeight} = parts.list;
    if (index * ROW < scrollTop) parts.list.scrollTop = index * ROW;
    else if ((index + 1) * ROW > scrollTop + clientHeight) parts.list.scrollTop = (index + 1) * ROW - clientHeight;
    parts.list.setAttribute('aria-activedescendant', 'row-' + row.record);
  }
  draw();
  for (const element of drawn.values()) element.setAttribute('aria-selected', String(element.id === 'row-' + row?.record));
  detail(row ?? null);
}

function move(by) {
  const last = view.shown.length - 1;
  if (last < 0) return;
  const at = view.shown.indexOf(view.current);
  show(view.shown[Math.max(0, Math.min(last, at < 0 ? 0 : at + by))]);
}

function nextOpen() {
  const at = view.shown.indexOf(view.current);
  const isOpen = (row) => !decisions.has(row.record);
  show(view.shown.slice(at + 1).find(isOpen) ?? view.shown.find(isOpen) ?? view.current);
}

// ---- one row

/* A long text is folded; the rest comes with a click. */
function text(value) {
  const whole = String(value ?? '');
  const element = el('p', {class: 'text', dir: 'auto'}, whole === '' ? '(empty)' : whole);
  if (whole.length <= FOLD * 1.3) return element;
  element.textContent = whole.slice(0, FOLD) + '… ';
  return el('div', null, element, el('button', {type: 'button', onclick: (event) => {
    element.textContent = whole;
    event.target.remove();
  }}, `Show all ${count(whole.length)} characters`));
}

function fields(entries) {
  if (entries.length === 1) return text(entries[0][1]);
  const pairs = ([name, value]) => [el('dt', {dir: 'auto'}, name), el('dd', null, text(value))];
  const list = el('dl', null, ...entries.slice(0, 20).flatMap(pairs));
  if (entries.length <= 25) {
    list.append(...entries.slice(20).flatMap(pairs));
    return list;
  }
  return el('div', null, list, el('button', {type: 'button', onclick: (event) => {
    list.append(...entries.slice(20).flatMap(pairs));
    event.target.remove();
  }}, `Show all ${count(entries.length)} columns`));
}

function detail(row) {
  parts.keep.disabled = parts.other.disabled = parts.unsure.disabled = row === null;
  parts.suggest.disabled = row === null || row.suggested === null || row.suggested === row.label;
  if (row === null) {
    parts.about.replaceChildren(el('p', {class: 'muted'}, 'No row is shown.'));
    return;
  }
  const decision = decisions.get(row.record);
  const ids = Object.entries(row.id);
  const scores = Object.entries(row.scores);
  const fact = (name, ...value) => el('span', null, el('span', null, name), ...value);
  parts.about.replaceChildren(
    el('h2', null, `Record ${count(row.record)}, line ${count(row.line)}`,
      ...ids.flatMap(([name, value]) => [' · ', el('bdi', null, `${name} ${value}`)])),
    el('p', {class: 'verdict'},
      fact('given', el('b', null, el('bdi', null, row.label))),
      row.suggested === null ? null : fact('suggested', el('b', null, el('bdi', null, row.suggested)), ' ' + percent(row.probability)),
      fact('suspicion', el('b', null, percent(row.suspicion)), row.suspected ? '' : ' (not suspected)'),
      decision ? el('span', {class: 'decision ' + decision.decision}, decision.decision === 'keep' ? '✓ keep' : decision.decision === 'unsure' ? '? unsure' : '→ ' + decision.label) : null),
    fields(Object.entries(row.fields)),
    row.neighbours.length === 0 ? '' : el('h3', null, 'Nearest rows'),
    row.neighbours.length === 0 ? '' : el('ul', {class: 'neighbours'}, ...row.neighbours.map((neighbour) =>
      el('li', null, el('b', null, el('bdi', null, neighbour.label)), el('span', {class: 'muted'}, ` record ${count(neighbour.record)}`), text(neighbour.text)))),
    scores.length === 0 ? '' : el('h3', null, 'Scores'),
    scores.length === 0 ? '' : el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Scores'}, el('table', null,
      el('thead', null, el('tr', null, ...scores.map(([name]) => el('th', {scope: 'col', class: 'number'}, name)))),
      el('tbody', null, el('tr', null, ...scores.map(([, value]) => el('td', {class: 'number'}, typeof value === 'number' ? String(Number(value.toPrecision(3))) : '—')))))));
  parts.detail.scrollTop = 0;
}

// ---- another class

function choose(row) {
  if (!row) return;
  const input = el('input', {type: 'search', 'aria-label': 'Search classes', autocomplete: 'off', placeholder: 'Type a part of the class'});
  const list = el('ul', {role: 'listbox', 'aria-label': 'Classes'});
  const dialog = el('dialog', {'aria-label': 'Another class'}, el('h3', {style: 'margin-top: 0'}, 'Another class'), input, list,
    el('p', {class: 'muted'}, 'Enter takes the marked class, Escape closes.'));
  let found = [];
  let at = 0;
  const take = (name) => { dialog.close(); decide(row, {decision: 'change', label: name}); };
  const mark = (index) => {
    at = Math.max(0, Math.min(found.length - 1, index));
    [...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at)));
    list.children[at]?.scrollIntoView({block: 'nearest'});
  };
  const search = () => {
    const wanted = input.value.trim().toLowerCase();
    found = info.classes.filter((name) => name !== row.label && name.toLowerCase().includes(wanted))
      .sort((a, b) => b.toLowerCase().startsWith(wanted) - a.toLowerCase().startsWith(wanted)).slice(0, 100);
    list.replaceChildren(...found.map((name) => el('li', {role: 'option', dir: 'auto', onclick: () => take(name)}, name)));
    mark(0);
  };
  input.addEventListener('input', search);
  dialog.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'ArrowDown') mark(at + 1);
    else if (event.key === 'ArrowUp') mark(at - 1);
    else if (event.key === 'Enter' && found.length > 0) take(found[at]);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener('close', () => { dialog.remove(); parts.list.focus(); });
  document.body.append(dialog);
  search();
  dialog.showModal();
  input.focus();
}

// ---- keys

const suggestion = (row) => { if (row && row.suggested !== null && row.suggested !== row.label) decide(row, {decision: 'change', label: row.suggested}); };
const page = () => Math.max(1, Math.floor(parts.list.clientHeight / ROW) - 1);
const KEYS = {
  k: ['keep the given label', () => decide(view.current, {decision: 'keep'})],
  s: ['take the suggestion', () => suggestion(view.current)],
  c: ['another class', () => choose(view.current)],
  u: ['unsure', () => decide(view.current, {decision: 'unsure'})],
  z: ['undo', undo],
  n: ['next row that is not decided', nextOpen],
  ArrowDown: ['next row', () => move(1)],
  ArrowUp: ['row before', () => move(-1)],
  PageDown: ['a page down', () => move(page())],
  PageUp: ['a page up', () => move(-page())],
  Home: ['first row', () => move(-rows.length)],
  End: ['last row', () => move(rows.length)],
  '/': ['search', () => parts.search.focus()],
  d: ['download decisions.csv', download],
  '?': ['these keys', help],
};

function help() {
  const dialog = el('dialog', {'aria-label': 'Keys'}, el('h3', {style: 'margin-top: 0'}, 'Keys'),
    el('dl', null, ...Object.entries(KEYS).flatMap(([key, [what]]) => [el('dt', null, el('kbd', null, key)), el('dd', null, what)])),
    el('p', null, 'Decisions stay in this browser, for this data file. Download them, then call ', el('code', null, 'stackel clean … --decisions decisions.csv'), '.'),
    button('Close', null, () => dialog.close(), 'main'));
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('close', () => { dialog.remove(); parts.list.focus(); });
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener('keydown', (event) => {
  const isTyping = event.target.matches?.('input, select, textarea');
  if (event.key === 'Escape' && isTyping) { parts.list.focus(); return; }
  if (isTyping && !(event.target === parts.search && ['ArrowDown', 'ArrowUp'].includes(event.key))) return;
  const isUndo = (event.ctrlKey || event.metaKey) && event.key === 'z';
  if ((event.ctrlKey || event.metaKey || event.altKey) && !isUndo) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!KEYS[key]) return;
  event.preventDefault();
  KEYS[key][1]();
});

// ---- the page

function progress() {
  const found = {keep: 0, change: 0, unsure: 0};
  let suspected = 0;
  for (const row of rows) {
    const decision = decisions.get(row.record);
    if (!decision) continue;
    found[decision.decision]++;
    suspected += row.suspected ? 1 : 0;
  }
  const done = found.keep + found.change + found.unsure;
  parts.progress.value = suspected;
  parts.done.textContent = `${count(suspected)} of ${count(SUSPECTED)} suspected rows decided`
    + (done > 0 ? ` · ${count(found.keep)} kept, ${count(found.change)} changed, ${count(found.unsure)} unsure` : '');
  parts.undo.disabled = past.length === 0;
  parts.download.disabled = done === 0;
}

const choice = (label, options, onchange) => el('select', {'aria-label': label, onchange},
  ...options.map(([value, text]) => el('option', {value}, text)));
const labelCounts = new Map();
for (const row of rows) labelCounts.set(row.label, (labelCounts.get(row.label) ?? 0) + 1);
const labels = [...labelCounts.keys()].sort((a, b) => a.localeCompare(b));

let waiting = 0;
const parts = {
  search: el('input', {type: 'search', placeholder: 'Search', 'aria-label': 'Search texts, labels and ids', autocomplete: 'off', oninput: () => {
    clearTimeout(waiting);
    waiting = setTimeout(refilter, 120);
  }}),
  state: choice('Which rows', Object.entries(STATES).map(([value, [text]]) => [value, text]), refilter),
  label: choice('Given label', [['', 'every label'], ...labels.map((name, index) => [String(index), `${name} (${count(labelCounts.get(name))})`])], refilter),
  order: choice('Order', Object.entries(ORDERS).map(([value, [text]]) => [value, text]), refilter),
  shown: el('span', {class: 'muted', role: 'status'}),
  progress: el('progress', {max: Math.max(1, SUSPECTED), value: 0, 'aria-label': 'Decided'}),
  done: el('p', {class: 'muted', role: 'status'}),
  storage: el('p', {class: 'note', role: 'alert', hidden: true}, 'This browser keeps nothing for this page: download the decisions before you close it.'),
  all: el('div', {class: 'all'}),
  empty: el('p', {class: 'empty', hidden: true}, rows.length === 0 ? 'There is no suspected row.' : 'No row matches.'),
  about: el('div', {class: 'about'}),
  keep: button('Keep', 'K', () => KEYS.k[1]()),
  suggest: button('Take suggestion', 'S', () => KEYS.s[1](), 'main'),
  other: button('Another class', 'C', () => KEYS.c[1]()),
  unsure: button('Unsure', 'U', () => KEYS.u[1]()),
  undo: button('Undo', 'Z', undo),
  download: button('Download decisions.csv', null, download, 'main'),
};
parts.list = el('div', {class: 'list', role: 'listbox', tabindex: 0, 'aria-label': 'Rows', onscroll: () => requestAnimationFrame(() => draw())}, parts.all, parts.empty);
parts.detail = el('section', {class: 'detail', 'aria-label': 'Row'}, parts.about,
  el('div', {class: 'actions'}, parts.keep, parts.suggest, parts.other, parts.unsure, parts.undo));

const about = `${info.data} · ${count(info.suspected)} of ${count(info.rows)} rows are suspected`
  + (data.left > 0 ? ` · ${count(data.left)} less suspicious ones are not on this page` : '');
document.body.append(
  el('header', null,
    el('div', {class: 'title'}, el('h1', null, info.title), el('p', {class: 'muted'}, about)),
    el('div', {class: 'state'}, parts.progress, parts.done),
    button('Keys', '?', help, 'keys'), parts.download),
  parts.storage,
  el('div', {class: 'filters', role: 'search'}, parts.search, parts.state, parts.label, parts.order, parts.shown),
  el('main', null, parts.list, parts.detail));

const at = restore();
if (SUSPECTED > 0 && SUSPECTED < rows.length) parts.state.value = 'suspected';
filter();
progress();
parts.storage.hidden = keeps;
show(byRecord.get(at) ?? view.shown[0] ?? null);
draw(true);
parts.list.focus();
addEventListener('resize', () => draw());
addEventListener('storage', (event) => { // decided in another tab
  if (event.key !== KEY) return;
  restore();
  filter();
  progress();
  draw(true);
  detail(view.current);
});
