// The instruments must see what is wrong: each is shown a page with a fault.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, axe, overflow, tabStops, typeOf, unescape, base } from './harness.mjs';

const { page, problems } = await open();

async function show(body, headers = {}) {
  await page.route('**/fixture', (r) => r.fulfill({
    contentType: 'text/html; charset=utf-8', headers,
    body: `<!doctype html><html lang="ar" dir="rtl"><head><title>Fixture</title></head><body><main><h1>عنوان</h1>${body}</main></body></html>`,
  }));
  await page.goto('/fixture');
  await page.unroute('**/fixture');
}

test('axe sees poor contrast of Arabic', async () => {
  await show('<p style="color:#bbb;background:#fff">هذا نص طويل بما يكفي ليقرأه الزائر</p>');
  assert.match((await axe(page)).join('\n'), /color-contrast/);
  await show('<p style="color:#222;background:#fff">هذا نص طويل بما يكفي ليقرأه الزائر</p>');
  assert.deepEqual(await axe(page), []);
});

test('axe sees what is in a menu that lies over the page, and what it covers by itself', async () => {
  const menu = (colour) => `<details open style="position:relative"><summary>قائمة</summary><div style="position:absolute;width:200px;background:#fff"><a href="#1" style="display:block;height:30px;color:${colour}">أولا</a></div></details>`;
  const under = '<div style="padding-top:10px"><a href="#2" style="display:block;width:200px;height:30px">تحت القائمة</a></div>';
  await show(menu('#00f') + under);
  assert.deepEqual(await axe(page), []);
  assert.ok(await page.locator('details').evaluate((d) => d.open));
  await show(menu('#ccc') + under);
  assert.match((await axe(page)).join('\n'), /color-contrast.*#1/);
  await show(`${under}<a href="#3" style="position:absolute;top:0;left:0;width:300px;height:90px;opacity:.5">فوق</a>`);
  assert.match((await axe(page)).join('\n'), /target-size|color-contrast/);
});

test('overflow names what is too wide', async () => {
  await show('<div class="wide" style="width:3000px">x</div>');
  assert.match((await overflow(page)).join('\n'), /div\.wide/);
  await show('<div>x</div>');
  assert.deepEqual(await overflow(page), []);
});

test('tab stops without ring, or covered, are seen', async () => {
  await show('<style>:focus-visible{outline:2px solid} #bare:focus-visible{outline:none}</style><a href="#1">good</a> <a href="#2" id="bare">bare</a> <a href="#3">under</a><div style="position:fixed;inset:0;top:0;height:2rem;background:#fff"></div><div style="height:200px"></div><a href="#4">last</a>');
  const r = await tabStops(page);
  assert.equal(r.stops, 4);
  assert.deepEqual(r.ringless, ['a bare']);
  await show('<style>:focus-visible{outline:2px solid}</style><a href="#1">under</a><div style="position:fixed;inset:0;background:#fff"></div>');
  assert.deepEqual((await tabStops(page)).covered, ['a under']);
});

test('the browser\'s complaints are collected', async () => {
  await show('<style>p{color:red}</style>', { 'Content-Security-Policy': "style-src 'none'" });
  assert.match(problems().join('\n'), /Content Security Policy/i);
  await show('<script>throw new Error("oh")</script>');
  assert.match(problems().join('\n'), /oh/);
  await page.route('https://elsewhere.example/*', (r) => r.abort());
  await show('<img alt="" src="https://elsewhere.example/x.png">');
  assert.match(problems().join('\n'), /request to https:\/\/elsewhere\.example/);
});

test('types of pages', () => {
  for (const [path, type] of [['/en/', 'home'], ['/en/events', 'events'], ['/ar/events/2027/some-event', 'events/*'], ['/en/people/a-person', 'people/*'],
    ['/admin/', 'admin'], ['/admin/events/42', 'admin/events/*'], ['/admin/events/k3f9a/history', 'admin/*/*/history'], ['/admin/news/k3f9a/history', 'admin/*/*/history'], ['/admin/users/k3f9a/reset', 'admin/users/*/reset']]) {
    assert.equal(typeOf(path), type, path);
  }
  assert.equal(unescape('a&amp;b&#39;&#x27;&quot;'), 'a&b\'\'"');
  assert.match(base, /^http/);
});
