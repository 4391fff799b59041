// What the demo site sends, looked at by validators of others: HTML by the Nu checker, feeds by feedsmith, calendars
// by ical.js, and links by following them.
import { test, describe } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseFeed } from 'feedsmith';
import ICAL from 'ical.js';
import { accounts, base, links, panelPages, sitemap, typeOf, unescape } from './harness.mjs';

const locales = ['en', 'fr', 'es', 'ar', 'zh', 'ru', 'ko', 'pt', 'sw'];
const perType = 3; // pages of each type in each language

const attribute = (tag, name) => {
  const m = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return m ? unescape(m[1]) : '';
};
const tags = (html, name) => [...html.matchAll(new RegExp(`<${name}\\s[^>]*>`, 'g'))].map(([tag]) => tag);
const local = (href, from) => {
  const u = new URL(href, new URL(from, base));
  return u.origin === new URL(base).origin ? u.pathname + u.search : '';
};

const fetched = new Map(); // path → {status, type, text}
async function get(p) {
  if (!fetched.has(p)) {
    const res = await fetch(new URL(p, base), { redirect: 'manual' });
    fetched.set(p, { status: res.status, type: res.headers.get('content-type') ?? '', text: await res.text() });
  }
  return fetched.get(p);
}

// crawl picks pages of every type in every language: from the sitemap, and what they link to.
async function crawl() {
  const picked = new Map();
  const count = new Map();
  const all = new Set(await sitemap());
  const add = (p) => {
    const locale = p.split('/')[1];
    if (!locales.includes(locale) || /\.\w+$/.test(p) || p.includes('?') || picked.has(p)) return false;
    const key = `${locale} ${typeOf(p)}`;
    if ((count.get(key) ?? 0) >= perType) return false;
    count.set(key, (count.get(key) ?? 0) + 1);
    picked.set(p, true);
    return true;
  };
  let todo = [...locales.map((l) => `/${l}/`), ...all].filter(add);
  while (todo.length) {
    const next = [];
    for (const p of todo) {
      const { text } = await get(p);
      for (const a of tags(text, 'a')) {
        const to = local(attribute(a, 'href').split('#')[0], p);
        if (to && add(to)) next.push(to);
      }
    }
    todo = next;
  }
  return [...picked.keys()];
}

const pages = await crawl();

test('there is something to look at', () => {
  assert.ok(pages.length >= 60, `${pages.length} pages`);
  for (const l of locales) assert.ok(pages.includes(`/${l}/`), l);
});

test(`${pages.length} pages answer`, async () => {
  const bad = [];
  for (const p of pages) {
    const { status, type } = await get(p);
    if (status !== 200 || type !== 'text/html; charset=utf-8') bad.push(`${p}: ${status} ${type}`);
  }
  assert.deepEqual(bad, []);
});

// valid has the Nu checker read documents, given by what they are called.
function valid(documents) {
  const dir = mkdtempSync(path.join(tmpdir(), 'plenary-pages-'));
  try {
    const names = new Map();
    for (const [name, text] of documents) {
      const file = `${String(names.size).padStart(4, '0')}.html`;
      writeFileSync(path.join(dir, file), text);
      names.set(file, name);
    }
    const jar = path.join(path.dirname(createRequire(import.meta.url).resolve('vnu-jar/package.json')), 'build/dist/vnu.jar');
    let report = '';
    try {
      execFileSync('java', ['-Xss4m', '-jar', jar, '--errors-only', '--format', 'json', dir], { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 64 << 20 });
    } catch (e) {
      report = e.stderr.toString();
      if (!report.startsWith('{')) throw e;
    }
    const messages = report ? JSON.parse(report).messages : [];
    assert.deepEqual(messages.map((m) => `${names.get(path.basename(m.url))}:${m.lastLine}: ${m.message}`), []);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('HTML is valid', async () => {
  const documents = [];
  for (const p of [...pages, '/en/no-such-page', '/admin/']) documents.push([p, await (await fetch(new URL(p, base))).text()]);
  valid(documents);
});

test('HTML of the panel is valid', async () => {
  const admin = accounts.find((x) => x.role === 'admin');
  const signedIn = await fetch(new URL('/admin/sign-in', base), { method: 'POST', redirect: 'manual', headers: { origin: new URL(base).origin }, body: new URLSearchParams({ email: admin.email, password: admin.password }) });
  assert.equal(signedIn.status, 303);
  const init = { headers: { cookie: signedIn.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ') } };
  const documents = [];
  for (const p of (await panelPages((path) => links(path, init))).values()) {
    const res = await fetch(new URL(p, base), init);
    assert.equal(res.status, 200, p);
    documents.push([p, await res.text()]);
  }
  assert.ok(documents.length > 80, `${documents.length} pages`);
  valid(documents);
});

test('ids of a page are unique and its inner links lead somewhere', async () => {
  const bad = [];
  for (const p of pages) {
    const { text } = await get(p);
    const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => unescape(id));
    for (const a of tags(text, 'a')) {
      const href = attribute(a, 'href');
      if (href.startsWith('#') && href.length > 1 && !ids.includes(decodeURIComponent(href.slice(1)))) bad.push(`${p}: ${href}`);
    }
  }
  assert.deepEqual(bad, []);
});

test('links on pages lead to pages', async () => {
  const from = new Map();
  for (const p of pages) {
    const { text } = await get(p);
    for (const tag of [...tags(text, 'a'), ...tags(text, 'link'), ...tags(text, 'img'), ...tags(text, 'script')]) {
      const href = attribute(tag, 'href') || attribute(tag, 'src');
      if (!href || /^(mailto|tel|data):/.test(href)) continue;
      const to = local(href.split('#')[0], p);
      if (to && !from.has(to)) from.set(to, p);
    }
  }
  const bad = [];
  for (const [to, p] of from) {
    if (fetched.has(to)) continue;
    let res = await fetch(new URL(to, base), { method: 'HEAD', redirect: 'manual' });
    const next = res.headers.get('location');
    // How to join an event that is on leads away, and only that; the rest is followed.
    if (next && new URL(to, base).pathname.endsWith('/join') && new URL(next, base).origin !== new URL(base).origin) continue;
    if (next) res = await fetch(new URL(next, base), { method: 'HEAD', redirect: 'follow' });
    if (res.status !== 200) bad.push(`${p} links to ${to}, which answers ${res.status}`);
  }
  assert.deepEqual(bad, []);
});

// Each page names all its languages, itself among them, and each of those names it back.
test('hreflang is reciprocal', async () => {
  const alternates = new Map();
  for (const p of pages) {
    const { text } = await get(p);
    const list = tags(text, 'link').filter((t) => attribute(t, 'rel') === 'alternate' && attribute(t, 'hreflang'));
    alternates.set(p, list.map((t) => attribute(t, 'href')));
  }
  const bad = [];
  let several = 0;
  for (const [p, list] of alternates) {
    if (!list.length) continue;
    if (list.length > 1) several++;
    for (const href of list) {
      if (!/^https?:\/\//.test(href)) bad.push(`${p}: ${href} is not absolute`);
      const other = alternates.get(local(href, p));
      if (other && !other.some((back) => local(back, p) === p)) bad.push(`${p} names ${href}, which does not name it back`);
    }
    if (!list.some((href) => local(href, p) === p)) bad.push(`${p} does not name itself`);
  }
  assert.deepEqual(bad, []);
  assert.ok(several > 10, `only ${several} pages have translations`);
});

test('linked data is JSON with a context', async () => {
  let n = 0;
  for (const p of pages) {
    const { text } = await get(p);
    for (const [, json] of text.matchAll(/<script type="application\/ld\+json"[^>]*>(.*?)<\/script>/gs)) {
      const data = JSON.parse(json);
      n++;
      for (const d of Array.isArray(data) ? data : [data]) {
        assert.match(String(d['@context']), /schema\.org/, p);
        assert.ok(d['@type'] || d['@graph'], p);
      }
    }
  }
  assert.ok(n > 5, `${n} pieces of linked data`);
});

// advertised gives the addresses of <link rel=alternate> of the given types, with the language of the page.
async function advertised(...types) {
  const out = new Map();
  for (const p of pages) {
    const { text } = await get(p);
    for (const t of tags(text, 'link')) {
      if (attribute(t, 'rel') === 'alternate' && types.includes(attribute(t, 'type'))) out.set(local(attribute(t, 'href'), p), p.split('/')[1]);
    }
  }
  return out;
}

const feedTypes = { 'application/rss+xml': 'rss', 'application/atom+xml': 'atom', 'application/feed+json': 'json' };
const feeds = await advertised(...Object.keys(feedTypes));

describe('feeds', () => {
  test('every language has all three formats', async () => {
    for (const l of locales) {
      const have = new Set();
      for (const [p, locale] of feeds) if (locale === l) have.add(Object.values(feedTypes).find((f) => p.split('?')[0].endsWith(`.${f}`)));
      assert.deepEqual([...have].sort(), ['atom', 'json', 'rss'], l);
    }
  });
  for (const [p, locale] of feeds) {
    test(p, async () => {
      const { status, type, text } = await get(p);
      assert.equal(status, 200);
      const { format, feed } = parseFeed(text);
      assert.ok(p.split('?')[0].endsWith(`.${format}`), `${format} behind ${p}`);
      assert.match(type, { rss: /^application\/rss\+xml/, atom: /^application\/atom\+xml/, json: /^application\/feed\+json/ }[format]);
      const title = feed.title?.value ?? feed.title;
      assert.ok(title, 'no title');
      const absolute = (href) => assert.match(href ?? '', /^https?:\/\//, 'an address that is not absolute');
      const date = (d) => assert.ok(!Number.isNaN(Date.parse(d)), `not a date: ${d}`);
      if (format === 'atom') {
        assert.ok(feed.id, 'no id');
        date(feed.updated);
        assert.ok(feed.links.some((l) => l.rel === 'self'), 'no link to itself');
        assert.match(text, new RegExp(`<feed[^>]*xml:lang="${locale}"`));
        for (const e of feed.entries ?? []) {
          assert.ok(e.id && (e.title?.value ?? e.title), 'an entry without id or title');
          date(e.updated);
          absolute(e.links?.[0]?.href);
        }
        assert.equal(new Set((feed.entries ?? []).map((e) => e.id)).size, (feed.entries ?? []).length, 'ids are not unique');
      } else {
        assert.equal(feed.language, locale);
        for (const e of feed.items ?? []) {
          assert.ok(e.title && (e.id || e.guid?.value), 'an item without id or title');
          absolute(e.url ?? e.link);
          date(e.date_published ?? e.pubDate);
        }
        if (format === 'json') absolute(feed.feed_url);
        else absolute(feed.link);
      }
    });
  }
  test('some have entries in each language', async () => {
    const full = new Set();
    for (const [p, locale] of feeds) {
      const { feed } = parseFeed((await get(p)).text);
      if ((feed.items ?? feed.entries ?? []).length) full.add(locale);
    }
    assert.deepEqual(locales.filter((l) => !full.has(l)), []);
  });
});

// calendars: what pages advertise, and what they link to.
const calendars = new Set((await advertised('text/calendar')).keys());
for (const p of pages) {
  for (const a of tags((await get(p)).text, 'a')) {
    const to = local(attribute(a, 'href'), p);
    if (to.split('?')[0].endsWith('.ics')) calendars.add(to);
  }
}

// instant is the UTC time of a wall time in a zone, by the runtime's own zone rules.
function instant(t, zone) {
  const wall = Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second);
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
  const offset = (ms) => {
    const f = Object.fromEntries(format.formatToParts(ms).map((x) => [x.type, Number(x.value)]));
    return Date.UTC(f.year, f.month - 1, f.day, f.hour, f.minute, f.second) - ms;
  };
  let ms = wall - offset(wall);
  ms = wall - offset(ms);
  return ms;
}

describe('calendars', () => {
  test('there are some', () => assert.ok(calendars.size > 15, `${calendars.size} calendars`));
  for (const p of calendars) {
    test(p, async () => {
      const { status, type, text } = await get(p);
      assert.equal(status, 200);
      assert.equal(type, 'text/calendar; charset=utf-8');
      assert.ok(!/[^\r]\n/.test(text), 'a line ends without CR'); // RFC 5545, 3.1
      for (const line of text.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, `longer than 75 octets: ${line}`);
      const calendar = new ICAL.Component(ICAL.parse(text));
      assert.equal(calendar.getFirstPropertyValue('version'), '2.0');
      assert.ok(calendar.getFirstPropertyValue('prodid'), 'no PRODID');
      const zones = new Map(calendar.getAllSubcomponents('vtimezone').map((z) => [z.getFirstPropertyValue('tzid'), new ICAL.Timezone(z)]));
      const events = calendar.getAllSubcomponents('vevent');
      const ids = new Set();
      for (const e of events) {
        for (const name of ['uid', 'dtstamp', 'dtstart', 'summary', 'sequence', 'status']) {
          assert.ok(e.getFirstPropertyValue(name) != null, `an event without ${name}`);
        }
        const uid = e.getFirstPropertyValue('uid');
        assert.ok(!ids.has(uid), `${uid} twice`);
        ids.add(uid);
        for (const name of ['dtstart', 'dtend']) {
          const property = e.getFirstProperty(name);
          const tzid = property?.getParameter('tzid');
          if (!tzid) continue;
          assert.ok(zones.has(tzid), `no VTIMEZONE for ${tzid}`);
          const t = property.getFirstValue();
          t.zone = zones.get(tzid);
          assert.equal(t.toUnixTime() * 1000, instant(t, tzid), `${uid}: ${name} ${t} by its VTIMEZONE is another instant than in ${tzid}`);
        }
      }
      if (!p.split('/')[2]?.startsWith('events.')) assert.ok(events.length > 0, 'no event in it');
    });
  }
});
