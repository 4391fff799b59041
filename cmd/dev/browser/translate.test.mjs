// A translator beside the source: what memory knows of a unit goes into its translation by one press, in a line and in running
// text, and what is typed is saved.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, signIn, axe, sitemap, links } from './harness.mjs';

const { page } = await open();
await signIn(page, 'admin');
const address = (await sitemap()).find((a) => a.startsWith('/en/events/') && a.endsWith('/opening-the-register'));
const permalink = (await links(address)).find((a) => /\/e\/\w+$/.test(a)) ?? await (async () => {
  const text = await (await fetch(new URL(address, process.env.PLENARY_URL))).text();
  return text.match(/\/e\/\w{12}/)[0];
})();
const base = `/admin/events/${permalink.split('/').pop()}/translate/fr?show=all`;

test('memory beside a line: one press puts it in', async () => {
  await page.goto(base);
  const unit = page.locator('.unit', { has: page.locator('.tu[data-unit="short_title"]') });
  const field = unit.locator('.target input[type=text], .target textarea').first();
  const was = await field.inputValue();
  await field.fill('');
  await unit.locator('.helps summary').click();
  const put = unit.locator('.unit-matches [data-put]').first();
  await put.waitFor();
  assert.deepEqual(await axe(page), []);
  await put.focus();
  await page.keyboard.press('Enter');
  assert.equal(await field.inputValue(), was);
});

test('memory beside a paragraph: it takes the place of that paragraph alone', async () => {
  await page.goto(base);
  const unit = page.locator('.unit', { has: page.locator('.target textarea[data-prose]') }).first();
  const editor = unit.locator('.doc[contenteditable=true]');
  await editor.waitFor();
  const paragraphs = () => editor.locator('p').allInnerTexts();
  const before = await paragraphs();
  assert.ok(before.length > 1, `only ${before.length} paragraphs to tell apart`);
  const box = unit.locator('.tu').first().locator('.helps');
  await editor.locator('p').first().click();
  await page.keyboard.press('Home');
  await page.keyboard.type('XX ');
  await box.locator('summary').click();
  const put = box.locator('.unit-matches [data-put]').first();
  await put.waitFor();
  await put.click();
  await page.waitForFunction(() => !document.querySelector('.unit .doc[contenteditable=true]').innerText.includes('XX '));
  assert.deepEqual(await paragraphs(), before);
});
