// Tab through every type of page: each stop can be seen and has a ring.
import { test, describe } from 'node:test';
import assert from 'node:assert/strict';
import { open, signIn, tabStops, sitePages, panelPages, linksIn } from './harness.mjs';

const { page, newContext } = await open();
const pages = { en: await sitePages('en'), ar: await sitePages('ar') };
const panelPage = await (await newContext()).newPage();
await signIn(panelPage, 'admin');
const panel = await panelPages(linksIn(panelPage));

async function walk(page, path) {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(path);
    const { stops, covered, ringless } = await tabStops(page);
    assert.ok(stops > 2, `only ${stops} stops on ${path} at ${width}`);
    assert.deepEqual({ covered, ringless }, { covered: [], ringless: [] }, `${path} at ${width}`);
  }
}

for (const locale of Object.keys(pages)) {
  describe(`site in ${locale}`, () => {
    for (const [type, path] of pages[locale]) test(`${type}  ${path}`, () => walk(page, path));
  });
}

test('the first stop leads to the content', async () => {
  await page.goto('/en/');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const inMain = await page.evaluate(() => {
    const target = document.querySelector(location.hash || '#none');
    return Boolean(target && (target.matches('main') || target.closest('main') || target.querySelector('main, h1')));
  });
  assert.ok(inMain, 'the skip link does not lead to the content');
});

describe('panel', () => {
  for (const [type, path] of panel) test(`${type}  ${path}`, () => walk(panelPage, path));
});
