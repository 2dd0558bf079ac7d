// Keys for the back office: `/` goes to the field that leads anywhere; `j` and `k` go down and up among what is marked
// `data-row`, `x` ticks the row's box. Without it everything is there too.
(() => {
  'use strict';

  const types = (target) => target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]');

  const step = (by) => {
    const rows = [...document.querySelectorAll('[data-row]')];
    if (rows.length === 0) return;
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
    const target = rows[next].querySelector('a') || rows[next].querySelector('button, input');
    if (target) target.focus();
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
    switch (event.key) {
      case '/': {
        const find = document.getElementById('find');
        if (!find) return;
        find.focus();
        break;
      }
      case 'j': step(1); break;
      case 'k': step(-1); break;
      case 'x': {
        const row = document.activeElement.closest('[data-row]');
        const box = row && row.querySelector('input[type=checkbox]');
        if (!box) return;
        box.click();
        break;
      }
      default: return;
    }
    event.preventDefault();
  });
})();
