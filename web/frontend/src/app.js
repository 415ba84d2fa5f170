// Comforts on top of pages that work without them: confirmation, drop zones, keys, live figures, and htmx under our policy.

const REFRESH_MS = 60_000;

/** `data-confirm="question"` on a form or a button: ask before it is sent. */
function confirmBeforeSubmit(event) {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

/** `data-dropzone` around a file input: files may be dropped anywhere inside it. */
function dropZone(event) {
  const zone = event.target.closest?.('[data-dropzone]');
  const input = zone?.querySelector('input[type=file]');
  if (!input) return;
  event.preventDefault();
  zone.classList.toggle('bj-dropzone--over', event.type === 'dragover');
  if (event.type === 'drop' && event.dataTransfer?.files.length) {
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

/** What was chosen in a drop zone, by name, under `data-chosen`. */
function showChosen(event) {
  const shown = event.target.closest?.('[data-dropzone]')?.querySelector('[data-chosen]');
  if (shown && event.target.files) shown.textContent = [...event.target.files].map((file) => file.name).join('、');
}

/** `data-key="/"` on a field or a link: this key goes there, unless somebody is typing. */
function shortcut(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === 'Escape') closeMenus();
  if (event.target.closest?.('input, textarea, select, [contenteditable]')) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches('input, textarea, select')) target.focus();
  else target.click();
}

/** Menus close when one clicks elsewhere or presses Escape. */
function closeMenus(event) {
  for (const menu of document.querySelectorAll('details.bj-menu[open]')) {
    if (event && menu.contains(event.target)) continue;
    if (!event && menu.contains(document.activeElement)) menu.querySelector('summary').focus();
    menu.open = false;
  }
}

/** `data-phrases="field"` around buttons: each puts its words into the field, at the cursor. */
function phrases() {
  for (const list of document.querySelectorAll('[data-phrases]')) {
    const field = document.getElementById(list.dataset.phrases);
    if (!field) continue;
    list.hidden = false;
    list.addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (!button) return;
      field.setRangeText(button.textContent, field.selectionStart, field.selectionEnd, 'end');
      field.focus();
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
  }
}

/** `data-parts`: an address that leads into a part that lies behind shows it; a reload shows the part that was chosen. */
function parts() {
  const box = document.querySelector('[data-parts]');
  if (!box) return;
  const reveal = () => {
    const part = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest('.bj-part');
    const name = part?.className.match(/bj-part--(\w+)/)?.[1];
    if (!name) return;
    document.getElementById(`part-${name}`).checked = true;
    document.getElementById(decodeURIComponent(location.hash.slice(1))).scrollIntoView({ block: 'nearest' });
  };
  box.addEventListener('change', (event) => {
    if (event.target.name !== 'part') return;
    const url = new URL(location.href);
    url.searchParams.set('part', event.target.value);
    history.replaceState(history.state, '', url.pathname + url.search);
  });
  window.addEventListener('hashchange', reveal);
  reveal();
}

/** What stays in view beside a long page: of something longer than the window, the end does. */
function staysInView() {
  const box = document.querySelector('.bj-beside');
  if (!box || !window.ResizeObserver) return;
  const place = () => { box.style.top = `${Math.min(12, window.innerHeight - box.offsetHeight - 12)}px`; };
  new ResizeObserver(place).observe(box);
  window.addEventListener('resize', place);
}

/** `data-print` on a button. */
function printButtons() {
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  }
}

/** `data-filter-cards` around a search field: shows the cards in whose `data-card` all words stand that are typed. */
function cardFilter() {
  const field = document.querySelector('[data-filter-cards] input[type=search]');
  if (!field) return;
  field.addEventListener('input', () => {
    const words = field.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const group of document.querySelectorAll('[data-cards]')) {
      const cards = [...group.querySelectorAll('[data-card]')];
      for (const card of cards) card.hidden = !words.every((word) => card.dataset.card.includes(word));
      group.hidden = cards.every((card) => card.hidden);
      shown += !group.hidden;
    }
    document.querySelector('[data-no-cards]').hidden = shown > 0;
  });
}

/** What was typed and not sent is not lost without a question. */
function warnBeforeLeaving() {
  const form = document.querySelector('form[data-keep]');
  if (!form) return;
  let touched = false;
  // Some of its fields stand outside of the form element and belong to it by their form attribute.
  document.addEventListener('input', (event) => { touched ||= event.target.form === form; });
  document.addEventListener('submit', () => { touched = false; });
  window.addEventListener('beforeunload', (event) => {
    if (touched) event.preventDefault();
  });
}

/** `data-zoom` around a diagram: buttons to enlarge it inside its own box, and dragging to move it there. */
function zoomable(box) {
  const picture = box.querySelector('img, svg');
  const natural = picture.getAttribute('width'); // of a drawing in the page
  const fit = () => {
    box.classList.replace('bj-diagram--zoomed', 'bj-diagram--fit');
    picture.removeAttribute('width');
    if (natural) picture.setAttribute('width', natural);
  };
  const zoom = (factor) => {
    const width = Math.round(picture.clientWidth * factor);
    if (width <= box.clientWidth && factor < 1) return fit();
    const { scrollLeft, scrollTop } = box;
    box.classList.replace('bj-diagram--fit', 'bj-diagram--zoomed');
    picture.setAttribute('width', Math.min(width, 12_000));
    box.scrollTo(scrollLeft * factor, scrollTop * factor);
  };
  const bar = document.createElement('div');
  bar.className = 'bj-zoom';
  const actions = [['+', box.dataset.zoomIn, () => zoom(1.5)], ['−', box.dataset.zoomOut, () => zoom(1 / 1.5)], ['⤢', box.dataset.zoomFit, fit]];
  for (const [sign, name, act] of actions) {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', className: 'bj-button', textContent: sign, title: name });
    button.setAttribute('aria-label', name);
    button.addEventListener('click', act);
    bar.append(button);
  }
  box.before(bar);
  box.addEventListener('pointermove', (event) => {
    if (event.buttons === 1) box.scrollBy(-event.movementX, -event.movementY);
  });
  picture.draggable = false;
  picture.addEventListener('dragstart', (event) => event.preventDefault());
}

/** Steps of a diagram lead to what is known of them, beside it: the page stays where it is. */
function stayAtDiagram(event) {
  const link = event.target.closest?.('a[data-node]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const top = window.scrollY;
  location.replace(link.getAttribute('href'));
  window.scrollTo({ top, behavior: 'instant' });
}

/** The figures of the menu and the tabs, once a minute. The server does not count this as somebody being there. */
function liveCounts() {
  const url = document.body.dataset.counts;
  if (!url) return;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(url, { headers: { Accept: 'application/json' } }).catch(() => null);
    if (!answer?.ok) {
      if (answer?.status === 401) clearInterval(timer);
      return;
    }
    for (const [name, count] of Object.entries(await answer.json())) {
      for (const shown of document.querySelectorAll(`[data-count="${CSS.escape(name)}"]`)) {
        shown.textContent = count > 999 ? '999+' : count;
        shown.dataset.n = count;
      }
    }
  }, REFRESH_MS);
}

function configure(htmx) {
  // No eval and no injected style: the content security policy allows neither.
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    // Without "style", which it would copy as an attribute: the content policy forbids that.
    attributesToSettle: ['class', 'width', 'height'],
  });
  document.addEventListener('htmx:configRequest', (event) => {
    const token = document.querySelector('meta[name=csrf-token]')?.content;
    if (token) event.detail.headers['X-CSRF-Token'] = token;
  });
  // A refused form (422) or a lost race (409) comes back as a page that says why: show it.
  document.addEventListener('htmx:beforeSwap', (event) => {
    if ([409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
}

export function start(htmx) {
  configure(htmx);
  document.addEventListener('submit', confirmBeforeSubmit, true);
  document.addEventListener('keydown', shortcut);
  document.addEventListener('click', closeMenus);
  document.addEventListener('click', stayAtDiagram);
  document.addEventListener('change', showChosen);
  for (const type of ['dragover', 'dragleave', 'drop']) document.addEventListener(type, dropZone);
  document.querySelectorAll('[data-zoom]').forEach(zoomable);
  for (const ready of [phrases, parts, staysInView, printButtons, cardFilter, warnBeforeLeaving, liveCounts]) ready();
  document.querySelector('#errors, #report')?.focus();
  document.documentElement.classList.add('bj-js');
}
