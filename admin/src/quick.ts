// What is typed beside the button that adds an item: Enter adds it, and the field is ready for the next. Names are looked for while
// one types. Without this script the button does it, and looks for the name itself.

import { announce } from './announce';
import { msg } from './messages';
import { onElements } from './mount';
import { combobox } from './picker';
import { fetchHTML } from './trusted';

onElements('[data-quick]', (el) => {
  const input = el as HTMLInputElement;
  const button = input.closest('.adds')?.querySelector<HTMLButtonElement>('button[name=op]');
  if (!button) return;
  const add = (label: string, id = '') => {
    if (id) {
      const chosen = document.createElement('input');
      chosen.type = 'hidden';
      chosen.name = input.name.replace(':quick:', ':chosen:');
      chosen.value = id;
      input.after(chosen);
    }
    input.value = label;
    button.click();
    announce(msg('picker_added', { label }));
  };
  const url = input.dataset.quick;
  if (!url) {
    input.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter' || e.ctrlKey || e.metaKey || e.isComposing || !input.value.trim()) return;
      e.preventDefault();
      add(input.value);
    });
    return;
  }
  const list = document.createElement('ul');
  list.className = 'options';
  list.hidden = true;
  input.after(list);
  combobox(input, list, () => url, (option) => {
    const { create, id, label } = option.dataset;
    if (id) return add(label || option.textContent!.trim(), id);
    if (!create) return;
    const office = input.form?.elements.namedItem('office');
    void fetchHTML(url, { method: 'POST', body: new URLSearchParams({ create, office: office instanceof HTMLInputElement || office instanceof HTMLSelectElement ? office.value : '' }) }).then(
      ({ res, doc }) => {
        const made = doc.querySelector<HTMLElement>('[data-id]');
        if (res.ok && made) add(create, made.dataset.id!);
        else announce(doc.querySelector('[data-announce],.err')?.textContent?.trim() || msg('picker_not_created', { label: create }));
      },
      () => announce(msg('swap_network')),
    );
  });
});

/** Files that were dropped on a list of documents are on the server: the form makes documents of them. */
onElements('[data-papers]', (drop) => {
  drop.addEventListener('uploaded', () => drop.parentElement!.querySelector<HTMLButtonElement>('button[value^=papers]')!.click());
});
