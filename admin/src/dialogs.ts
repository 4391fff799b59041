// Small questions of the editor: an address, a note, an alternative text. A <dialog> outside the entry form.

import { msg } from './messages';

export interface Field {
  name: string;
  label: string;
  value: string;
  kind?: 'text' | 'long' | 'select';
  options?: [value: string, label: string][];
  lang?: string;
  dir?: string;
  help?: string;
  /** What is wrong with the value, in words; null when nothing is. */
  check?(value: string): string | null;
}

export type Answer = Record<string, string> | 'remove' | null;

let serial = 0;

/** Asks, and answers with the values, 'remove', or null when it was called off. */
export function ask(title: string, fields: Field[], removable: boolean): Promise<Answer> {
  const n = ++serial;
  const dialog = document.createElement('dialog');
  dialog.className = 'dlg';
  dialog.setAttribute('aria-labelledby', `dlg-${n}`);
  const form = document.createElement('form');
  form.method = 'dialog';
  form.noValidate = true;
  form.dataset.local = '';
  const h = document.createElement('h2');
  h.id = `dlg-${n}`;
  h.textContent = title;
  form.append(h);

  const controls = fields.map((f, i) => {
    const box = document.createElement('div');
    box.className = 'f';
    const label = document.createElement('label');
    label.htmlFor = `dlg-${n}-${i}`;
    label.textContent = f.label;
    const c = document.createElement(f.kind === 'long' ? 'textarea' : f.kind === 'select' ? 'select' : 'input');
    c.id = label.htmlFor;
    c.className = 'in';
    c.dataset.local = '';
    if (c instanceof HTMLSelectElement) for (const [v, l] of f.options ?? []) c.add(new Option(l, v));
    c.value = f.value;
    if (f.lang) c.lang = f.lang;
    c.dir = f.dir ?? 'auto';
    box.append(label, c);
    const notes: string[] = [];
    if (f.help) {
      const p = document.createElement('p');
      p.className = 'help';
      p.id = `${c.id}-help`;
      p.textContent = f.help;
      notes.push(p.id);
      box.append(p);
    }
    const err = document.createElement('p');
    err.className = 'err';
    err.id = `${c.id}-err`;
    err.hidden = true;
    notes.push(err.id);
    box.append(err);
    c.setAttribute('aria-describedby', notes.join(' '));
    form.append(box);
    return { f, c, err };
  });

  const row = document.createElement('div');
  row.className = 'row';
  const button = (label: string, cls: string, type: 'submit' | 'button', act?: () => void) => {
    const b = document.createElement('button');
    b.type = type;
    b.className = cls;
    b.textContent = label;
    if (act) b.addEventListener('click', act);
    row.append(b);
  };
  return new Promise((resolve) => {
    let answer: Answer = null;
    const finish = (a: Answer) => {
      answer = a;
      dialog.close();
    };
    button(msg('dlg_apply'), 'btn pri', 'submit');
    button(msg('dlg_cancel'), 'btn', 'button', () => finish(null));
    if (removable) button(msg('dlg_remove'), 'btn ghost', 'button', () => finish('remove'));
    form.append(row);
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      let first: HTMLElement | null = null;
      for (const { f, c, err } of controls) {
        const wrong = f.check?.(c.value.trim()) ?? null;
        err.hidden = !wrong;
        err.textContent = wrong ?? '';
        c.setAttribute('aria-invalid', String(!!wrong));
        if (wrong) first ??= c;
      }
      if (first) first.focus();
      else finish(Object.fromEntries(controls.map(({ f, c }) => [f.name, c.value.trim()])));
    });
    form.addEventListener('keydown', (e) => {
      if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
        e.preventDefault();
        form.requestSubmit();
      }
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
    controls[0]?.c.focus();
  });
}
