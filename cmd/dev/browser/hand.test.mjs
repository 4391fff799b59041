// What is at hand: the palette and its page, saved views, the way back from a step, the map of the keys.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, signIn, speak, axe, look, noOverflow, base } from './harness.mjs';
import { unique } from './panel.mjs';

const shots = process.env.PLENARY_SHOTS; // a folder for pictures to look at
const { page, newContext } = await open();
const shot = (name, at = page) => (shots ? at.screenshot({ path: `${shots}/${name}.png` }) : null);
await signIn(page, 'admin');
await speak(page, 'en');

const input = page.locator('#palette input');
const options = page.locator('#palette [role=option]');

// settled waits until the options are those of what is typed.
const settled = () => page.waitForFunction(() => document.querySelector('#palette ul[role=listbox]')?.children.length > 0 && !document.querySelector('#palette [aria-busy]'));

test('the palette: groups, keys, what can be done here', async () => {
  await page.goto('/admin/events?q=');
  await page.locator('tbody .c-title a').first().click();
  await page.waitForURL(/\/admin\/events\/\w+/);
  await page.keyboard.press('Control+k');
  await settled();
  assert.equal(await input.getAttribute('role'), 'combobox');
  assert.equal(await input.getAttribute('aria-expanded'), 'true');
  const groups = page.locator('#palette [role=group]');
  assert.ok(await groups.count() >= 3, 'too few groups');
  assert.ok(await options.filter({ hasText: 'History' }).count(), 'nothing can be done here');
  await input.press('ArrowDown');
  const active = await input.getAttribute('aria-activedescendant');
  assert.ok(active && await page.locator(`#${active}[aria-selected=true]`).count(), 'no option is active');
  assert.deepEqual(await axe(page), []);
  await shot('palette');
  await input.press('Escape');
  assert.ok(!await page.locator('#palette').evaluate((d) => d.open), 'Escape does not close it');

  // Three keys and a word lead to a new event.
  await page.keyboard.press('Control+k');
  await input.pressSequentially('new event');
  await input.press('Enter');
  await page.waitForURL('**/admin/events/new');
});

test('on a phone, in Arabic and in the dark', async () => {
  await speak(page, 'ar');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/admin/entries?q=');
  await page.locator('.bar .kbar-s').click();
  await settled();
  assert.deepEqual(await axe(page), []);
  await noOverflow(page);
  await shot('palette-ar-390');
  await page.goto('/admin/find?q=');
  assert.deepEqual(await axe(page), []);
  await noOverflow(page);
  await shot('find-ar-390');
  await page.goto(`/admin/news?q=${Date.now()}`);
  await page.locator('.views summary').click();
  assert.deepEqual(await axe(page), []);
  await noOverflow(page);
  await shot('views-ar-390');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/admin/help');
  await speak(page, 'en');
});

test('a view is saved, opens, and comes back after it was removed', async () => {
  const name = unique('Drafts');
  await page.goto(`/admin/news?state=draft&q=${Date.now()}`);
  await page.locator('.views summary').click();
  await page.locator('.views [name=name]').fill(name);
  await shot('views-form');
  await page.locator('.views form button').click();
  await page.locator('.views [aria-current]', { hasText: name }).waitFor();
  await shot('views');
  await page.keyboard.press('Control+k');
  await input.pressSequentially(name.slice(0, 12).toLowerCase());
  await settled();
  await options.filter({ hasText: name }).waitFor();
  await input.press('Escape');
  await page.goto('/admin/views');
  await page.locator('li', { hasText: name }).locator('summary').click();
  assert.deepEqual(await axe(page), []);
  await shot('views-page');
  await page.getByRole('button', { name: `Remove the view “${name}”` }).click();
  await page.locator('.notice', { hasText: name }).waitFor();
  await shot('views-removed');
  await page.locator('.notice').getByRole('button', { name: 'Undo' }).click();
  await page.locator('.list b', { hasText: name }).waitFor();
  await page.getByRole('button', { name: `Remove the view “${name}”` }).click();
});

test('the map of the keys', async () => {
  await page.goto('/admin/entries?q=');
  await page.locator('input[name=q]').focus();
  await page.keyboard.press('?');
  assert.equal(await page.locator('input[name=q]').inputValue(), '?', 'the key fires while one types');
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await page.locator('#keymap[open] kbd').first().waitFor();
  assert.deepEqual(await axe(page), []);
  await shot('keys');
  await page.keyboard.press('Escape');
  await page.goto('/admin/account');
  await page.locator('input[name=keys]').uncheck();
  await shot('account-keys');
  await page.locator('form:has(input[name=keys]) button').click();
  await page.waitForLoadState();
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await page.waitForTimeout(300);
  assert.ok(!await page.locator('#keymap').evaluate((d) => d.open), 'it was turned off');
  await page.locator('input[name=keys]').check();
  await page.locator('form:has(input[name=keys]) button').click();
  await page.waitForLoadState();
});

test('without scripts the box is a page', async () => {
  const plain = await (await newContext({ javaScriptEnabled: false })).newPage();
  await signIn(plain, 'editor');
  await plain.goto('/admin/events?q=');
  await plain.locator('tbody .c-title a').first().click();
  await plain.locator('a.kbar').click();
  assert.equal(new URL(plain.url()).pathname, '/admin/find');
  assert.equal(await plain.locator('a', { hasText: 'History' }).count(), 1, 'what can be done with the entry it was asked from is missing');
  await plain.locator('input[name=q]').fill('new event');
  await plain.locator('main form button').click();
  await plain.locator('main .list a').first().click();
  assert.equal(plain.url(), `${base}/admin/events/new`);
});

for (const locale of ['en', 'ar']) {
  test(`its pages in ${locale}, wide and narrow, light and dark`, async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto('/admin');
    await speak(page, locale);
    for (const path of ['/admin', '/admin/find', '/admin/find?q=zzzz', '/admin/views', '/admin/help', '/admin/account']) assert.deepEqual(await look(page, path, 200), [], path);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.evaluate(() => document.documentElement.style.removeProperty('font-size'));
  });
}
