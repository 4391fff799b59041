// The preview beside the form: the screen's own section, fetched and put next to the fields, and drawn anew while one types.
// Nothing is stored by it. Where there is no room beside the fields it stands in their place, and the same button leads back.

import { onElements } from './mount';
import { msg } from './messages';
import { fetchHTML } from './trusted';

const QUIET = 350; // ms without a key before it is drawn
const DESK = 1280; // px: how wide the page is on a computer
const OPEN = 'plenary-preview';

let close: ((focus?: boolean) => void) | undefined;

const entry = () => document.querySelector<HTMLFormElement>('form[data-entry]');

/** Puts a drawn page into the frame without leaving it: it keeps its place, and what is open in it. */
function put(frame: HTMLIFrameElement, fresh: Document): void {
  const doc = frame.contentDocument;
  const view = frame.contentWindow;
  if (!doc?.body || !view) return;
  const { scrollX, scrollY } = view;
  const open = [...doc.querySelectorAll('details')].map((d) => d.open);
  for (const name of ['lang', 'dir']) doc.documentElement.setAttribute(name, fresh.documentElement.getAttribute(name) ?? '');
  const sheets = (d: Document) => [...d.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')];
  const have = new Set(sheets(doc).map((l) => l.getAttribute('href')));
  for (const l of sheets(fresh)) if (!have.has(l.getAttribute('href'))) doc.head.append(doc.adoptNode(l));
  doc.title = fresh.title;
  doc.body.replaceWith(doc.adoptNode(fresh.body));
  doc.querySelectorAll('details').forEach((d, i) => {
    if (open.length && i < open.length) d.open = open[i]!;
  });
  view.scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
}

/** Fits a page as wide as a computer's into the frame's room. */
function fit(section: HTMLElement): () => void {
  const room = section.querySelector<HTMLElement>('.frame')!;
  const size = () => {
    const full = !!section.querySelector('[name=width][value=full]:checked');
    const scale = full ? Math.min(1, room.clientWidth / DESK) : 1;
    room.classList.toggle('scaled', scale < 1 && innerWidth >= 640);
    room.style.setProperty('--scale', String(scale));
  };
  const watch = new ResizeObserver(size);
  watch.observe(room);
  section.addEventListener('change', size);
  return () => watch.disconnect();
}

onElements('#preview', (section) => {
  const controls = section.querySelector('form')!;
  if (!entry()) controls.addEventListener('change', (e) => (e.target as HTMLInputElement).name !== 'width' && controls.requestSubmit());
  return fit(section);
});

async function show(link: HTMLAnchorElement): Promise<void> {
  const main = document.getElementById('main')!;
  link.setAttribute('aria-disabled', 'true');
  let section: HTMLElement;
  try {
    const { res, doc } = await fetchHTML(link.href);
    const found = doc.getElementById('preview');
    if (!res.ok || !found || !entry() || close) return void (close || location.assign(link.href));
    section = document.adoptNode(found);
  } catch {
    return location.assign(link.href);
  } finally {
    link.removeAttribute('aria-disabled');
  }
  const frame = section.querySelector('iframe')!;
  const controls = section.querySelector('form')!;
  const state = section.querySelector<HTMLElement>('[data-state]')!;
  const shut = section.querySelector<HTMLElement>('[data-shut]')!;
  const undo = fit(section);
  controls.dataset.local = ''; // what is chosen here is not typed into the entry
  shut.hidden = false;
  entry()!.after(section);
  main.classList.add('previewing');
  mark(true);
  sessionStorage.setItem(OPEN, '1');

  let timer = 0;
  let under: AbortController | undefined;
  let again = '';
  const say = (words: string) => {
    if (state.textContent !== words) state.textContent = words;
  };
  const chosen = () => {
    const q = new URLSearchParams([...new FormData(controls)].map(([k, v]) => [k, String(v)]));
    q.delete('width');
    const now = new URL((document.querySelector<HTMLAnchorElement>('a[data-preview]') ?? link).href); // it moves when a new entry is made
    const lang = now.searchParams.get('lang');
    if (lang) q.set('lang', lang);
    return { q, page: `${now.pathname}/page?${q}` };
  };
  const draw = async () => {
    clearTimeout(timer);
    const form = entry();
    if (!form) return;
    const { q, page } = chosen();
    const past = q.get('of') === 'public';
    const body = new URLSearchParams([...new FormData(form)].map(([k, v]) => [k, typeof v === 'string' ? v : v.name]));
    // Those are counted and looked at where the form is stored.
    for (const name of ['op', 'seq', 'tab', 'note']) body.delete(name);
    const now = `${page}\n${past ? '' : body}`;
    if (now === again) return;
    under?.abort();
    const mine = (under = new AbortController());
    say(msg('preview_busy'));
    try {
      const { res, doc } = await fetchHTML(page, past ? { signal: mine.signal } : { method: 'POST', body, signal: mine.signal });
      if (mine.signal.aborted) return;
      if (res.status === 401) return say(msg('swap_signed_out'));
      if (!res.ok || res.redirected) return say(msg('preview_failed'));
      put(frame, doc);
      again = now;
      say(msg('preview_ready'));
    } catch {
      if (!mine.signal.aborted) say(msg('preview_failed'));
    }
  };
  const soon = (e?: Event) => {
    if (e && !(e.target as Element).closest?.('#preview') && !((e.target as HTMLInputElement).form ?? (e.target as Element).closest?.('form'))?.matches('[data-entry]')) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void draw(), QUIET);
  };
  // Lists and languages are drawn anew by answers of the server.
  const watch = new MutationObserver(() => soon());
  watch.observe(main, { childList: true });
  const fields = entry()!;
  watch.observe(fields, { childList: true });
  frame.addEventListener('load', () => {
    again = '';
    void draw();
  }, { once: true });
  document.addEventListener('input', soon);
  document.addEventListener('change', soon);
  const submit = (e: Event) => {
    e.preventDefault();
    void draw();
  };
  controls.addEventListener('submit', submit);
  shut.addEventListener('click', () => close?.(true));
  close = (focus) => {
    close = undefined;
    clearTimeout(timer);
    under?.abort();
    watch.disconnect();
    undo();
    document.removeEventListener('input', soon);
    document.removeEventListener('change', soon);
    section.remove();
    main.classList.remove('previewing');
    mark(false);
    sessionStorage.removeItem(OPEN);
    if (focus) document.querySelector<HTMLElement>('a[data-preview]')?.focus();
  };
}

function mark(open: boolean): void {
  document.querySelectorAll('a[data-preview]').forEach((a) => a.setAttribute('aria-expanded', String(open)));
}

onElements('a[data-preview]', (el) => {
  const link = el as HTMLAnchorElement;
  link.setAttribute('role', 'button');
  link.setAttribute('aria-expanded', String(!!close));
  const press = (e: MouseEvent) => {
    if (e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    if (close) return close(true);
    void show(link).then(() => document.getElementById('preview-h')?.focus({ preventScroll: innerWidth >= 1200 }));
  };
  const space = (e: KeyboardEvent) => {
    if (e.key !== ' ') return;
    e.preventDefault();
    link.click();
  };
  link.addEventListener('click', press);
  link.addEventListener('keydown', space);
  // It stays open from one language to the next.
  if (!close && !document.getElementById('preview') && innerWidth >= 1200 && sessionStorage.getItem(OPEN)) void show(link);
  return () => {
    link.removeEventListener('click', press);
    link.removeEventListener('keydown', space);
  };
});
