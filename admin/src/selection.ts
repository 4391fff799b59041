// A list whose rows can be ticked: one box for all of them, and how many are ticked.

import { msg } from './messages';
import { onElements } from './mount';

onElements('form[data-bulk]', (form) => {
  const all = form.querySelector<HTMLInputElement>('input[data-all]');
  const told = form.querySelector<HTMLElement>('[data-chosen]');
  const rows = () => [...form.querySelectorAll<HTMLInputElement>('input[name=id]')];
  if (!all || !told) return;
  const idle = told.textContent ?? '';
  all.hidden = false;
  const count = () => {
    const n = rows().filter((r) => r.checked).length;
    all.checked = n > 0 && n === rows().length;
    all.indeterminate = n > 0 && !all.checked;
    told.textContent = n ? msg('chosen', { n }) : idle;
  };
  all.addEventListener('change', () => {
    rows().forEach((r) => (r.checked = all.checked));
    count();
  });
  form.addEventListener('change', (e) => e.target !== all && count());
  count(); // a page that comes back from the browser's history keeps its ticks
});
