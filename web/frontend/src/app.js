// Small comforts on top of pages that work without them: confirmation, drop zones, keys, and htmx under our strict policy.

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

/** `data-key="/"` on a field or a link: this key goes there, unless somebody is typing. */
function shortcut(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.('input, textarea, select, [contenteditable]')) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches('input, textarea, select')) target.focus();
  else target.click();
}

function configure(htmx) {
  // No eval and no injected style: the content security policy allows neither.
  Object.assign(htmx.config, { allowEval: false, allowScriptTags: false, includeIndicatorStyles: false });
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
  for (const type of ['dragover', 'dragleave', 'drop']) document.addEventListener(type, dropZone);
  document.documentElement.classList.add('bj-js');
}
