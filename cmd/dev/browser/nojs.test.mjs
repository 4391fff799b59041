// The panel without scripts: every action is a link or a form.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { open, accounts } from './harness.mjs';
import { unique, get } from './panel.mjs';

const { page } = await open({ javaScriptEnabled: false });
const editor = accounts.find((a) => a.role === 'editor');

// press presses a button or link that leads to a new page, and gives that page's answer.
async function press(what) {
  const [res] = await Promise.all([page.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303), what.click()]);
  await page.waitForLoadState();
  return res;
}

const op = (value) => page.locator(`button[value="${value}"]`);
const contacts = () => page.locator('[id="list-contacts"] > [data-item]');

test('a news item, and a file', async () => {
  await page.goto('/admin/sign-in');
  await page.getByLabel('E-mail address').fill(editor.email);
  await page.getByLabel('Password').fill(editor.password);
  await press(page.getByRole('button', { name: 'Sign in' }));
  assert.equal(new URL(page.url()).pathname, '/admin');
  await press(page.getByRole('link', { name: 'New: News item' }));

  const title = unique('Without scripts');
  await page.locator('.titlein').fill(title);
  await page.getByLabel(/^Summary/).fill('Everything here is a form.');
  await page.getByLabel(/^Type/).first().selectOption('announcement');
  await page.locator('[name="date"]').fill('31 February 2026');
  await page.locator('[name="body@en"]').fill('<p>Written as <strong>HTML</strong>.</p>');

  // A list: three added, one moved, one taken out. What was typed goes along.
  for (const [i, name] of ['First', 'Second', 'Third'].entries()) {
    await press(op('add contacts'));
    await contacts().nth(i).locator('[name*=".name@en"]').fill(name);
    await contacts().nth(i).locator('[name$=".mailbox"]').fill(`${name.toLowerCase()}@example.org`);
  }
  const names = async () => contacts().locator('[name*=".name@en"]').evaluateAll((all) => all.map((i) => i.value));
  await press(contacts().nth(2).locator('button[value^="up contacts"]'));
  assert.deepEqual(await names(), ['First', 'Third', 'Second']);
  await press(contacts().nth(0).locator('button[value^="down contacts"]'));
  assert.deepEqual(await names(), ['Third', 'First', 'Second']);
  await press(contacts().nth(1).locator('button[value^="remove contacts"]'));
  assert.deepEqual(await names(), ['Third', 'Second']);
  assert.equal(await page.locator('.titlein').inputValue(), title);
  assert.equal(await page.locator('[name="date"]').inputValue(), '31 February 2026');

  // A picker: what was typed is looked for by a button, and one of the answers chosen.
  await page.locator('[name="find:event"]').fill('opening the register');
  await press(op('find event'));
  const found = page.locator('[id="pick-event"]').getByRole('group', { name: 'Found' });
  await found.getByRole('radio', { name: /^Opening the Register: Digital/ }).check();

  // A date that there is not: it stays as it was typed, with what is wrong beside it.
  const refused = await press(page.locator('#save'));
  assert.equal(refused.status(), 422);
  assert.match(await page.title(), /^Error:/);
  const date = page.locator('[name="date"]');
  assert.equal(await date.inputValue(), '31 February 2026');
  assert.equal(await date.getAttribute('aria-invalid'), 'true');
  assert.match(await page.locator('[id="e-date"]').innerText(), /Enter a date such as/);
  assert.match(await page.locator('#problems a').first().getAttribute('href'), /#date$/);
  assert.deepEqual(await names(), ['Third', 'Second']);
  await date.fill('03/04/2026');
  await press(page.locator('#save'));
  await press(page.locator('[id="e-date"]').getByRole('button', { name: '3 April 2026' }));
  assert.match(await date.inputValue(), /2026/);

  await press(page.locator('#save'));
  assert.match(page.url(), /\/admin\/news\/[0-9a-z]+\?lang=en$/);
  assert.match(await page.locator('main').innerText(), /Saved\./);
  assert.equal(await date.inputValue(), '3 April 2026');
  assert.deepEqual(await names(), ['Third', 'Second']);
  assert.match(await page.locator('[name="find:event"]').inputValue(), /^Opening the Register/);

  await press(page.locator('button[value="publish"]').first());
  assert.match(await page.locator('main').innerText(), /Saved and published\./);
  const path = await page.locator('#publishing dl a[target="_blank"]').first().getAttribute('href');
  const live = await get(path);
  assert.equal(live.status, 200);
  assert.match(live.text, /Written as <strong>HTML<\/strong>/);
  assert.ok(live.text.indexOf('third@example.org') < live.text.indexOf('second@example.org'));

  // Taking it back asks first.
  await press(page.getByRole('link', { name: 'Take back the English version' }));
  await press(page.getByRole('button', { name: 'Take back' }));
  assert.equal((await get(path)).status, 404);

  await press(page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Media library' }));
  const name = `${unique('upload').replace(/ /g, '-')}.pdf`;
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/pdf', buffer: readFileSync(new URL('../../../internal/demo/files/background-paper-en.pdf', import.meta.url)) });
  await press(page.getByRole('button', { name: 'Upload' }));
  assert.match(await page.locator('main').innerText(), /Files uploaded: 1/);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), name, 'one file leads to its page');
});

test('language, colours and signing out', async () => {
  await page.goto('/admin');
  await page.locator('details.me > summary').click();
  await press(page.locator('details.me').getByRole('button', { name: 'Dark' }));
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  await page.locator('details.me > summary').click();
  await press(page.locator('details.me').getByRole('button', { name: 'As the system' }));
  assert.equal(await page.locator('html').getAttribute('data-theme'), null);
  await page.locator('details.me > summary').click();
  await press(page.getByRole('button', { name: 'Sign out' }));
  await page.goto('/admin');
  assert.match(page.url(), /sign-in/);
});
