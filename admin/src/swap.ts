// Quicker forms: the same form, the same answer, but only the named parts of the answered page are put in place.
// <button data-swap="#a,#b"> or <form data-swap="…"> or <a data-swap="…">. Elements marked data-swap-always (with an id) are
// taken from every answer: hidden versions, the "saved" note. Everything works without this script.

import { announce } from './announce';
import { go, keepers, settled, type Keeping } from './form';
import type { Groups } from './keeper';
import { msg } from './messages';
import { mount, unmount } from './mount';
import { fetchHTML } from './trusted';

export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
const CONTROLS = 'input[name],textarea[name],select[name]';

/** Buttons that store what is typed. All others only rearrange the form: it is still not stored after them. */
const STORING = /^(save|publish)?$/;

const busy = new WeakSet<Element>();

export function startSwaps(): void {
  document.addEventListener('submit', (e) => {
    const form = e.target as HTMLFormElement;
    const by = e.submitter;
    const names = by?.dataset.swap ?? form.dataset.swap;
    if (!names || e.defaultPrevented) return;
    e.preventDefault();
    void submit(form, by, names);
  });
  document.addEventListener('click', (e) => {
    const a = (e.target as Element).closest?.<HTMLAnchorElement>('a[data-swap]');
    if (!a || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    void follow(a);
  });
  // <form data-live>: sent while one types in it. Without this script, by its button.
  let typing = 0;
  document.addEventListener('input', (e) => {
    const form = (e.target as Element).closest?.<HTMLFormElement>('form[data-live]');
    if (!form) return;
    const send = () => (busy.has(form) ? void (typing = window.setTimeout(send, 100)) : form.requestSubmit());
    clearTimeout(typing);
    typing = window.setTimeout(send, 250);
  });
  addEventListener('popstate', (e) => (e.state as { swapped?: boolean } | null)?.swapped && location.reload());
}

async function submit(form: HTMLFormElement, by: HTMLElement | null, names: string): Promise<void> {
  const guard = by ?? form;
  if (busy.has(guard)) return;
  const keeping = keepers.get(form);
  if (keeping) {
    busy.add(guard);
    const come = await keeping.pause();
    // What others wrote, and came in after the button was pressed, is looked at before it is overwritten or published.
    if (come?.matches('.clash') || (come && (by as HTMLButtonElement | null)?.value === 'publish')) {
      busy.delete(guard);
      keeping.carryOn();
      come.tabIndex = -1;
      return come.focus();
    }
  }
  const data = new FormData(form, by);
  const attr = (name: string) => by?.getAttribute('form' + name) ?? form.getAttribute(name);
  const method = (attr('method') ?? 'get').toLowerCase();
  let url = new URL(attr('action') || location.href, location.href);
  const init: RequestInit = { method: method.toUpperCase() };
  const pairs = new URLSearchParams([...data].map(([k, v]) => [k, typeof v === 'string' ? v : v.name]));
  if (method === 'post') init.body = attr('enctype') === 'multipart/form-data' ? data : pairs;
  else url = new URL(`${url.pathname}?${pairs}`, url);

  const op = (by as HTMLButtonElement | null)?.value ?? '';
  const sent = keeping?.read(form);
  let stored: typeof sent;
  await exchange(guard, url, init, names, (res, drawn) => {
    if (method === 'get' && res.ok) {
      if ('live' in form.dataset) history.replaceState(history.state, '', url.href);
      else visit(url.href);
    }
    if (!('entry' in form.dataset) || method !== 'post') return;
    const now = document.getElementById(form.id) ?? form;
    if (!(now instanceof HTMLFormElement)) return;
    if (res.ok && STORING.test(op)) {
      stored = drawn ?? sent;
      settled(now);
    } else now.dataset.unsaved = '';
  }, keeping);
  keeping?.carryOn(stored);
}

async function follow(a: HTMLAnchorElement): Promise<void> {
  if (busy.has(a)) return;
  await exchange(a, new URL(a.href), { method: 'GET' }, a.dataset.swap!, (res) => {
    if (res.ok) visit(a.href);
  });
}

/** What is shown has this address now: reload and the back button find it. */
function visit(url: string): void {
  if (url === location.href) return;
  history.replaceState({ swapped: true }, '');
  history.pushState({ swapped: true }, '', url);
}

/** Sends, and puts the named parts of the answer in place. after gets what the answered page's form holds, if it holds all of it. */
export async function exchange(guard: Element, url: URL, init: RequestInit, names: string, after: (res: Response, drawn?: Groups) => void, keeping?: Keeping): Promise<void> {
  const ids = names.split(',').map((s) => s.trim().replace(/^#/, ''));
  const parts = ids.flatMap((id) => document.getElementById(id) ?? []);
  const before = snapshot(parts);
  busy.add(guard);
  guard.setAttribute('aria-disabled', 'true');
  parts.forEach((p) => p.setAttribute('aria-busy', 'true'));
  complain(guard, '');
  try {
    const { res, doc } = await fetchHTML(url.href, init);
    // The sign-in page has neither frame nor form of ours: class "outside".
    const signedOut = res.status === 401 || (res.redirected && doc.body.matches('.outside') && !document.body.matches('.outside'));
    if (signedOut) {
      complain(guard, msg('swap_signed_out'), res.status === 401 ? undefined : res.url);
      return keeping?.signedOut();
    }
    if (res.redirected && !samePage(res.url)) {
      if (keeping) after(res); // nothing of it has to be kept
      return go(res.url);
    }
    const usable = res.ok || res.status === 422 || res.status === 409;
    const fresh = usable ? ids.filter((id) => doc.getElementById(id)) : [];
    if (!fresh.length) {
      return complain(guard, doc.querySelector('[data-announce]')?.textContent?.trim() || msg('swap_refused', { status: res.status }));
    }
    if (res.redirected && new URL(res.url).search !== location.search) history.replaceState(null, '', res.url);
    const said = doc.querySelector('[data-announce]')?.textContent?.trim() ?? '';
    const { title } = doc;
    const form = fresh.includes('fields') && doc.querySelector<HTMLFormElement>('form[data-entry]');
    const drawn = form && keeping ? keeping.read(form) : undefined;
    put(fresh, doc, before);
    after(res, drawn);
    if (title) document.title = title;
    announce(said);
  } catch {
    complain(guard, msg('swap_network'));
  } finally {
    busy.delete(guard);
    guard.removeAttribute('aria-disabled');
    parts.forEach((p) => p.removeAttribute('aria-busy'));
  }
}

function samePage(url: string): boolean {
  return new URL(url).pathname === location.pathname;
}

/** Value of every named control at the time of sending, to notice what is typed while the answer is under way. */
function snapshot(parts: Element[]): Map<Control, string> {
  const m = new Map<Control, string>();
  for (const p of parts) for (const c of p.querySelectorAll<Control>(CONTROLS)) m.set(c, stateOf(c));
  return m;
}

export function stateOf(c: Control): string {
  return c instanceof HTMLInputElement && /^(checkbox|radio)$/.test(c.type) ? String(c.checked) : c.value;
}

export function put(ids: string[], doc: Document, before: Map<Control, string>): void {
  const always = [...doc.querySelectorAll('[data-swap-always][id]')].map((e) => e.id);
  const known = new Set([...document.querySelectorAll<HTMLElement>('[data-item]')].map((e) => e.id));
  const focus = remember();
  const [x, y] = [scrollX, scrollY];
  const placed: HTMLElement[] = [];
  for (const id of new Set([...ids, ...always])) {
    const old = document.getElementById(id);
    const fresh = doc.getElementById(id);
    // A part inside another part that is already placed is new as it stands.
    if (!old || !fresh || placed.some((p) => p.contains(old))) continue;
    placed.push(renew(old, fresh, (c) => before.has(c) && before.get(c) !== stateOf(c)));
  }
  placed.forEach((p) => mount(p));
  scrollTo({ left: x, top: y, behavior: 'instant' });

  const wanted = placed.flatMap((p) => [...(p.matches('[data-focus]') ? [p] : []), ...p.querySelectorAll<HTMLElement>('[data-focus]')])[0];
  const added = placed.flatMap((p) => [...p.querySelectorAll<HTMLElement>('[data-item]')]).find((e) => e.id && !known.has(e.id));
  if (wanted) {
    if (!wanted.matches('a,button,input,select,textarea,[tabindex]')) wanted.tabIndex = -1;
    wanted.focus();
  } else if (added) {
    if (added instanceof HTMLDetailsElement) added.open = true;
    added.querySelectorAll<HTMLDetailsElement>('details:not(.shift)').forEach((d) => (d.open = true));
    firstField(added)?.focus();
  } else focus();
}

/** Puts a fresh element in the place of an old one, with what is typed in the old one's late controls. It is not mounted yet. */
export function renew(old: HTMLElement, fresh: HTMLElement, late: (c: Control) => boolean): HTMLElement {
  keepOpen(old, fresh);
  const typed = [...old.querySelectorAll<Control>(CONTROLS)].filter(late);
  const taken = document.adoptNode(fresh);
  for (const c of typed) carry(c, taken);
  unmount(old);
  old.replaceWith(taken);
  return taken;
}

/** The control of an element that stands for another of the same name. */
export function twin(old: Control, into: HTMLElement): Control | undefined {
  return [...into.querySelectorAll<Control>(CONTROLS)].find((c) => c.name === old.name && c.type === old.type && (!/^(checkbox|radio)$/.test(c.type) || c.value === old.value));
}

/** What was typed after the form was sent stays. */
function carry(old: Control, into: HTMLElement): void {
  const now = twin(old, into);
  if (!now) return;
  if (now instanceof HTMLInputElement && /^(checkbox|radio)$/.test(now.type)) now.checked = (old as HTMLInputElement).checked;
  else now.value = old.value;
}

/** Sections that the reader opened or closed stay so. */
function keepOpen(old: HTMLElement, fresh: HTMLElement): void {
  const named = (root: HTMLElement) => {
    const m = new Map<string, HTMLDetailsElement>();
    for (const d of root.querySelectorAll('details')) {
      const item = d.closest('[data-item]');
      m.set(d.id || `${item?.id ?? ''}/${[...(item ?? root).querySelectorAll('details')].indexOf(d)}`, d);
    }
    return m;
  };
  const was = named(old);
  for (const [key, d] of named(fresh)) if (was.has(key)) d.toggleAttribute('open', was.get(key)!.open);
}

/** The focused control by id, else by name and value; the answer puts the focus back. */
export function remember(): () => void {
  const a = document.activeElement;
  if (!(a instanceof HTMLElement) || a === document.body) return () => {};
  const { id } = a;
  const name = a.getAttribute('name');
  const value = a.getAttribute('value');
  const text = a instanceof HTMLTextAreaElement || (a instanceof HTMLInputElement && /^(text|search|url|tel|password)$/.test(a.type));
  const range: [number | null, number | null] | null = text ? [a.selectionStart, a.selectionEnd] : null;
  return () => {
    if (a.isConnected) return;
    const byName = () =>
      name ? [...document.querySelectorAll<HTMLElement>(`[name="${CSS.escape(name)}"]`)].find((e) => a.tagName !== 'BUTTON' || e.getAttribute('value') === value) : undefined;
    const again = (id && document.getElementById(id)) || byName();
    again?.focus({ preventScroll: true });
    if (range && (again instanceof HTMLInputElement || again instanceof HTMLTextAreaElement)) again.setSelectionRange(...range);
  };
}

export function firstField(el: Element): HTMLElement | undefined {
  return [...el.querySelectorAll<HTMLElement>('input:not([type=hidden]),textarea,select,[contenteditable=true]')].find(
    (f) => f.checkVisibility() && !(f as HTMLInputElement).disabled,
  );
}

/** A message beside the button that was pressed; it is also spoken. An empty text takes the message away. */
function complain(by: Element, text: string, signin?: string): void {
  const next = by.nextElementSibling;
  if (next?.classList.contains('swap-err')) next.remove();
  if (!text) return;
  const p = document.createElement('p');
  p.className = 'err swap-err';
  p.append(text);
  if (signin) {
    const a = document.createElement('a');
    a.href = signin;
    a.target = '_blank';
    a.rel = 'noopener';
    a.textContent = msg('swap_sign_in');
    p.append(' ', a);
  }
  by.after(p);
  announce(text);
}
