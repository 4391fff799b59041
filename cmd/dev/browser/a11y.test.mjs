// Every type of page, in three scripts, light and dark, wide and narrow: no violation that axe knows, nothing wider
// than the window, with text of twice the size too.
import { test, describe, before } from 'node:test';
import assert from 'node:assert/strict';
import { open, signIn, speak, look, sitePages, panelPages, linksIn, base } from './harness.mjs';

const locales = ['en', 'ar', 'zh'];

const { page, newContext } = await open();
const pages = {};
for (const locale of locales) pages[locale] = await sitePages(locale);
const stranger = await (await newContext()).newPage();
const panelContext = await newContext();
const panelPage = await panelContext.newPage();
await signIn(panelPage, 'admin');
// The demo has no letters yet: without one there is no page of a letter.
await panelPage.goto('/admin/outbox');
await panelPage.locator('form[action="/admin/outbox/test"] button').click();
await panelPage.waitForURL(/outbox\/\w{20,}$/);
const panel = await panelPages(linksIn(panelPage));

for (const locale of locales) {
  describe(`site in ${locale}`, () => {
    for (const [type, path] of pages[locale]) {
      test(`${type}  ${path}`, async () => {
        assert.deepEqual(await look(page, path, type === 'missing' ? 404 : 200), []);
        assert.equal(await page.locator('html').getAttribute('lang'), locale);
        assert.equal(await page.locator('html').getAttribute('dir') ?? 'ltr', locale === 'ar' ? 'rtl' : 'ltr');
      });
    }
  });
}

// A page without a translation is a skeleton in the asked language with prose in another.
test('skeleton page', async () => {
  for (const locale of ['sw', 'ko', 'pt', 'ar', 'zh']) {
    for (const path of pages.en.values()) {
      await page.goto(path);
      const there = page.locator(`a[hreflang="${locale}"]`).first();
      if (path.endsWith('/no-such-page') || !await there.count()) continue;
      const href = await there.getAttribute('href');
      const html = await (await fetch(new URL(href, base))).text();
      if (!/<meta name="robots" content="[^"]*noindex/.test(html)) continue;
      assert.deepEqual(await look(page, href, 200), []);
      return;
    }
  }
  assert.fail('no skeleton page found: the demo should have gaps');
});

test('sign-in page', async () => {
  await stranger.goto('/admin/sign-in');
  assert.deepEqual(await look(stranger, stranger.url(), 200), []);
});

for (const locale of locales) {
  describe(`panel in ${locale}`, () => {
    before(async () => { // the panel speaks the account's language
      await panelPage.setViewportSize({ width: 1440, height: 900 });
      await panelPage.goto('/admin');
      await speak(panelPage, locale);
    });
    for (const [type, path] of panel) {
      test(`${type}  ${path}`, async () => {
        assert.deepEqual(await look(panelPage, path, 200), []);
        assert.equal(await panelPage.locator('html').getAttribute('lang'), locale);
      });
    }
  });
}
