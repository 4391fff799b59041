// The page is seen while it is written: beside the form, at any time, on any width; and whoever has a link sees one version
// of it, until the link is revoked.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, axe, look, base } from './harness.mjs';
import { signInAs, begin, byHand, byItself, settled, save, publishable, nextYear, unique } from './panel.mjs';

const { page: ann, context, newContext } = await open();
await signInAs(ann, 'editor');
const title = unique('Seen while written');
const path = await begin(ann, 'events', title);
await ann.goto(path);
await publishable(ann);
await save(ann);

const frame = (page) => page.frameLocator('#preview iframe');
const button = (page) => page.locator('a[data-preview]:visible').first();
const state = (page) => page.locator('#preview [data-state]');

async function shown(page) {
  await button(page).click();
  await state(page).filter({ hasText: 'Up to date' }).waitFor();
}

test('typing shows beside the form within two seconds, and is not stored by it', async () => {
  await ann.goto(path);
  await byHand(ann);
  await shown(ann);
  await frame(ann).locator('.preview-bar').filter({ hasText: 'Nothing is saved by it' }).waitFor();
  const words = unique('Typed');
  const began = Date.now();
  await ann.locator('.titlein').fill(words);
  await frame(ann).locator('h1', { hasText: words }).waitFor({ timeout: 5000 });
  const took = Date.now() - began;
  assert.ok(took < 2000, `it took ${took} ms`);
  // The editor of rich text, lists and pickers too; and the frame keeps its place.
  await frame(ann).locator('footer').first().scrollIntoViewIfNeeded();
  const y = await ann.locator('#preview iframe').evaluate((f) => f.contentWindow.scrollY);
  await ann.locator('[name="summary@en"]').fill(`${words}: summary`);
  await frame(ann).getByText(`${words}: summary`).first().waitFor({ state: 'attached', timeout: 5000 });
  assert.equal(await ann.locator('#preview iframe').evaluate((f) => f.contentWindow.scrollY), y);
  const other = await context.newPage();
  await other.goto(`${path}/preview/page`);
  assert.equal(await other.locator('main h1').innerText(), title);
  await other.close();
  await ann.locator('#preview [data-shut]').click();
  assert.equal(await ann.locator('#preview').count(), 0);
  assert.equal(await button(ann).getAttribute('aria-expanded'), 'false');
  await byItself(ann);
  await ann.locator('.titlein').fill(title);
  await save(ann);
});

test('a date shows the phase of that day', async () => {
  await ann.goto(path);
  await settled(ann);
  await shown(ann);
  // The event begins at 09:00 in Bangkok.
  await ann.locator('#preview-zone').selectOption('Africa/Nairobi');
  for (const [at, words] of [[`${nextYear}-06-01T09:00`, /Announced/], [`${nextYear}-07-01T05:30`, /Live now/], [`${nextYear}-07-02T12:00`, /Concluded/]]) {
    await ann.getByLabel('As seen on').fill(at);
    await frame(ann).locator('.hero', { hasText: words }).waitFor({ timeout: 5000 }).catch(async () => assert.fail(`${at}: ${await frame(ann).locator('.hero').innerText()}`));
    await frame(ann).locator('.preview-bar', { hasText: String(nextYear) }).waitFor();
  }
  await ann.locator('#preview-show').selectOption('ar');
  await frame(ann).locator('html[dir=rtl]').waitFor({ state: 'attached' });
  await ann.getByLabel('Phone', { exact: true }).check();
  const wide = await ann.locator('#preview iframe').evaluate((f) => f.contentWindow.innerWidth);
  assert.ok(wide <= 390, `the phone is ${wide} px wide`);
  await ann.getByLabel('Computer', { exact: true }).check();
  await ann.waitForFunction(() => document.querySelector('#preview iframe').contentWindow.innerWidth >= 1270);
  assert.deepEqual(await axe(ann), []);
  // It stays open from one language to the next.
  await ann.locator('#tabs a[lang=fr], #tabs a:has([lang=fr])').first().click();
  await ann.waitForURL(/lang=fr/);
  await state(ann).filter({ hasText: 'Up to date' }).waitFor();
  await ann.locator('#preview [data-shut]').click();
});

test('on a phone it takes the place of the fields, and the same button leads back', async () => {
  const pocket = await newContext({ viewport: { width: 390, height: 844 }, storageState: await context.storageState() });
  const phone = await pocket.newPage();
  await phone.goto(path);
  await settled(phone);
  await shown(phone);
  assert.equal(await phone.locator('#fields').isVisible(), false);
  await frame(phone).locator('h1', { hasText: title }).waitFor();
  assert.deepEqual(await axe(phone), []);
  await button(phone).click();
  await phone.locator('#fields').waitFor({ state: 'visible' });
  await pocket.close();
});

test('without a script there is a page for it', async () => {
  const plain = await newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const page = await plain.newPage();
  await page.goto(path);
  await page.getByRole('link', { name: 'Preview', exact: true }).first().click();
  await page.frameLocator('#preview iframe').locator('h1', { hasText: title }).waitFor();
  await page.getByLabel('As seen on').fill(`${nextYear}-07-02T12:00`);
  await page.getByRole('button', { name: 'Show preview' }).click();
  await page.frameLocator('#preview iframe').locator('.hero', { hasText: 'Concluded' }).waitFor();
  await plain.close();
});

test('a link opens for somebody without an account, and no longer once it is revoked', async () => {
  await ann.goto(`${path}/preview/links`);
  await ann.getByLabel('Whom it is for').fill('A partner');
  await ann.getByRole('button', { name: 'Make link' }).click();
  const link = await ann.getByLabel('Address to send').inputValue();
  assert.match(link, new RegExp(`^${base}/preview/[A-Z2-7]{32}$`));
  assert.deepEqual(await axe(ann), []);
  const fresh = await newContext();
  const page = await fresh.newPage();
  assert.deepEqual(await look(page, link, 200), []);
  assert.equal(await page.locator('main h1').innerText(), title);
  await page.locator('.preview-bar', { hasText: 'The link holds until' }).waitFor();
  await ann.goto(`${path}/preview/links`);
  const line = ann.locator('.list > li').first();
  assert.match(await line.innerText(), /A partner[\s\S]*Opened (once|\d+ times)/);
  await line.getByRole('button', { name: /^Revoke/ }).click();
  await ann.getByText('The link no longer opens.').waitFor();
  const gone = await page.goto(link);
  assert.equal(gone.status(), 410);
  assert.doesNotMatch(await page.locator('body').innerText(), new RegExp(title));
  await fresh.close();
});
