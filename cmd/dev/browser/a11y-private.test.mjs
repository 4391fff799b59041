// The pages that only a letter leads to: one's registration in each of its states, how to join, stopping letters, one's post
// and comment, and what one follows; in English and in Arabic, on a wide screen and a narrow one.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, look, lookAgain, openAll, signIn, sitemap, links } from './harness.mjs';
import { letter, get } from './panel.mjs';

const site = await open();
const staff = await (await site.newContext()).newPage();
await signIn(staff, 'admin');
const page = await (await site.newContext()).newPage();
const addresses = await sitemap();
const named = (kind, slug) => addresses.find((a) => a.startsWith(`/en/${kind}/`) && (!slug || a.endsWith(`/${slug}`))) ?? assert.fail(`the demo has no ${kind} ${slug}`);
const find = async (from, what) => new URL((await links(from)).find((a) => what.test(a)) ?? assert.fail(`${from} has no link ${what}`), 'http://x').pathname;
const event = named('events', 'answering-the-mayor');
const board = `${named('events', 'budget-on-the-wall')}/discussion`;
const unique = Date.now().toString(36);
const mail = (who) => `${who}-${unique}@example.org`;

// A person takes longer than a machine over a form.
async function send(path, fill) {
  await page.goto(path);
  await fill();
  await page.waitForTimeout(3100);
  await Promise.all([page.waitForURL(/\/sent$/), page.locator('main form button').last().click()]);
}

// In both languages; the status is that of the page, which may say that something is not open yet.
async function both(path, status = 200) {
  for (const l of ['en', 'ar']) {
    const there = path.replace(/^\/\w\w\//, `/${l}/`);
    assert.deepEqual(await look(page, there, status, { short: true }), [], there);
  }
}

async function press(path, value) {
  await page.goto(path);
  await page.locator(`button[name=do][value=${value}]`).click();
  await page.waitForLoadState();
}

test('one’s registration', async () => {
  const to = mail('guest');
  await send(`${event}/register`, async () => {
    await page.locator('#name').fill('Asha Example');
    await page.locator('#mail').fill(to);
    await page.locator('[name=category]').first().check();
    await page.locator('#organization').fill('Window');
    await page.locator('#country').selectOption('JO');
    await page.locator('[name="f.desk"][value=yes]').check();
    await page.locator('[name="f.cases"]').fill('12');
    await page.locator('[name="consent.data"]').check();
  });
  const own = await letter(staff, to);
  await both(own); // to be confirmed
  await press(own, 'confirm');
  await both(own);
  await both(`${own}/stop`); // leads to the button
  const join = await page.request.get(`${own}/join`, { maxRedirects: 0 });
  if (join.status() !== 303) await both(`${own}/join`, join.status());
  for (const l of ['en', 'ar']) {
    await page.setViewportSize({ width: 390, height: 900 });
    await page.goto(own.replace(/^\/\w\w\//, `/${l}/`));
    await openAll(page);
    await page.locator('#name').fill('');
    await page.locator('form:has(#name) button.pri').click();
    await page.locator('#problems').waitFor();
    assert.deepEqual(await lookAgain(page), [], `${l}, a change with a mistake`);
  }
  await press(own, 'withdraw');
  await both(own);
});

test('one’s post, and what one follows', async () => {
  const topic = await find(board, /\/discussion\/(?!follow$)[^/?#]+$/);
  const to = mail('author');
  await send(`${topic}/write`, async () => {
    await page.locator('#name').fill('Asha Example');
    await page.locator('#mail').fill(to);
    await page.locator('#text').fill('The wall should stay where it is.');
  });
  const own = await letter(staff, to);
  await both(own);
  await press(own, 'confirm');
  await both(own);

  const reader = mail('reader');
  await send(`${board}/follow`, async () => page.locator('#mail').fill(reader));
  const following = await letter(staff, reader);
  await both(following);
  await press(following, 'follow');
  await both(`${following}/stop`);
});

test('one’s comment on a draft', async () => {
  const report = (await Promise.all(addresses.filter((a) => a.startsWith('/en/reports/')).map(async (a) => [a, (await get(`${a}/comments`)).status]))).find(([, status]) => status === 200)?.[0];
  assert.ok(report, 'the demo has no draft that is open for comment');
  await both(`${report}/comments`);
  const form = await find(`${report}/comments`, /\/comments\/[^/?#]+$/);
  await both(form);
  const to = mail('delegate');
  await send(form, async () => {
    await page.locator('#name').fill('Asha Example');
    await page.locator('#mail').fill(to);
    await page.locator('#text').fill('This paragraph should name the archive.');
  });
  const own = await letter(staff, to);
  await both(own);
  await press(own, 'confirm');
  await both(own);
});
