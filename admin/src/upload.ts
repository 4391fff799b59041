// Files sent one by one with progress, cancel and retry. Without this script the same field is a plain upload form.

import { announce } from './announce';
import { touch } from './form';
import { iconButton, icon } from './icons';
import { locale, msg } from './messages';
import { mount, onElements } from './mount';
import { parse } from './trusted';

function size(bytes: number): string {
  const [n, unit] = bytes < 1e6 ? [bytes / 1e3, 'kilobyte'] : [bytes / 1e6, 'megabyte'];
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
}

/** accept as in the HTML standard: .ext, type/subtype, type/* */
function accepted(file: File, accept: string): boolean {
  const rules = accept.split(',').map((r) => r.trim().toLowerCase()).filter(Boolean);
  if (!rules.length) return true;
  const name = file.name.toLowerCase();
  return rules.some((r) => (r.startsWith('.') ? name.endsWith(r) : r.endsWith('/*') ? file.type.startsWith(r.slice(0, -1)) : file.type === r));
}

onElements('[data-upload]', (drop) => {
  const field = drop.querySelector<HTMLInputElement>('input[type=file]');
  if (!field) return;
  field.dataset.local = '';
  drop.querySelectorAll<HTMLElement>('.nojs').forEach((e) => (e.hidden = true));
  const rows = document.createElement('ul');
  rows.className = 'list uploads';
  rows.hidden = true;
  drop.after(rows);
  let line: Promise<void> = Promise.resolve();
  let done = 0;
  let waiting = 0;

  const add = (file: File) => {
    const row = document.createElement('li');
    const body = document.createElement('span');
    body.className = 'grow';
    const name = document.createElement('b');
    name.dir = 'auto';
    name.textContent = file.name;
    const state = document.createElement('span');
    state.className = 'sm muted';
    state.id = `upload-${Math.random().toString(36).slice(2)}`;
    const bar = document.createElement('progress');
    bar.className = 'prog';
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute('aria-labelledby', state.id);
    const ops = document.createElement('span');
    ops.className = 'ops';
    const retry = iconButton('retry', msg('upload_retry', { name: file.name }));
    const cancel = iconButton('x', msg('upload_cancel', { name: file.name }));
    retry.hidden = true;
    ops.append(retry, cancel);
    const pic = document.createElement('span');
    pic.className = 'ic';
    pic.append(icon('doc'));
    body.append(name, state, bar);
    row.append(pic, body, ops);
    rows.append(row);
    rows.hidden = false;

    let xhr: XMLHttpRequest | null = null;
    let gone = false;
    const fail = (text: string) => {
      state.textContent = text;
      state.className = 'err';
      bar.hidden = true;
      retry.hidden = false;
      announce(`${file.name}: ${text}`);
    };
    const send = () =>
      new Promise<void>((next) => {
        if (gone) return next();
        const form = new FormData();
        for (const h of drop.querySelectorAll<HTMLInputElement>('input[type=hidden][name],select[name]')) form.append(h.name, h.value);
        form.append('file', file, file.name);
        xhr = new XMLHttpRequest();
        xhr.open('POST', drop.dataset.url!);
        xhr.setRequestHeader('Accept', 'text/html');
        xhr.upload.onprogress = (e) => {
          if (!e.lengthComputable) return;
          bar.value = (e.loaded / e.total) * 100;
          state.textContent = msg('upload_progress', { done: size(e.loaded), total: size(e.total) });
        };
        xhr.onload = () => {
          const doc = parse(xhr!.responseText);
          if (xhr!.status >= 200 && xhr!.status < 300) {
            const into = document.querySelector(drop.dataset.into ?? '');
            const fresh = [...doc.body.children].map((c) => document.adoptNode(c) as HTMLElement);
            into?.append(...fresh);
            fresh.forEach(mount);
            if (into) touch(into);
            row.remove();
            rows.hidden = !rows.children.length;
            done++;
          } else fail(doc.querySelector('.err')?.textContent?.trim() || msg('upload_failed', { status: xhr!.status }));
          next();
        };
        xhr.onerror = () => {
          fail(msg('swap_network'));
          next();
        };
        xhr.onabort = () => next();
        xhr.send(form);
      });
    const queue = () => {
      retry.hidden = true;
      bar.hidden = false;
      bar.value = 0;
      state.className = 'sm muted';
      state.textContent = msg('upload_waiting');
      waiting++;
      line = line.then(send).then(() => {
        if (--waiting || !done) return;
        announce(msg('upload_done', { n: done }));
        done = 0;
      });
    };
    retry.addEventListener('click', queue);
    cancel.addEventListener('click', () => {
      gone = true;
      xhr?.abort();
      row.remove();
      rows.hidden = !rows.children.length;
      field.focus();
      announce(msg('upload_cancelled', { name: file.name }));
    });
    if (!accepted(file, drop.dataset.accept ?? field.accept)) fail(msg('upload_type'));
    else queue();
  };

  field.addEventListener('change', () => {
    [...(field.files ?? [])].forEach(add);
    field.value = ''; // the form itself must not send them a second time
  });
  const over = (on: boolean) => (e: DragEvent) => {
    if (!e.dataTransfer?.types.includes('Files')) return;
    e.preventDefault();
    drop.classList.toggle('over', on);
  };
  drop.addEventListener('dragover', over(true));
  drop.addEventListener('dragleave', over(false));
  drop.addEventListener('drop', (e) => {
    over(false)(e);
    [...(e.dataTransfer?.files ?? [])].forEach(add);
  });
});
