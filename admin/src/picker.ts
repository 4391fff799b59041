// Pickers: a text field that searches on the server and keeps what is chosen as chips, or as one value.
// ARIA combobox with a listbox; the keys are combobox-nav's, the options are the server's HTML.

import Combobox from '@github/combobox-nav';
import { announce } from './announce';
import { touch } from './form';
import { iconButton } from './icons';
import { fillFrom } from './library';
import { msg } from './messages';
import { onElements } from './mount';
import { fetchHTML } from './trusted';

let serial = 0;

/**
 * Turns an input into a combobox over options fetched from url with q= the typed words.
 * choose is called with the option's element; the list closes afterwards.
 */
export function combobox(input: HTMLInputElement, list: HTMLElement, url: () => string, choose: (option: HTMLElement) => void, open = false): () => void {
  list.id ||= `options-${++serial}`;
  list.setAttribute('role', 'listbox');
  if (!list.hasAttribute('aria-label')) list.setAttribute('aria-label', input.labels?.[0]?.textContent?.trim() || input.getAttribute('aria-label') || input.placeholder);
  const nav = new Combobox(input, list, { tabInsertsSuggestions: false, firstOptionSelectionMode: 'active' });
  let timer = 0;
  let asked: AbortController | undefined;
  let stale = false; // the options shown are not those of what is typed
  let enter = false; // Enter was pressed while they were stale

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    stale = enter = false;
    if (open || list.hidden) return;
    nav.stop();
    list.hidden = true;
  };
  const search = async () => {
    asked?.abort();
    const mine = (asked = new AbortController());
    const to = new URL(url(), location.href);
    to.searchParams.set('q', input.value.trim());
    list.setAttribute('aria-busy', 'true');
    try {
      const { res, doc } = await fetchHTML(to.href, { signal: mine.signal });
      if (!res.ok) throw new Error(String(res.status));
      const options = [...doc.querySelectorAll<HTMLElement>('[role=option]')];
      const groups = [...doc.querySelectorAll<HTMLElement>('[role=group]')];
      options.forEach((o) => (o.id ||= `option-${++serial}`));
      if (!options.length) {
        const none = document.createElement('li');
        none.className = 'none';
        none.setAttribute('role', 'option');
        none.setAttribute('aria-disabled', 'true');
        none.textContent = msg('picker_none');
        options.push(none);
      }
      list.replaceChildren(...(groups.length ? groups : options).map((o) => document.adoptNode(o)));
      if (list.hidden || open) {
        list.hidden = false;
        nav.stop();
        nav.start();
      } else nav.resetSelection();
      // A field at the foot of the window would open its list below it.
      list.scrollIntoView({ block: 'nearest' });
      const create = options.find((o) => o.dataset.create);
      const n = options.filter((o) => o.getAttribute('aria-disabled') !== 'true' && !o.dataset.create).length;
      stale = false;
      if (enter) {
        enter = false;
        list.querySelector<HTMLElement>('[role=option]:not([aria-disabled=true])')?.click();
      } else announce(n ? msg('picker_results', { n }) : (create?.textContent ?? msg('picker_none')));
    } catch (e) {
      if (mine.signal.aborted) return;
      announce(msg('swap_network'));
      close();
    } finally {
      list.removeAttribute('aria-busy');
    }
  };
  const later = () => {
    clearTimeout(timer);
    stale = true;
    enter = false;
    timer = window.setTimeout(search, 150);
  };
  input.addEventListener('input', () => (input.value.trim() || open ? later() : close()));
  input.addEventListener('keydown', (e) => {
    if (e.isComposing) return;
    if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && list.hidden && !e.altKey) {
      e.preventDefault();
      void search();
    } else if (e.key === 'Enter' && !e.ctrlKey && !e.metaKey) {
      e.preventDefault();
      if (!stale) return;
      // What is chosen must be what was typed, however fast.
      e.stopImmediatePropagation();
      clearTimeout(timer);
      enter = true;
      void search();
    } else if (e.key === 'Escape' && !list.hidden && !open) {
      e.preventDefault();
      e.stopPropagation();
      close();
    }
  });
  input.addEventListener('blur', () => setTimeout(() => document.activeElement !== input && close(), 150)); // it may be back by then
  // A press on an option must not take the focus out of the field.
  list.addEventListener('mousedown', (e) => e.preventDefault());
  list.addEventListener('combobox-commit', (e) => {
    const option = e.target as HTMLElement;
    close();
    choose(option);
  });
  if (open) void search();
  return close;
}

onElements('[data-picker]', (picker) => {
  const input = picker.querySelector<HTMLInputElement>('input[type=text],input[type=search],input:not([type])');
  if (!input) return;
  const name = picker.dataset.name ?? '';
  const many = 'many' in picker.dataset;
  const chips = picker.querySelector<HTMLElement>('.chips');
  picker.querySelectorAll<HTMLElement>('.nojs').forEach((e) => (e.hidden = true));
  picker.classList.add('on');
  input.autocomplete = 'off';
  input.dataset.local = ''; // what is being searched for is not content
  const list = document.createElement('ul');
  list.className = 'options';
  list.hidden = true;
  picker.append(list);

  const hidden = () => picker.querySelector<HTMLInputElement>(`input[type=hidden][name="${CSS.escape(name)}"]`);

  const chip = (id: string, label: string) => {
    const li = document.createElement('li');
    li.className = 'chip';
    const value = document.createElement('input');
    value.type = 'hidden';
    value.name = name;
    value.value = id;
    const text = document.createElement('span');
    text.dir = 'auto';
    text.textContent = label;
    const x = iconButton('x', msg('picker_remove', { label }), 'x');
    x.dataset.unref = '';
    li.append(value, text, x);
    return li;
  };
  const keep = (id: string, label: string) => {
    if (chips) {
      const there = [...chips.querySelectorAll<HTMLInputElement>('input[type=hidden]')].some((h) => h.value === id);
      if (!there) {
        const c = chip(id, label);
        if (many) chips.append(c);
        else chips.replaceChildren(c);
      }
      input.value = '';
    } else {
      let h = hidden();
      if (!h) {
        h = document.createElement('input');
        h.type = 'hidden';
        h.name = name;
        picker.prepend(h);
      }
      h.value = id;
      input.value = label;
      h.dispatchEvent(new Event('change', { bubbles: true }));
    }
    touch(picker);
    picker.dispatchEvent(new CustomEvent('picked', { bubbles: true }));
    if (chips?.matches('.filechips')) void fillFrom(id, name);
    announce(msg('picker_added', { label }));
  };
  // What is made here belongs where the entry will, which may have been chosen in this form a moment ago.
  const office = () => {
    const chosen = input.form?.elements.namedItem('office');
    return chosen instanceof HTMLSelectElement || chosen instanceof HTMLInputElement ? chosen.value : '';
  };
  const create = async (typed: string) => {
    picker.setAttribute('aria-busy', 'true');
    try {
      const { res, doc } = await fetchHTML(picker.dataset.url!, { method: 'POST', body: new URLSearchParams({ create: typed, office: office() }) });
      const made = doc.querySelector<HTMLElement>('[data-id]');
      if (!res.ok || !made) {
        announce(doc.querySelector('[data-announce],.err')?.textContent?.trim() || msg('picker_not_created', { label: typed }));
        return;
      }
      keep(made.dataset.id!, made.dataset.label || made.textContent!.trim());
    } catch {
      announce(msg('swap_network'));
    } finally {
      picker.removeAttribute('aria-busy');
    }
  };
  combobox(input, list, () => picker.dataset.url!, (o) => {
    if (o.dataset.create) void create(o.dataset.create);
    else if (o.dataset.id) keep(o.dataset.id, o.dataset.label || o.textContent!.trim());
    input.focus();
  });

  const drop = (li: HTMLElement) => {
    const label = li.querySelector('span')?.textContent?.trim() ?? '';
    const next = (li.nextElementSibling ?? li.previousElementSibling)?.querySelector<HTMLElement>('.x') ?? input;
    const had = li.contains(document.activeElement);
    li.remove();
    if (had) next.focus();
    touch(picker);
    announce(msg('picker_removed', { label }));
  };
  chips?.addEventListener('click', (e) => {
    const x = (e.target as Element).closest('.x');
    const li = x?.closest<HTMLElement>('.chip');
    if (!li) return;
    e.preventDefault();
    drop(li);
  });
  chips?.addEventListener('keydown', (e) => {
    const li = (e.target as Element).closest<HTMLElement>('.chip');
    if (!li) return;
    const rtl = getComputedStyle(picker).direction === 'rtl';
    const back = e.key === 'ArrowUp' || e.key === (rtl ? 'ArrowRight' : 'ArrowLeft');
    const on = e.key === 'ArrowDown' || e.key === (rtl ? 'ArrowLeft' : 'ArrowRight');
    const to = back ? li.previousElementSibling : on ? li.nextElementSibling : null;
    if (e.key === 'Backspace' || e.key === 'Delete') {
      e.preventDefault();
      drop(li);
    } else if (to && e.altKey) {
      e.preventDefault();
      e.stopPropagation();
      const at = document.activeElement as HTMLElement;
      if (back) to.before(li);
      else to.after(li);
      at.focus();
      touch(picker);
      const all = [...chips.children];
      announce(msg('list_moved', { label: li.querySelector('span')?.textContent ?? '', n: all.indexOf(li) + 1, total: all.length }));
    } else if (to && !e.ctrlKey && !e.metaKey) {
      e.preventDefault();
      to.querySelector<HTMLElement>('.x')?.focus();
    }
  });
  input.addEventListener('keydown', (e) => {
    const last = chips?.lastElementChild as HTMLElement | null;
    if (e.key === 'Backspace' && !input.value && last && !e.repeat) {
      e.preventDefault();
      drop(last);
    }
  });
  if (!chips) {
    // One value shown in the field itself. What is typed and not chosen stays: saving looks it up, or says what is wrong.
    input.addEventListener('focus', () => input.select());
    input.addEventListener('blur', () =>
      setTimeout(() => {
        if (input === document.activeElement) return;
        const h = hidden();
        if (!input.value.trim() && h?.value) {
          h.value = '';
          touch(picker);
          h.dispatchEvent(new Event('change', { bubbles: true }));
        }
      }, 200),
    );
  }
});
