// Dates and times: what was typed is read by the server and answered in words under the fields (UX 2.6).

import { touch } from './form';
import { onElements } from './mount';
import { fetchHTML } from './trusted';

onElements('[data-when]', (group) => {
  const target = (group.dataset.swapTo ?? '').replace(/^#/, '');
  let timer = 0;
  let asked: AbortController | undefined;
  let last = '';

  const ask = async () => {
    clearTimeout(timer);
    const body = new URLSearchParams();
    for (const c of group.querySelectorAll<HTMLInputElement>('input[name],select[name],textarea[name]')) {
      if (!c.disabled && (!/^(checkbox|radio)$/.test(c.type) || c.checked)) body.append(c.name, c.value);
    }
    if (body.toString() === last) return;
    last = body.toString();
    asked?.abort();
    const mine = (asked = new AbortController());
    const old = document.getElementById(target);
    old?.setAttribute('aria-busy', 'true');
    try {
      const { doc } = await fetchHTML(group.dataset.echoUrl!, { method: 'POST', body, signal: mine.signal });
      const fresh = doc.getElementById(target);
      if (fresh) document.getElementById(target)?.replaceWith(document.adoptNode(fresh));
    } catch {
      if (mine.signal.aborted) return;
      last = ''; // the words are a courtesy: the fields are still read when the form is saved
    } finally {
      document.getElementById(target)?.removeAttribute('aria-busy');
    }
  };
  group.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, 500);
  });
  group.addEventListener('change', ask);
  group.addEventListener('focusout', (e) => {
    // The two readings of an ambiguous date are buttons: do not take them away under the pointer.
    if (!(e.relatedTarget instanceof Element && e.relatedTarget.closest('[data-set]'))) void ask();
  });
});

/** Writes into a field as if it had been typed. */
function write(id: string, value: string): void {
  const field = document.getElementById(id);
  if (!(field instanceof HTMLInputElement)) return;
  field.value = value;
  touch(field);
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

/** YYYY-MM-DD, if the text has one: the calendar opens there. */
const iso = (text: string) => /\b\d{4}-\d\d-\d\d\b/.exec(text)?.[0] ?? '';

export function startDates(): void {
  document.addEventListener('click', (e) => {
    const at = e.target as Element;
    const set = at.closest?.<HTMLElement>('[data-set]');
    if (set) {
      write(set.dataset.set!, set.dataset.value ?? '');
      document.getElementById(set.dataset.set!)?.focus();
      return;
    }
    const b = at.closest?.<HTMLButtonElement>('[data-datepicker]');
    if (!b) return;
    const field = document.getElementById(b.dataset.datepicker!) as HTMLInputElement | null;
    if (!field) return;
    let native = b.parentElement!.querySelector<HTMLInputElement>('input.native-date');
    if (!native) {
      native = document.createElement('input');
      native.type = 'date';
      native.className = 'native-date';
      native.tabIndex = -1;
      native.setAttribute('aria-hidden', 'true');
      native.dataset.local = '';
      const made = native;
      made.addEventListener('change', () => {
        if (made.value) write(b.dataset.datepicker!, made.value);
        b.focus();
      });
      b.after(made);
    }
    native.value = iso(field.value) || iso(field.dataset.iso ?? '');
    try {
      native.showPicker();
    } catch {
      field.focus(); // a browser without it: typing remains
    }
  });
}
