// The keys of the inbox: rows of a list, the first outcome of a task, and the page that explains them. See inbox/keys.html.

const HERE = 'bj-row--here';

const isTyping = (target) => target.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable], dialog');
const rows = () => [...document.querySelectorAll('tr[data-row]')];
const present = () => document.querySelector(`tr.${HERE}`);

/** Move to another row; at the ends one stays. The row's link gets the focus, so screen readers say it and Enter opens it. */
function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(present());
  const row = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  present()?.classList.remove(HERE);
  row.classList.add(HERE);
  row.querySelector('[data-open]').focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
  return true;
}

function tick() {
  const box = present()?.querySelector('input[type=checkbox]');
  box?.click();
  return Boolean(box);
}

/** `data-focus-key="a"`: the key goes there and presses nothing; what decides is pressed by hand. */
function focusOn(key) {
  const target = document.querySelector(`[data-focus-key="${CSS.escape(key)}"]`);
  target?.scrollIntoView({ block: 'nearest' });
  target?.focus();
  return Boolean(target);
}

function explain() {
  const help = document.getElementById('keys');
  if (!help?.showModal) return false;
  if (!help.open) help.showModal();
  return true;
}

const ACTIONS = { j: () => step(1), k: () => step(-1), x: tick, '?': explain };

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (isTyping(event.target)) return;
  if (ACTIONS[event.key]?.() || focusOn(event.key)) event.preventDefault();
}

/** Somebody who came to a row with Tab or the mouse goes on from there. */
function follow(event) {
  const row = event.target.closest?.('tr[data-row]');
  if (!row || row === present()) return;
  present()?.classList.remove(HERE);
  row.classList.add(HERE);
}

/** The box in the head ticks all rows; the bar above says how many are ticked. */
function ticking(event) {
  const all = event.target.closest?.('[data-tick-all]');
  const boxes = [...document.querySelectorAll('input[name=task][form=batch]')];
  if (all) for (const box of boxes) box.checked = all.checked;
  else if (!boxes.includes(event.target)) return;
  const ticked = boxes.filter((box) => box.checked).length;
  for (const shown of document.querySelectorAll('[data-ticked]')) {
    shown.hidden = !ticked;
    shown.querySelector('b').textContent = ticked;
  }
  const head = document.querySelector('[data-tick-all]');
  if (head) Object.assign(head, { checked: ticked === boxes.length, indeterminate: ticked > 0 && ticked < boxes.length });
}

/** What only works with scripts is shown by them; htmx brings lists anew. */
function unhide() {
  for (const each of document.querySelectorAll('[data-opens=keys], [data-tick-all]')) each.hidden = false;
}

export function start() {
  if (!document.getElementById('keys')) return;
  document.addEventListener('keydown', pressed);
  document.addEventListener('focusin', follow);
  document.addEventListener('change', ticking);
  document.addEventListener('htmx:afterSettle', unhide);
  unhide();
  document.addEventListener('click', (event) => {
    if (event.target.closest?.('[data-opens=keys]')) explain();
  });
}
