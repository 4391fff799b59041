// What the browser tests share. `go run ./cmd/dev check -only browser` starts the demo site and sets
//
//   PLENARY_URL       its address, http://127.0.0.1:PORT
//   PLENARY_ACCOUNTS  a file with its accounts: [{role, email, password, name, scope}]
//
// A test file opens one browser with one context: `const site = await open();`.
import { after } from 'node:test';
import assert from 'node:assert/strict';
import { execSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const base = env('PLENARY_URL').replace(/\/$/, '');
export const accounts = JSON.parse(readFileSync(env('PLENARY_ACCOUNTS'), 'utf8'));

function env(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this by go run ./cmd/dev check -only browser`);
  return value;
}

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

// open starts Chromium with one context and closes it after the file's tests. Options are Playwright's for a context;
// newContext gives further ones (another visitor).
// problems() gives what the browser complained about since it was last asked: reports of the content security policy,
// uncaught errors of scripts, requests to other hosts. What is left at the end fails the file.
//
// Await everything before the first test is declared: tests start to run while a file still waits.
export async function open(options = {}) {
  const executablePath = process.env.CHROME_PATH || execSync('command -v chromium-headless-shell || command -v chromium', { encoding: 'utf8', shell: '/bin/sh' }).trim();
  const browser = await chromium.launch({ executablePath, args: flags });
  let found = [];
  const own = new URL(options.baseURL ?? base).origin; // a story may have a site of its own
  const newContext = async (more = {}) => {
    const context = await browser.newContext({
      baseURL: base,
      viewport: { width: 1440, height: 900 },
      // With smooth scrolling a page is still moving when it is measured.
      reducedMotion: 'reduce',
      ...options,
      ...more,
    });
    context.setDefaultTimeout(15_000);
    context.on('console', (m) => {
      if (/Content Security Policy/i.test(m.text())) found.push(`${m.page()?.url()}: ${m.text()}`);
    });
    context.on('weberror', (e) => found.push(`${e.page()?.url()}: ${e.error()}`));
    context.on('request', (r) => {
      if (/^https?:/.test(r.url()) && new URL(r.url()).origin !== own) found.push(`request to ${r.url()}`);
    });
    return context;
  };
  const problems = () => {
    const list = found;
    found = [];
    return list;
  };
  after(async () => {
    await browser.close();
    assert.deepEqual(problems(), [], 'the browser complained');
  });
  const context = await newContext();
  return { browser, context, page: await context.newPage(), newContext, problems };
}

// account is the first of a role, or fails with the roles there are.
export function account(role) {
  const a = accounts.find((x) => x.role === role);
  if (!a) throw new Error(`the demo has no account of role ${role}; it has ${accounts.map((x) => x.role).join(', ')}`);
  return a;
}

// signIn signs in by the form, as a person would.
export async function signIn(page, role) {
  const a = account(role);
  await page.goto('/admin/sign-in');
  await page.locator('input[autocomplete~="username"]').fill(a.email);
  const password = page.locator('input[autocomplete~="current-password"]');
  await password.fill(a.password);
  await password.press('Enter');
  await page.waitForLoadState();
  await page.waitForURL((u) => u.pathname.startsWith('/admin') && !u.pathname.endsWith('/sign-in'));
  assert.equal(await page.locator('input[autocomplete~="current-password"]').count(), 0, `${role} could not sign in`);
  return a;
}

// speak changes the account's language in the menu, as one would who cannot read the one that is shown. It stays the
// account's: a test that reads the panel's words says first in which language.
export async function speak(page, locale) {
  await page.locator('details.me > summary').click();
  await page.locator(`details.me button[name=locale][value=${locale}]`).click();
  await page.waitForFunction((l) => document.documentElement.lang === l, locale);
}

// axe-core 4.14.1 takes shaped Arabic words for icon-font ligatures and skips their contrast; turn that guess off.
const axeSource = (() => {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.js'), 'utf8');
  const patched = source.replace('function _isIconLigature(textVNode) {', 'function _isIconLigature(textVNode) { return false;');
  if (patched === source) throw new Error('axe-core changed: review the patch for contrast of Arabic');
  return patched;
})();

// axe gives the violations of WCAG 2.2 A and AA and of good practice, one line each. A menu that lies over the page is looked at
// by itself: while it is open, nobody means to press what it covers. The source is evaluated by the debugger: the page's content
// security policy rightly refuses script tags.
export async function axe(page) {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const run = async (context) => {
      const result = await globalThis.axe.run(context, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        rules: { 'target-size': { enabled: true } },
        resultTypes: ['violations'],
      });
      return result.violations.flatMap((v) => v.nodes.map((n) => `${v.id} (${v.impact}): ${n.target.join(' ')}: ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? v.help}`));
    };
    const above = (e) => e.localName !== 'summary' && ['absolute', 'fixed'].includes(getComputedStyle(e).position);
    const menus = [...document.querySelectorAll('details[open]')].filter((d) => [...d.children].some(above));
    for (const d of menus) d.open = false;
    const found = await run(document);
    for (const d of menus) {
      d.open = true;
      found.push(...await run(d));
      d.open = false;
    }
    for (const d of menus) d.open = true;
    return found;
  });
}

// overflow gives the elements that make a page wider than its window; none when it is not.
export async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const out = [...document.body.querySelectorAll('*')].filter((e) => {
      const r = e.getBoundingClientRect();
      return r.width > 0 && (r.right > width + 1 || r.left < -1);
    });
    // The innermost say most.
    return out.filter((e) => !out.some((o) => o !== e && e.contains(o))).slice(0, 5)
      .map((e) => `${e.tagName.toLowerCase()}.${e.className}: ${e.textContent.trim().slice(0, 40)}`)
      .concat(`page ${document.documentElement.scrollWidth} px in ${width}`);
  });
}

export async function noOverflow(page) {
  assert.deepEqual(await overflow(page), [], `${page.url()} scrolls sideways`);
}

// openAll opens every <details>, so that what it hides is looked at, too.
export async function openAll(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
}

const wide = 1440;
const narrow = 390;

// found is what axe finds on a page as it stands, and what is wider than the window.
async function found(page, width, colorScheme) {
  await openAll(page);
  await page.emulateMedia({ colorScheme });
  return [...await axe(page), ...await overflow(page)].map((line) => `${width} ${colorScheme}: ${line}`);
}

// twice looks whether a page stands text of twice the size (WCAG 1.4.4); it leaves the page so.
async function twice(page) {
  await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
  return (await overflow(page)).map((line) => `text twice the size: ${line}`);
}

// look runs axe on the page of an address, in both widths and schemes, and gives what it found; the short way is wide and
// light, then narrow and dark.
export async function look(page, path, status, { short = false } = {}) {
  const all = [];
  for (const width of [wide, narrow]) {
    await page.setViewportSize({ width, height: 900 });
    const res = await page.goto(path);
    if (res.status() !== status) return [`${path} answered ${res.status()}`];
    for (const scheme of short ? [width === wide ? 'light' : 'dark'] : ['light', 'dark']) all.push(...await found(page, width, scheme));
  }
  return [...all, ...await twice(page)];
}

// lookAgain is look at a page that has come back with mistakes, narrow.
export async function lookAgain(page) {
  return [...await found(page, narrow, 'light'), ...await found(page, narrow, 'dark'), ...await twice(page)];
}

// Below an entry of any of these the panel has the same screens.
const kinds = ['events', 'series', 'news', 'people', 'organizations', 'documents', 'reports', 'pages', 'topics'];

// typeOf is the kind of page behind a path: ids, years and names of entries become *, and so does the kind of entry above a
// screen that is the same for all. /en/events/2027/some-event → events/*, /en/news → news, /admin/events/42 → admin/events/*,
// /admin/events/42/history → admin/*/*/history.
export function typeOf(path) {
  const words = path.split('/').filter(Boolean);
  if (words[0] === 'admin') {
    if (words.length > 3 && kinds.includes(words[1])) words[1] = '0';
    return words.map((w) => (/\d|^(\w{12}|\w{16}|\w{26})$/.test(w) ? '*' : w)).join('/'); // an id may have no digit
  }
  const [, section = 'home', ...rest] = words;
  return rest.length ? `${section}/*` : section;
}

// sitePages is one address of each type of public page in a language: what the sitemap names, the lists that these
// pages link to, the search page, and a page that does not exist.
export async function sitePages(locale) {
  const types = new Map();
  const add = (href) => {
    const u = new URL(href, base);
    if (u.origin !== new URL(base).origin || u.pathname.includes('.')) return;
    if (u.pathname !== `/${locale}/` && !u.pathname.startsWith(`/${locale}/`)) return;
    if (!types.has(typeOf(u.pathname))) types.set(typeOf(u.pathname), u.pathname);
  };
  add(`/${locale}/`);
  for (const path of await sitemap()) add(path);
  for (const path of [...types.values()]) for (const href of await links(path)) add(href);
  types.set('results', `/${locale}/search?q=${encodeURIComponent({ ar: 'التسجيل', zh: '登记', ru: 'регистрация', ko: '등록' }[locale] ?? 'digital')}`);
  types.set('missing', `/${locale}/no-such-page`);
  if (types.size < 8) throw new Error(`only ${[...types.keys()]} found in ${locale}: is the demo filled?`);
  return types;
}

// sitemap gives the paths of all public pages that search engines are told of.
export async function sitemap() {
  const paths = [];
  const todo = ['/sitemap.xml'];
  for (let url; (url = todo.shift());) {
    const res = await fetch(new URL(url, base));
    assert.equal(res.status, 200, url);
    const text = await res.text();
    for (const [, loc] of text.matchAll(/<loc>([^<]+)<\/loc>/g)) {
      const path = new URL(unescape(loc)).pathname;
      if (text.includes('<sitemapindex')) todo.push(path);
      else paths.push(path);
    }
  }
  assert.ok(paths.length > 0, 'the sitemap is empty');
  return paths;
}

// links gives the addresses a page links to, from its HTML.
export async function links(path, init) {
  const res = await fetch(new URL(path, base), init);
  return [...(await res.text()).matchAll(/<a\s[^>]*?href="([^"]*)"/g)].map(([, href]) => unescape(href));
}

// unescape undoes the five entities that templates write into attributes and XML.
export function unescape(s) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return s.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot|apos));/gi, (_, dec, hex, name) =>
    name ? named[name.toLowerCase()] : String.fromCodePoint(dec ? Number(dec) : parseInt(hex, 16)));
}

// panelPages is one address of each type of panel page that can be reached by links, to a depth of three from the dashboard.
// from gives the addresses that a page links to. Links that act (sign out) are forms, never links, so following them changes nothing.
export async function panelPages(from) {
  const types = new Map([['admin', '/admin']]);
  let todo = ['/admin'];
  for (let depth = 0; depth < 3; depth++) {
    const next = [];
    for (const path of todo) {
      for (const href of await from(path)) {
        const u = new URL(href, new URL(path, base));
        if (u.origin !== new URL(base).origin || !u.pathname.startsWith('/admin/') || /\.\w+$/.test(u.pathname)) continue; // files are no pages
        const type = typeOf(u.pathname);
        if (!types.has(type)) {
          types.set(type, u.pathname);
          next.push(u.pathname);
        }
      }
    }
    todo = next;
  }
  if (types.size < 5) throw new Error(`only ${[...types.keys()]} found in the panel`);
  return types;
}

// linksIn gives the addresses that pages link to once they are drawn in a window.
export const linksIn = (page) => async (path) => {
  await page.goto(path);
  return page.locator('a[href]').evaluateAll((as) => as.map((a) => a.href));
};

// tabStops presses Tab through a page and gives the number of stops, those that something covers, and those without a
// visible ring (WCAG 2.4.7, 2.4.11).
export async function tabStops(page, limit = 400) {
  const result = { stops: 0, covered: [], ringless: [] };
  await page.evaluate(() => { globalThis.__stops = new Set(); });
  for (let i = 0; i < limit; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(async () => {
      // The browser scrolls what has the focus into view with the next frames.
      for (let n = 0; n < 2; n++) await new Promise((done) => { requestAnimationFrame(done); });
      const e = document.activeElement;
      if (!e || e === document.body || globalThis.__stops.has(e)) return null;
      globalThis.__stops.add(e);
      // A link over two lines has two boxes, and its bounding box holds points of neither; a file field is its label.
      const boxes = [...e.getClientRects(), ...[...(e.labels ?? [])].flatMap((l) => [...l.getClientRects()])];
      const seen = boxes.some((q) => [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.15], [0.5, 0.85]].some(([x, y]) => {
        const top = document.elementFromPoint(q.left + q.width * x, q.top + q.height * y);
        return top && (top === e || e.contains(top) || top.closest('label')?.control === e);
      }));
      // A field inside a drawn box may leave the ring to the box.
      let ring = false;
      for (let box = e, up = 0; box && up < 3; box = box.parentElement, up++) {
        const style = getComputedStyle(box);
        if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) ring = true;
      }
      const name = e.getAttribute('aria-label') || e.textContent.trim() || e.name || e.id;
      return { name: `${e.tagName.toLowerCase()} ${name.replace(/\s+/g, ' ').slice(0, 40)}`, seen, ring };
    });
    if (!stop) break;
    result.stops++;
    if (!stop.seen) result.covered.push(stop.name);
    if (!stop.ring) result.ringless.push(stop.name);
  }
  return result;
}
