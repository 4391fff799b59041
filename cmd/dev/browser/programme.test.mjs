// A programme whose sessions collide is put right, and follows its event when that is moved: by keys, and heard.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, axe, noOverflow } from './harness.mjs';
import { signInAs, begin, publishable, add, save, settled, announced, unique, publish, publicPath, get } from './panel.mjs';

const { page } = await open();
await signInAs(page, 'editor');

test('sessions collide, are moved, and follow the event', async () => {
  await begin(page, 'events', unique('A crowded programme'));
  await publishable(page);
  const session = async (title, start, end) => {
    const item = await add(page, 'sessions', { title, room: 'Room 1', 'slot:start': start, 'slot:end': end });
    const id = await item.getAttribute('data-item');
    await page.locator(`[name="sessions.${id}.kind"]`).selectOption('panel');
    return id;
  };
  const first = await session('Opening words', '09:00', '09:45');
  const second = await session('The registers', '09:30', '10:00');
  const third = await session('Questions', '10:00', '10:15');
  const time = (id) => page.locator(`[name="sessions.${id}.slot:start"]`);
  const odds = (id) => page.locator(`[id="odds-sessions.${id}.slot"]`);
  await save(page);

  // Told without the fields being drawn again: in the panel, and at the second of the two, with a link to the first.
  await page.locator(`#publishing a[href="#sessions.${second}.room@en"]`).click();
  await odds(second).getByRole('link', { name: /Opening words/ }).waitFor();
  assert.equal(await odds(first).locator('li').count(), 0);
  assert.equal(await page.locator(`#publishing a[href="#item-sessions.${first}"]`).count(), 1);

  const details = page.locator(`[id="shift-sessions.${second}.slot"]`);
  await details.locator('summary').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('soon');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const minutes = page.locator(`[id="shift:by:sessions.${second}"]`);
  await page.locator(`[id="e-shift:by:sessions.${second}"]`).waitFor();
  await settled(page);
  assert.equal(await minutes.inputValue(), 'soon');
  assert.equal(await minutes.evaluate((e) => e === document.activeElement || document.activeElement.matches('.summary')), true, 'the focus is lost');
  assert.deepEqual(await axe(page), []);
  await minutes.focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('15');
  await page.keyboard.press('Tab');
  await page.locator(`[id="shift:which:sessions.${second}"]`).selectOption('day');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await announced(page, /\+15 min.*2/);
  assert.deepEqual([await time(first).inputValue(), await time(second).inputValue(), await time(third).inputValue()], ['09:00', '09:45', '10:15']);
  assert.equal(await odds(second).locator('li').count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.value), `shift sessions ${second}`, 'the focus is not on the button');
  assert.equal(await page.evaluate(() => 'unsaved' in document.querySelector('form[data-entry]').dataset), true, 'the page may be left without a word');
  await save(page);

  await page.locator('[name="when:start_time"]').fill('14:00');
  await page.locator('[name="when:end_time"]').fill('15:30');
  await save(page);
  await page.locator(`#publishing a[href="#sessions.${first}.slot"]`).click();
  const offer = odds(first).getByRole('button', { name: /\+300 min/ });
  await offer.waitFor();
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize({ width: 390, height: 800 });
  await noOverflow(page);
  await offer.focus();
  await page.keyboard.press('Enter');
  await announced(page, /\+300 min.*3/);
  await save(page);
  await page.reload();
  assert.deepEqual([await time(first).inputValue(), await time(second).inputValue(), await time(third).inputValue()], ['14:00', '14:45', '15:15']);
});

test('the programme is named, changes, and is named again', async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  const named = async (kind) => {
    const item = await add(page, 'programmes', { kind });
    assert.match(await item.locator('summary').first().innerText(), /New item|programme/);
    await publish(page);
    await page.reload();
    return item.getAttribute('data-item');
  };
  const first = await named('provisional');
  const summary = (id) => page.locator(`[id="item-programmes.${id}"] summary`).first();
  assert.match(await summary(first).innerText(), /Provisional programme\s+Kept/);
  const path = await publicPath(page, 'en');
  assert.match((await get(path)).text, /Provisional programme, as of <time/);
  const session = page.locator('[id="list-sessions"] > [data-item]').last();
  const id = await session.getAttribute('data-item');
  await session.locator('summary').first().click();
  await page.locator(`[name="sessions.${id}.cancelled"]`).check();
  await add(page, 'programmes', { kind: 'final', name: 'Rev. 1', note: 'No time for questions.' });
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize({ width: 390, height: 800 });
  await noOverflow(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await publish(page);
  const log = await get(`${path}/programme`);
  assert.match(log.text, /Rev\. 1<\/a>[\s\S]*No time for questions\.[\s\S]*“Questions” is cancelled \(before: 15:15–15:30\)\.[\s\S]*Provisional programme<\/a>/);
  await page.reload();
  const last = page.locator('[id="list-programmes"] > [data-item]').last();
  await last.locator('summary').first().click();
  const view = await last.getByRole('link', { name: /^See the version of/ }).getAttribute('href');
  assert.match((await get(view)).text, /It has not changed since then/);
  assert.match((await get(`${path}/programme/1`)).text, /Earlier version/);
});
