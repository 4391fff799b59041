// What is typed survives when the session has ended meanwhile, and when the network is gone.
import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { open } from './harness.mjs';
import { signInAs, enter, begin, save, stored, settled, prose, add, unique } from './panel.mjs';

const { page, context } = await open();
const editor = await signInAs(page, 'editor');

// Each test starts signed in, whatever the one before has done.
beforeEach(async () => {
  await context.setOffline(false);
  await page.goto('/admin', { waitUntil: 'commit' });
  if (page.url().includes('/sign-in')) await signInAs(page, 'editor');
});

// fill types into a line, an area and rich text, and tells what must still be there.
async function fill(words) {
  await page.locator('.titlein').fill(words);
  await page.getByLabel(/^Summary/).fill(`${words}: summary`);
  const field = prose(page, 'body@en');
  await field.click();
  await page.keyboard.type(`${words}: text`);
  return async () => {
    assert.equal(await page.locator('.titlein').inputValue(), words);
    assert.equal(await page.getByLabel(/^Summary/).inputValue(), `${words}: summary`);
    assert.match(await page.locator('[name="body@en"]').inputValue(), new RegExp(`${words}: text`));
  };
}

// signInElsewhere signs in again in another tab, as the message says.
async function signInElsewhere() {
  const tab = await context.newPage();
  await tab.goto('/admin/sign-in');
  await enter(tab, editor);
  await tab.waitForURL((u) => !u.pathname.startsWith('/admin/sign-in'));
  await tab.close();
}

for (const [what, start] of [
  ['an entry', () => begin(page, 'news', unique('Signed out'))],
  ['a new entry', () => page.goto('/admin/news/new')],
]) {
  test(`signed out while writing ${what}`, async () => {
    await start();
    const kept = await fill(unique('Written before'));
    await context.clearCookies();
    await page.keyboard.press('Control+s');
    const message = page.locator('.swap-err');
    await message.waitFor();
    assert.match(await message.innerText(), /signed out\. What you typed is still here/);
    await kept();
    await signInElsewhere();
    await page.keyboard.press('Control+s');
    await page.waitForURL((u) => !u.pathname.endsWith('/new'));
    await stored(page);
    assert.equal(await message.count(), 0);
    await page.reload();
    await kept();
  });

  test(`no network while writing ${what}`, async () => {
    await start();
    const kept = await fill(unique('Written offline'));
    await context.setOffline(true);
    await page.locator('#save').click();
    const message = page.locator('.swap-err');
    await message.waitFor();
    assert.match(await message.innerText(), /No answer from the server\. Nothing is lost/);
    await kept();
    await context.setOffline(false);
    await page.locator('#save').click();
    await page.waitForURL((u) => !u.pathname.endsWith('/new'));
    await stored(page);
    await page.reload();
    await kept();
  });
}

test('leaving with something unsaved is asked about', async () => {
  await begin(page, 'news', unique('Leaving'));
  await page.getByLabel(/^Summary/).fill('Not saved yet');
  const asked = page.waitForEvent('dialog');
  const leaving = page.locator('.logo').click();
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  await leaving.catch(() => {});
  assert.equal(await page.getByLabel(/^Summary/).inputValue(), 'Not saved yet');
  await save(page);
  await page.locator('.logo').click();
  await page.waitForURL((u) => u.pathname === '/admin');
});

test('lists too: what was added while signed out is there afterwards', async () => {
  const path = await begin(page, 'events', unique('List'));
  await add(page, 'sessions', { title: 'Before' });
  await context.clearCookies();
  await page.locator('button[value="add sessions"]').click();
  await page.locator('.swap-err').waitFor();
  await settled(page);
  assert.equal(await page.locator('[id="list-sessions"] [name$=".title@en"]').inputValue(), 'Before');
  await signInElsewhere();
  await add(page, 'sessions', { title: 'After' });
  await save(page);
  await page.goto(path);
  assert.deepEqual(await page.locator('[id="list-sessions"] [name$=".title@en"]').evaluateAll((all) => all.map((i) => i.value)), ['Before', 'After']);
});
