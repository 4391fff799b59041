// An entry's form saves itself: to the server after five quiet seconds, and to the browser's own store meanwhile. What others
// save comes into the page; who else is in the entry is shown beside the field.

import { announce } from './announce';
import { keepers, reload, settled } from './form';
import { Keeper, leafOf, type Answer, type Group, type Groups, type State, type World } from './keeper';
import * as kept from './kept';
import { locale, msg } from './messages';
import { mount, onElements } from './mount';
import { exchange, put, remember, renew, twin, type Control } from './swap';
import { fetchHTML } from './trusted';

/** Controls that are no leaves. */
const NO_LEAF = /^(op|fresh|minor|note|original|office|lang|clashes|tab|seq|account)$|^(base|find|found|theirs|add|publish|upload|shift):/;
const POLL = 12_000;
/** A page nobody touches does not keep its session alive. */
const IDLE = 5 * 60_000;

/** What a form holds, by leaf. */
function read(form: HTMLFormElement): Groups {
  const out: Groups = {};
  for (const c of form.elements) {
    const { name, type, disabled, value, checked } = c as HTMLInputElement;
    if (!name || disabled || NO_LEAF.test(name) || /^(submit|button|file|image|reset|fieldset)$/.test(type) || c.tagName === 'FIELDSET') continue;
    if (/^(checkbox|radio)$/.test(type) && !checked) continue;
    (out[leafOf(name)] ??= []).push([name, value]);
  }
  return out;
}

const others = (form: HTMLFormElement, which: RegExp): Group =>
  [...new FormData(form)].flatMap(([name, value]) => (which.test(name) && typeof value === 'string' ? [[name, value] as [string, string]] : []));

/** The element round the control or fieldset of a field. */
const boxOf = (id: string): HTMLElement | null =>
  (document.getElementById(id) ?? document.getElementById(`pick-${id}`))?.closest<HTMLElement>('.f,.title') ?? null;

function button(words: string, act: () => void, cls = 'btn sm'): HTMLButtonElement {
  const b = document.createElement('button');
  b.type = 'button';
  b.className = cls;
  b.textContent = words;
  b.addEventListener('click', act);
  return b;
}

onElements('form[data-autosave]', (el) => {
  const form = el as HTMLFormElement;
  const account = document.body.dataset.account!;
  const tab = [...crypto.getRandomValues(new Uint8Array(20))].map((n) => (n % 36).toString(36)).join('');
  let seq = 0;
  let page = address(form);
  let state: State | '' = '';
  // Other tabs see by it that what is kept here is still being typed.
  void navigator.locks?.request(`plenary-tab-${tab}`, () => new Promise(() => {}));
  for (const [name, value] of [['tab', tab], ['seq', '0']]) {
    const c = document.createElement('input');
    c.type = 'hidden';
    c.name = name;
    c.value = value;
    form.prepend(c);
  }
  const count = () => {
    (form.elements.namedItem('seq') as HTMLInputElement).value = String(++seq);
  };
  form.addEventListener('formdata', (e) => e.formData.set('seq', String(++seq)));

  const isNew = () => form.dataset.autosave!.endsWith('/new');
  const world: World = {
    read: () => read(form),
    isNew,
    clashing: (leaf) => [...form.elements].some((c) => {
      const name = (c as HTMLInputElement).name ?? '';
      if (!name.startsWith('theirs:')) return false;
      const [path, item] = name.slice(7).split(' ');
      return path === leaf || (!!item && leaf.startsWith(`${path}.${item}.`));
    }),
    send,
    keep(groups, away) {
      const key = `${account} ${page} ${tab}`;
      if (groups) void kept.put({ key, account, page, tab, seq, at: Date.now(), bases: others(form, /^base:/), groups, leaving: away });
      else {
        void kept.remove(key);
        settled(form);
      }
    },
    say,
    later: (ms, f) => window.setTimeout(f, ms),
    cancel: (t) => clearTimeout(t),
  };
  const keeper = new Keeper(world);

  async function send(groups: Groups): Promise<Answer> {
    count();
    const body = new URLSearchParams([
      ...others(form, isNew() ? /^(base|publish):|^(tab|office|lang)$/ : /^(base|publish):|^(tab|minor)$/), ['seq', String(seq)], ['account', account], ...Object.values(groups).flat(),
    ]);
    const url = new URL(form.action);
    url.pathname += '/autosave';
    let got;
    try {
      // It goes on when the page goes away, as far as browsers let it: 64 KiB. What is longer stays in the browser.
      got = await fetchHTML(url.href, { method: 'POST', body, keepalive: body.toString().length < 60_000 });
    } catch {
      return { kind: navigator.onLine ? 'unreachable' : 'offline' };
    }
    const { res, doc } = got;
    const who = doc.getElementById('session')?.dataset.account;
    if (res.status === 401 || (who && who !== account)) {
      signInAgain(who ? doc.getElementById('session')!.textContent! : '');
      return { kind: 'signed_out' };
    }
    if (res.status >= 500) return { kind: 'unreachable' };
    if (!res.ok || !doc.getElementById('autosaved')) return { kind: 'refused' };
    return apply(doc, groups);
  }

  /** Puts the answer into the page, and leaves alone what is being typed. */
  function apply(doc: Document, sent: Groups): Answer {
    const said = doc.getElementById('autosaved')!;
    const now = read(form);
    const dirty = (c: Control) => !!c.name && !NO_LEAF.test(c.name) && keeper.dirty(leafOf(c.name), now, sent);
    const fresh: Groups = {};
    const news: string[] = [];
    let again = false;
    for (const n of said.querySelectorAll<HTMLElement>('[data-news]')) {
      const name = n.dataset.name!;
      const made = n.querySelector<HTMLElement>('.f,.title,.src');
      const old = boxOf(n.dataset.news!);
      if (!old || !made) continue;
      if ('source' in n.dataset) {
        const source = document.getElementById(made.id);
        if (source) source.replaceWith(document.adoptNode(made));
        else old.append(document.adoptNode(made));
        news.push(n.dataset.text!);
        continue;
      }
      const typed = [...old.querySelectorAll<Control>('input[name],textarea[name],select[name]')].filter(dirty);
      if (old.matches('.items') && typed.some((c) => !twin(c, made))) {
        again = true;
        continue;
      }
      if (!old.matches('.items') && typed.length) {
        const clash = said.querySelector(`[data-other="${CSS.escape(name)}"] .clash`);
        if (clash) beside(old, clash);
        continue;
      }
      const holder = document.createElement('form');
      holder.append(document.importNode(made, true));
      holder.querySelectorAll('[form]').forEach((c) => c.removeAttribute('form'));
      Object.assign(fresh, read(holder));
      const focus = remember();
      const placed = renew(old, made, dirty);
      mark(placed, n.dataset.text!);
      mount(placed);
      focus();
      news.push(n.dataset.text!);
    }
    const held: string[] = [];
    for (const leaf of Object.keys(sent)) {
      for (const e of boxOf(sent[leaf][0]?.[0] ?? leaf)?.querySelectorAll('.errs[data-auto]') ?? []) {
        e.closest('.f,.title')?.querySelector('[aria-invalid]')?.removeAttribute('aria-invalid');
        e.remove();
      }
    }
    for (const h of said.querySelectorAll<HTMLElement>('[data-held]')) {
      const box = boxOf(h.dataset.id!);
      const errs = h.querySelector('.errs');
      const clash = h.querySelector('.clash');
      if (clash && box) beside(box, clash);
      if (!clash) held.push(leafOf(h.dataset.held!));
      if (errs && box) {
        box.querySelector(':scope > .errs')?.remove();
        (errs as HTMLElement).dataset.auto = '';
        box.append(document.adoptNode(errs));
        document.getElementById(h.dataset.id!)?.setAttribute('aria-invalid', 'true');
      }
    }
    if (again) doc.getElementById('bases')?.remove();
    if (isNew()) {
      form.dataset.autosave = said.dataset.base;
      form.setAttribute('action', said.dataset.own!);
      document.getElementById('origin')?.remove();
      void kept.remove(`${account} ${page} ${tab}`);
      page = address(form);
      history.replaceState(null, '', said.dataset.own! + location.hash);
      for (const id of ['tabs', 'publishing', 'dock']) {
        const old = document.getElementById(id);
        const made = doc.getElementById(id);
        if (old && made) old.replaceWith(document.adoptNode(made));
      }
      void poll();
    }
    // The parts that follow from what is stored; what is typed in them, as the address, stays too.
    const before = new Map<Control, string>();
    for (const c of form.elements) if (c instanceof HTMLElement && dirty(c as Control)) before.set(c as Control, '\0');
    put([], doc, before);
    if (doc.title) document.title = doc.title;
    if (news.length) announce([...new Set(news)].join(' '));
    return { kind: 'saved', held, fresh, again };
  }

  function mark(box: HTMLElement, text: string): void {
    const p = document.createElement('p');
    p.className = 'help news';
    p.textContent = text;
    box.append(p);
    box.addEventListener('input', () => p.remove(), { once: true });
  }

  /** Both texts: the other one beside the field. */
  function beside(box: HTMLElement, clash: Element): void {
    box.querySelector(':scope > .clash')?.remove();
    const placed = document.adoptNode(clash);
    placed.querySelectorAll('input').forEach((c) => c.setAttribute('form', form.id));
    box.append(placed);
  }

  function say(next: State, waiting: number): void {
    const line = document.getElementById('saved');
    if (next !== 'saved' && line) {
      line.textContent = msg(`auto_${next}`, { n: waiting });
      line.classList.toggle('trouble', next !== 'saving');
      if (next === 'signed_out') line.append(' ', button(msg('swap_sign_in'), () => signInAgain('')));
    }
    if (next === 'saving') return;
    // Spoken when it becomes another: "saved" every few seconds would drown what is typed.
    if (next !== state && (next !== 'saved' || state)) announce(line?.textContent?.trim() ?? '');
    state = next === 'saved' ? '' : next;
  }

  // Signing in over the page.
  let asking: HTMLDialogElement | null = null;
  function signInAgain(other: string): void {
    const made = document.getElementById('again');
    if (!(made instanceof HTMLTemplateElement)) return;
    if (!asking) {
      const dialog = (document.importNode(made.content, true).querySelector('dialog'))!;
      document.body.append(dialog);
      const wrong = dialog.querySelector<HTMLElement>('.err')!;
      const refuse = (text: string) => {
        wrong.hidden = !text;
        wrong.textContent = text;
      };
      const look = (doc: Document): boolean => {
        const s = doc.getElementById('session');
        if (!s) return false;
        if (s.dataset.account !== account) refuse(msg('auto_other', { name: s.textContent! }));
        else dialog.close('in');
        return true;
      };
      const watch = window.setInterval(() => {
        // Somebody may sign in in another tab.
        fetchHTML('/admin/session').then(({ res, doc }) => res.ok && look(doc)).catch(() => {});
      }, 4000);
      dialog.querySelector('form')!.addEventListener('submit', (e) => {
        e.preventDefault();
        e.stopPropagation();
        const f = e.target as HTMLFormElement;
        const body = new URLSearchParams([...new FormData(f)] as [string, string][]);
        fetchHTML(f.action, { method: 'POST', body }).then(
          ({ doc }) => look(doc) || refuse(doc.querySelector('.notice.error p')?.textContent?.trim() || msg('swap_network')),
          () => refuse(msg('swap_network')),
        );
      });
      dialog.querySelector('[data-close]')!.addEventListener('click', () => dialog.close());
      const at = document.activeElement as HTMLElement | null;
      dialog.addEventListener('close', () => {
        clearInterval(watch);
        dialog.remove();
        asking = null;
        if (dialog.returnValue === 'in') {
          document.querySelectorAll('.swap-err').forEach((p) => p.remove());
          void keeper.resume();
        }
        at?.focus({ preventScroll: true });
      });
      asking = dialog;
      dialog.showModal();
      dialog.querySelector<HTMLElement>('[type=password]')?.focus();
    }
    if (other) {
      const wrong = asking.querySelector<HTMLElement>('.err')!;
      wrong.hidden = false;
      wrong.textContent = msg('auto_other', { name: other });
    }
  }

  keepers.set(form, {
    async pause() {
      const had = new Set(document.querySelectorAll('.clash,.news'));
      await keeper.pause();
      const come = [...document.querySelectorAll<HTMLElement>('.clash,.news')].filter((e) => !had.has(e));
      return come.find((e) => e.matches('.clash')) ?? come[0];
    },
    carryOn(stored) {
      keeper.carryOn(stored);
      if (stored && asking) asking.close();
      if (Object.keys(keeper.changed()).length) form.dataset.unsaved = '';
    },
    read,
    signedOut: () => signInAgain(''),
  });

  // Who else is here.
  let active = Date.now();
  let field = '';
  let polling = 0;
  async function poll(): Promise<void> {
    clearTimeout(polling);
    if (!form.isConnected) return;
    polling = window.setTimeout(poll, POLL);
    if (isNew() || document.hidden || Date.now() - active > IDLE) return;
    try {
      const { res, doc } = await fetchHTML(`${form.dataset.autosave}/here`, { method: 'POST', body: new URLSearchParams({ field }) });
      const here = res.ok && doc.getElementById('here');
      if (!here) return;
      show([...here.querySelectorAll<HTMLElement>('[data-field]')]);
      const mine = new Map(others(form, /^base:/));
      if ([...here.querySelectorAll('input')].some((v) => mine.has(v.name) && Number(v.value) > Number(mine.get(v.name)))) void keeper.resume(true);
    } catch {
      show([]); // nobody knows
    }
  }
  function show(people: HTMLElement[]): void {
    document.querySelectorAll('.here').forEach((e) => e.remove());
    const all = document.createElement('span');
    all.className = 'stack here';
    for (const p of people) {
      const name = p.dataset.name!;
      const badge = (words: string) => {
        const b = document.createElement('span');
        b.className = 'av s';
        b.setAttribute('role', 'img');
        b.setAttribute('aria-label', words);
        b.title = words;
        b.textContent = p.textContent;
        return b;
      };
      all.append(badge(msg('auto_here', { name })));
      const at = p.dataset.field && form.elements.namedItem(p.dataset.field);
      const control = at instanceof RadioNodeList ? (at[at.length - 1] as HTMLElement) : at;
      const label = (control as HTMLInputElement | null)?.closest?.('.f,.title')?.querySelector('label,legend');
      if (label) {
        const b = badge(msg('auto_here_field', { name }));
        b.classList.add('here');
        label.after(b);
      }
    }
    if (people.length) document.getElementById('saved')?.before(all);
  }

  const stop = new AbortController();
  const on = (target: EventTarget, what: string, f: (e: Event) => void) => target.addEventListener(what, f, { signal: stop.signal });
  const ours = (e: Event) => e.target instanceof Element && !e.target.closest('[data-local]') && (e.target as HTMLInputElement).form === form;
  const typed = (e: Event) => {
    active = Date.now();
    if (ours(e)) keeper.touched();
  };
  on(document, 'input', typed);
  on(document, 'change', typed);
  on(document, 'pointerdown', () => (active = Date.now()));
  // What scripts change without a key: items moved, chips taken off.
  const watching = new MutationObserver(() => 'unsaved' in form.dataset && keeper.touched());
  watching.observe(form, { attributes: true, attributeFilter: ['data-unsaved'] });
  on(document, 'focusin', (e) => {
    const at = e.target as HTMLElement;
    const name = at.closest<HTMLElement>('.rte')?.querySelector('textarea')?.name ?? (at as HTMLInputElement).name ?? '';
    const next = (at as HTMLInputElement).form === form || at.closest('form') === form ? name.replace(/^find:/, '') : '';
    if (next === field) return;
    field = next;
    clearTimeout(polling);
    polling = window.setTimeout(poll, 700);
  });
  on(window, 'online', () => void keeper.resume());
  on(window, 'blur', () => 'unsaved' in form.dataset && void keeper.resume());
  on(document, 'visibilitychange', () => {
    if (document.hidden) keeper.aside();
    else void poll();
  });
  on(window, 'pagehide', () => {
    keeper.leave();
    if (!isNew()) navigator.sendBeacon(`${form.dataset.autosave}/here`, new URLSearchParams({ leave: '1' }));
  });
  void poll();
  void offer(form, account, page, tab);
  return () => {
    stop.abort();
    watching.disconnect();
    clearTimeout(polling);
  };
});

/** The form's address by which what was typed in it is found again: path and language. */
function address(form: HTMLFormElement): string {
  const url = new URL(form.action);
  const lang = url.searchParams.get('lang') ?? '';
  return url.pathname + (lang ? `?lang=${lang}` : '');
}

/** What was typed here and never arrived, by tabs that are gone. */
async function offer(form: HTMLFormElement, account: string, page: string, tab: string): Promise<void> {
  const alive = await navigator.locks?.query().then((q) => new Set(q.held?.map((l) => l.name)));
  for (const k of (await kept.list(account)).filter((k) => k.page === page && k.tab !== tab)) {
    if (alive ? alive.has(`plenary-tab-${k.tab}`) : Date.now() - k.at < 20_000) continue;
    const differs = (now: Groups) => Object.keys(k.groups).filter((leaf) => JSON.stringify(now[leaf] ?? []) !== JSON.stringify(k.groups[leaf]));
    let leaves = differs(read(form));
    if (leaves.length && k.leaving && Date.now() - k.at < 10_000) {
      // It was sent on the way out, and this page may have been made before it arrived.
      await new Promise((r) => setTimeout(r, 1500));
      const doc = await fetchHTML(location.href).then((r) => r.doc, () => null);
      const now = doc?.querySelector<HTMLFormElement>('form[data-autosave]');
      if (now && !differs(read(now)).length && !('unsaved' in form.dataset)) {
        await kept.remove(k.key);
        return reload();
      }
    }
    if (leaves.length) show(k, leaves);
    else void kept.remove(k.key);
  }

  function show(k: kept.Kept, leaves: string[]): void {
    const box = document.createElement('div');
    box.className = 'notice warning kept';
    box.setAttribute('role', 'region');
    const body = document.createElement('div');
    const text = document.createElement('p');
    text.id = `kept-${k.tab}`;
    text.textContent = msg('auto_kept', { when: new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeStyle: 'short' }).format(k.at) });
    box.setAttribute('aria-labelledby', text.id);
    const more = document.createElement('details');
    const summary = document.createElement('summary');
    summary.textContent = msg('auto_difference');
    const list = document.createElement('dl');
    more.append(summary, list);
    const now = read(form);
    for (const leaf of leaves) {
      const name = k.groups[leaf][0]?.[0] ?? leaf;
      const dt = document.createElement('dt');
      dt.textContent = boxOf(name)?.querySelector('label,legend')?.firstChild?.textContent?.trim() || leaf;
      list.append(dt);
      for (const [what, g] of [['auto_there', k.groups[leaf]], ['auto_now', now[leaf]]] as const) {
        const dd = document.createElement('dd');
        dd.dir = 'auto';
        const b = document.createElement('b');
        b.textContent = msg(what);
        dd.append(b, ' ', (g ?? []).map(([, v]) => v.replace(/<\/(p|li|h\d)>/g, ' ').replace(/<[^>]*>/g, '')).filter(Boolean).join(', '));
        list.append(dd);
      }
    }
    const row = document.createElement('p');
    row.className = 'row wrapr';
    const bring = button(msg('auto_restore'), () => void restore(k, bring, box), 'btn sm pri');
    row.append(bring, button(msg('auto_discard'), () => void kept.remove(k.key).then(() => box.remove())));
    body.append(text, more, row);
    box.append(body);
    document.getElementById('problems')?.before(box);
    announce(text.textContent);
  }

  /** It is saved as if it arrived late: merged with what others have saved since; what clashes is shown from both sides. */
  async function restore(k: kept.Kept, by: HTMLElement, box: HTMLElement): Promise<void> {
    const body = new URLSearchParams([
      ['op', 'save'], ['tab', k.tab], ['seq', String(k.seq + 1)], ...others(form, /^(office|lang)$/), ...k.bases, ...Object.values(k.groups).flat(),
    ]);
    await exchange(by, new URL(form.action), { method: 'POST', body }, '#lede,#problems,#fields', (res) => {
      void kept.remove(k.key);
      if (res.ok) return reload();
      box.remove();
      form.dataset.unsaved = '';
    }, keepers.get(form));
  }
}

/** Signing out leaves in the browser what the server has not got: that is said. */
export function startSignOut(): void {
  document.addEventListener('submit', (e) => {
    const out = e.target as HTMLFormElement;
    const account = document.body.dataset.account;
    if (!account || new URL(out.getAttribute('action') ?? '', location.href).pathname !== '/admin/sign-out') return;
    e.preventDefault();
    e.stopImmediatePropagation();
    void kept.list(account).then((all) => {
      if (!all.length || confirm(msg('auto_sign_out', { n: all.length }))) out.submit();
    });
  }, true);
}

