// The media library as an editor uses it: many files at once over a network that fails, words that entries begin with,
// the focal point by keys, a way back for everything, and no rule of accessibility broken.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { look, open } from './harness.mjs';
import { announced, settled, signInAs, unique } from './panel.mjs';

const { page } = await open();
await signInAs(page, 'editor');

const text = (name, size = 2000) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(size, `${name} `) });
const card = (name) => page.locator('#files .mcard', { hasText: name });
const drop = page.locator('[data-upload] input[type=file]');
const notice = page.locator('.notice');

test('many files, one of them large, over a network that goes away', async () => {
  await page.goto('/admin/media');
  const folder = unique('Folder');
  await page.locator('#upload-folder').fill(folder);
  const names = [1, 2, 3].map((n) => unique(`many ${n}`).replaceAll(' ', '-') + '.txt');
  let cut = true;
  await page.route((u) => u.pathname.startsWith('/admin/uploads/'), (r) => (r.request().method() === 'PATCH' && cut ? (cut = false, r.abort('internetdisconnected')) : r.continue()));
  await drop.setInputFiles([text(names[0]), text(names[1], 3_000_000), text(names[2])]);
  await announced(page, /No connection|Files uploaded/);
  for (const name of names) await card(name).waitFor({ timeout: 60_000 });
  await page.unrouteAll();
  assert.equal(cut, false);
  await page.goto(`/admin/media?folder=${encodeURIComponent(folder)}`);
  assert.equal(await page.locator('#files .mcard').count(), 3);
  assert.match(await card(names[1]).innerText(), /\b3\sMB\b/);
});

test('several files into a folder and the trash, and back', async () => {
  await page.goto('/admin/media');
  const name = unique('trash').replaceAll(' ', '-') + '.txt';
  await drop.setInputFiles([text(name)]);
  await card(name).waitFor();
  await page.goto(`/admin/media?q=${name}`);
  await card(name).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await notice.getByRole('button', { name: 'Undo' }).click();
  await card(name).waitFor();
  await card(name).getByRole('link').click();
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await page.goto('/admin/trash/files');
  await page.getByRole('button', { name: `Bring back: ${name}` }).click();
  await page.goto(`/admin/media?q=${name}`);
  await card(name).waitFor();
});

test('what a picture shows is said once, and entries begin with it; its focal point is moved by keys', async () => {
  await page.goto('/admin/media?kind=picture');
  const path = await page.locator('#files .mcard a').first().getAttribute('href');
  await page.goto(path);
  const alt = unique('Alternative');
  await page.locator('[name="alt@en"]').fill(alt);
  await page.locator('#credit').fill('Office of tests');
  await page.locator('button[value=describe]').click();
  await notice.waitFor();
  const name = await page.locator('h1').textContent();
  const focal = page.locator('.focal');
  if (await focal.count()) {
    await focal.focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await announced(page, /Focal point/);
  }
  await page.goto('/admin/news/new');
  await settled(page);
  const picker = page.locator('[id="pick-image.file"] [data-picker]');
  await picker.scrollIntoViewIfNeeded();
  const input = picker.getByRole('combobox');
  await input.fill(name);
  await picker.locator('[role=option]', { hasText: name }).first().click();
  await page.waitForFunction((a) => document.querySelector('[name="image.alt@en"]').value === a, alt);
  assert.equal(await page.locator('[name="image.credit"]').inputValue(), 'Office of tests');
});

test('no rule of accessibility is broken, and nothing is wider than a phone', async () => {
  await page.goto('/admin/media');
  const path = await page.locator('#files .mcard a').first().getAttribute('href');
  for (const to of ['/admin/media?alt=fr&mine=1', path, '/admin/trash/files']) assert.deepEqual(await look(page, to, 200), [], to);
});
