// A concept note pasted from Word into a section: what it says is kept, what it looks like is not, and one Undo takes it
// back. It stays so in the store and on the public page.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { open, noOverflow } from './harness.mjs';
import { signInAs, begin, publishable, add, save, publish, publicPath, prose, unique } from './panel.mjs';

const { page, newContext } = await open();
const visitor = await (await newContext()).newPage();
const note = readFileSync(new URL('../../../admin/test/fixtures/concept-note-word.html', import.meta.url), 'utf8');

// paste is what the browser does with a clipboard that Word has filled.
async function paste(field, html) {
  await field.click();
  await field.evaluate((e, data) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/html', data);
    clipboardData.setData('text/plain', 'plain');
    e.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, html);
}

const looks = /style=|class="?Mso|<font|<o:|mso-|file:\/\/|<span(?! data-footnote)(?! lang)|onmouse|javascript/i;

test('a concept note from Word', async () => {
  await signInAs(page, 'editor');
  await begin(page, 'events', unique('Opening the Register'));
  await page.locator('[name="add:blocks"]').selectOption('background');
  const block = await add(page, 'blocks');
  const name = await block.locator('textarea[data-prose]').getAttribute('name');
  const field = prose(page, name);
  await field.click();
  await page.keyboard.type('Here already. ');
  const before = await field.innerHTML();
  const value = () => page.locator(`[name="${name}"]`).inputValue();

  await paste(field, note);
  const status = block.getByRole('status').filter({ hasText: 'Pasted from Word.' });
  assert.match(await status.innerText(), /lists: 7, tables: 1, footnotes: 1/);
  await page.locator('.rtefoot').getByRole('button', { name: 'Undo' }).click();
  assert.equal(await field.innerHTML(), before, 'one Undo restores what was there');

  await paste(field, note);
  const kept = await value();
  assert.doesNotMatch(kept, looks);
  assert.doesNotMatch(kept, /·|faxe-mail|return it by fax/);
  await save(page);
  assert.equal(await value(), kept, 'saving changes nothing in it');
  await page.reload();
  await prose(page, name).locator('table').waitFor({ state: 'attached' });
  assert.equal(await value(), kept, 'nor does loading');
  const shown = prose(page, name);
  assert.equal(await shown.locator('.fn').count(), 1);
  assert.match(await shown.locator('.fn').getAttribute('aria-label'), /^Footnote: .+/);

  await publishable(page);
  await save(page);
  await publish(page);
  const path = await publicPath(page, 'en');
  await visitor.goto(path);
  const body = visitor.locator('main .prose').filter({ has: visitor.locator('table') });
  assert.doesNotMatch(await body.innerHTML(), looks);
  assert.ok(await body.locator('ol > li').count() >= 5 && await body.locator('ul > li').count() >= 5, 'lists are lists');
  assert.ok(await body.locator('th[scope=col]').count() >= 2, 'the head of the table is one');
  assert.equal(await body.locator('del, ins').count(), 0);
  assert.match(await body.innerText(), /return it by e-mail/);

  // The note is numbered, and leads back to where it is called.
  const call = body.locator('sup.fn a');
  assert.equal(await call.innerText(), '1');
  await call.click();
  const there = visitor.locator('.notes li:target');
  assert.match(await there.innerText(), /^1\s+\S+/);
  await there.getByRole('link', { name: 'Back to text (Note 1)' }).click();
  assert.ok(await call.evaluate((e) => e.matches(':target')), 'the way back leads to the place');
  for (const width of [1440, 390]) {
    await visitor.setViewportSize({ width, height: 844 });
    await noOverflow(visitor);
  }
});
