// Files sent one by one with progress, cancel and retry; in pieces where the server takes them so, which go on after the
// network was lost, and after the page was left. Without this script the same field is a plain upload form.

import { announce } from './announce';
import { touch } from './form';
import { iconButton, icon } from './icons';
import { fillFrom } from './library';
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

const FIRST_PIECE = 512 << 10;
const LARGEST_PIECE = 8 << 20; // the server's limit
const QUICK = 4000; // ms: pieces that take less are doubled, those that take twice as long halved

/** What tells two files of the same name and size apart: when it was changed, and a hash of parts of it where the browser makes one. */
async function print(file: File): Promise<string> {
  const changed = String(file.lastModified);
  if (!globalThis.crypto?.subtle) return changed;
  const part = 64 << 10;
  const step = Math.max(part, Math.floor(file.size / 16));
  const parts: Blob[] = [];
  for (let at = 0; at < file.size; at += step) parts.push(file.slice(at, at + part));
  parts.push(file.slice(Math.max(0, file.size - part)));
  const sum = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
  return `${changed}-${[...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, '0')).join('')}`;
}

/** Waits until there may be a network again: a little longer each time, or until the browser says so. */
function online(tries: number): Promise<void> {
  return new Promise((done) => {
    const go = () => {
      clearTimeout(timer);
      removeEventListener('online', go);
      done();
    };
    const timer = setTimeout(go, Math.min(30_000, 1000 * 2 ** tries));
    addEventListener('online', go);
  });
}

interface Answer {
  status: number; // 0: no network
  text: string;
  header: (name: string) => string | null;
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
    const progress = (at: number, total: number) => {
      bar.value = (at / total) * 100;
      state.textContent = at < total ? msg('upload_progress', { done: size(at), total: size(total) }) : msg('upload_checking');
    };
    const call = (method: string, url: string, body: FormData | URLSearchParams | Blob | null, header: Record<string, string>, moved?: (e: ProgressEvent) => void) =>
      new Promise<Answer>((done) => {
        const x = (xhr = new XMLHttpRequest());
        x.open(method, url);
        x.setRequestHeader('Accept', 'text/html');
        for (const name in header) x.setRequestHeader(name, header[name]);
        if (moved) x.upload.onprogress = moved;
        x.onload = () => done({ status: x.status, text: x.responseText, header: (name) => x.getResponseHeader(name) });
        x.onerror = x.onabort = x.ontimeout = () => done({ status: 0, text: '', header: () => null });
        x.send(body);
      });
    const reason = (a: Answer) => {
      const doc = parse(a.text);
      return doc.querySelector('.err')?.textContent?.trim() || msg('upload_failed', { status: a.status });
    };
    const arrived = (a: Answer) => {
      const into = document.querySelector(drop.dataset.into ?? '');
      const fresh = [...parse(a.text).body.children].map((c) => document.adoptNode(c) as HTMLElement);
      if (into?.matches('.mgrid')) into.prepend(...fresh); // the newest first, as the page lists them
      else into?.append(...fresh);
      fresh.forEach(mount);
      if (into) touch(into);
      const chip = into?.matches('.filechips') && fresh[0]?.querySelector<HTMLInputElement>('input[type=hidden]');
      if (chip) void fillFrom(chip.value, chip.name);
      row.remove();
      rows.hidden = !rows.children.length;
      done++;
    };
    const fields = () => [...drop.querySelectorAll<HTMLInputElement>('input[type=hidden][name],input[name=folder],select[name]')];

    const sendWhole = async () => {
      const form = new FormData();
      for (const h of fields()) form.append(h.name, h.value);
      form.append('file', file, file.name);
      const a = await call('POST', drop.dataset.url!, form, {}, (e) => e.lengthComputable && progress(e.loaded, e.total));
      if (gone) return;
      if (a.status >= 200 && a.status < 300) arrived(a);
      else fail(a.status ? reason(a) : msg('swap_network'));
    };

    let place = ''; // address of the upload
    const path = () => place.split('?')[0];
    const sendPieces = async () => {
      let at = -1; // how far the server is; -1: it is asked
      let piece = FIRST_PIECE;
      let tries = 0;
      const mark = await print(file);
      while (!gone) {
        let a: Answer;
        const began = performance.now();
        if (!place) {
          const form = new URLSearchParams({ name: file.name, size: String(file.size), print: mark });
          for (const h of fields()) form.append(h.name, h.value);
          a = await call('POST', drop.dataset.pieces!, form, {});
          if (a.status === 201) place = a.header('Location') ?? '';
          const waiting = document.querySelector(`[data-upload-open="${CSS.escape(path().split('/').pop() ?? '')}"]`);
          if (waiting && !waiting.nextElementSibling && !waiting.previousElementSibling) waiting.closest('section')?.remove();
          else waiting?.remove();
        } else if (at < 0) a = await call('HEAD', place, null, {});
        else {
          const from = at;
          const body = file.slice(from, from + piece);
          a = await call('PATCH', place, body, { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(from) }, (e) => progress(from + e.loaded, file.size));
          if (a.status === 200) return arrived(a);
        }
        if (gone) return;
        const told = a.header('Upload-Offset');
        if ((a.status >= 200 && a.status < 300) || a.status === 409) {
          if (at >= 0) {
            const took = performance.now() - began;
            piece = took < QUICK ? Math.min(LARGEST_PIECE, piece * 2) : took > 2 * QUICK ? Math.max(FIRST_PIECE / 4, piece / 2) : piece;
          }
          if (told === null || !place) return fail(reason(a));
          at = +told;
          tries = 0;
          progress(at, file.size);
        } else if (a.status === 404 && place && tries < 3) {
          place = ''; // it was dropped, here or in another window: from the beginning
          at = -1;
          tries++;
        } else if ((a.status === 0 || a.status === 400 || a.status >= 500) && tries < 60) {
          // The network, or the server, is away for a while: what has come is there when it is back.
          if (a.status !== 400) {
            state.textContent = msg('upload_offline');
            if (!tries) announce(`${file.name}: ${msg('upload_offline')}`);
          }
          await online(tries++);
          at = -1;
        } else return fail(reason(a));
      }
    };
    const send = async () => {
      if (!gone) await (drop.dataset.pieces && file.size ? sendPieces() : sendWhole());
    };
    const queue = () => {
      retry.hidden = true;
      bar.hidden = false;
      bar.value = 0;
      state.className = 'sm muted';
      state.textContent = msg('upload_waiting');
      waiting++;
      line = line.then(send).catch(() => fail(msg('swap_network'))).then(() => {
        if (--waiting || !done) return;
        announce(msg('upload_done', { n: done }));
        done = 0;
        drop.dispatchEvent(new CustomEvent('uploaded'));
      });
    };
    retry.addEventListener('click', queue);
    cancel.addEventListener('click', () => {
      gone = true;
      xhr?.abort();
      if (place) void call('POST', `${path()}/delete`, new URLSearchParams(), {});
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
