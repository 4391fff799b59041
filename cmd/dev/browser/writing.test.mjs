// Writing: what the checks find as one writes, what is let stand, and facts in running text.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open } from './harness.mjs';
import { signInAs, begin, settled, stored, prose, publish, publishable, publicPath, nextYear, unique } from './panel.mjs';

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

// insert puts a fact into the text that is being typed.
async function insert(name, label) {
  const rte = prose(page, name).locator('xpath=ancestor::*[@data-rte]');
  await rte.getByRole('combobox', { name: 'Insert a fact' }).selectOption({ label });
}

test('a fact in the text follows its field, in every language', async () => {
  const path = await begin(page, 'events', unique('Facts'));
  await page.goto(path);
  await settled(page);
  await publishable(page);
  await prose(page, 'access_requirements@en').click();
  await page.keyboard.type('Ask for help before ');
  await insert('access_requirements@en', 'Dates');
  await page.keyboard.type(', please.');
  await page.locator('#save').click();
  await stored(page);
  const y = nextYear;
  const shown = prose(page, 'access_requirements@en').locator('data');
  await page.waitForFunction(([words]) => document.querySelector('.doc data')?.textContent === words, [`1 July ${y}`]);
  assert.equal(await page.locator('[name="access_requirements@en"]').inputValue(), '<p>Ask for help before <data value="dates"></data>, please.</p>');
  await publish(page);
  await page.goto(`${path}?lang=ar`);
  await settled(page);
  await page.locator('[name="title@ar"]').fill('حقائق');
  await page.locator('[name="summary@ar"]').fill('ملخص');
  await prose(page, 'access_requirements@ar').click();
  await page.keyboard.type('اطلبوا المساعدة قبل ');
  await insert('access_requirements@ar', 'Dates');
  await publish(page);
  const at = async (l) => {
    await reader.goto(await publicPath(page, l));
    return reader.locator('main').innerText();
  };
  assert.match(await at('en'), new RegExp(`before 1 July ${y}, please`));
  assert.match(await at('ar'), new RegExp(`قبل 1 تموز/يوليه ${y}`));
  await page.goto(path);
  await settled(page);
  await page.locator('[name="when:start_date"]').fill(`8 July ${y}`);
  await page.locator('[name="when:end_date"]').fill(`8 July ${y}`);
  await page.locator('#save').click();
  await stored(page);
  await page.waitForFunction(([words]) => document.querySelector('.doc data')?.textContent === words, [`8 July ${y}`]);
  assert.equal(await shown.count(), 1);
  await publish(page);
  assert.match(await at('en'), new RegExp(`before 8 July ${y}, please`));
  assert.match(await at('ar'), new RegExp(`قبل 8 تموز/يوليه ${y}`));
  // The Arabic is not out of date: no word was touched.
  await page.goto(`${path}?lang=ar`);
  assert.equal(await page.locator('.src .stale, .src [name=fresh]').count(), 0);
});

test('a fact that is empty keeps the text from being published, by name', async () => {
  const path = await begin(page, 'events', unique('Empty'));
  await page.goto(path);
  await settled(page);
  await publishable(page);
  await prose(page, 'access_requirements@en').click();
  await insert('access_requirements@en', 'Edition');
  await page.locator('[data-primary][value=publish]').click();
  await page.locator('#problems .summary').waitFor();
  assert.match(await page.locator('#problems .summary').innerText(), /empty in this language: Edition/);
});
