// Writing: what the checks find as one writes, what is let stand, and facts in running text.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open } from './harness.mjs';
import { signInAs, begin, settled, stored, prose, unique } from './panel.mjs';

const { page, newContext } = await open();
await signInAs(page, 'manager');
const reader = await (await newContext()).newPage();
const card = page.locator('#writing');

// sets makes a check of the writing do something.
async function sets(check, does) {
  await page.goto('/admin/settings');
  await page.locator(`select[name="check:${check}"]`).selectOption(does);
  await page.locator('#writing').getByRole('button').last().click();
  await page.locator('.notice.success').waitFor();
}

test('what is found stands beside the form while one writes, and leads to its words', async () => {
  const path = await begin(page, 'news', unique('Registers'));
  await page.goto(path);
  await settled(page);
  await prose(page, 'body@en').click();
  await page.keyboard.type('The first paragraph.');
  await page.keyboard.press('Enter');
  await page.keyboard.type('Our ABCD systems are are new.');
  const found = card.getByRole('link', { name: /ABCD/ });
  await found.waitFor({ timeout: 30_000 });
  assert.match(await card.innerText(), /are are/);
  assert.match(await card.innerText(), /Words: /);
  await found.click();
  assert.equal(await page.evaluate(() => getSelection().toString()), 'ABCD');
  await page.keyboard.type('good');
  await found.waitFor({ state: 'detached', timeout: 30_000 });
  await card.getByRole('link', { name: /All findings/ }).click();
  await page.waitForURL(/\/writing\?/);
  await page.getByRole('link', { name: /paragraph 2/ }).first().click();
  await settled(page);
  await page.waitForFunction(() => getSelection().toString() === 'are are');
});

test('what forbids publishing is let stand for a reason', async () => {
  await sets('acronym', 'block');
  try {
    const title = unique('Findings');
    const path = await begin(page, 'news', title);
    await page.goto(path);
    await settled(page);
    await page.locator('[name="summary@en"]').fill('What is new.');
    await page.locator('[name="kind"]').selectOption({ index: 1 });
    await page.locator('[name="date"]').fill('1 July 2026');
    await prose(page, 'body@en').click();
    await page.keyboard.type('Our EFGH systems.');
    await page.locator('[data-primary][value=publish]').click();
    await page.locator('#problems .summary').waitFor();
    assert.match(await page.locator('#problems').innerText(), /EFGH/);
    await card.getByRole('link', { name: /All findings/ }).click();
    await page.getByRole('checkbox', { name: /EFGH/ }).check();
    await page.getByLabel('Reason').fill('All readers know it.');
    await page.getByRole('button', { name: 'Let it stand' }).click();
    await page.getByText('All readers know it.').waitFor();
    await page.goto(path);
    await settled(page);
    await page.locator('[data-primary][value=publish]').click();
    await stored(page);
    await reader.goto(await page.getByRole('link', { name: 'View page' }).first().getAttribute('href'));
    assert.equal(await reader.getByRole('heading', { level: 1 }).innerText(), title);
  } finally {
    await sets('acronym', 'advice');
  }
});
