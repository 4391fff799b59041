// Two people in the same entry at once, who save by hand: nothing either has typed is lost, and both are told. What their pages
// save by themselves is in autosave.test.mjs.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open } from './harness.mjs';
import { signInAs, begin, publishable, add, save, settled, stored, byHand, byItself, publish, prose, unique } from './panel.mjs';

const { page: ann, newContext } = await open();
const bob = await (await newContext()).newPage();
const odile = await (await newContext()).newPage();
const salome = (await signInAs(ann, 'editor')).name;
const hendrik = (await signInAs(bob, 'manager')).name;
await signInAs(odile, 'translator-fr');
await byHand(ann, bob, odile);

const summary = (page, locale = 'en') => page.locator(`[name="summary@${locale}"]`);
const clash = (page) => page.getByRole('group', { name: 'Changed by someone else' });

// both opens the entry for Ann and Bob in the state it has now.
async function both(path) {
  await Promise.all([ann.goto(path), bob.goto(path)]);
}

// refused presses save and waits for the answer that both have changed the same.
async function refused(page) {
  await page.locator('#save').click();
  await clash(page).first().waitFor();
  await settled(page);
}

test('two languages at the same time', async () => {
  const path = await begin(ann, 'events', unique('In two languages'));
  await Promise.all([ann.goto(path), odile.goto(`${path}?lang=fr`)]);
  await summary(ann).fill('Written in English meanwhile.');
  await odile.locator('.titlein').fill('En deux langues');
  await summary(odile, 'fr').fill('Écrit en français pendant ce temps.');
  await Promise.all([save(ann), save(odile)]);
  await Promise.all([ann.goto(path), bob.goto(`${path}?lang=fr`)]);
  assert.equal(await summary(ann).inputValue(), 'Written in English meanwhile.');
  assert.equal(await bob.locator('.titlein').inputValue(), 'En deux langues');
  assert.equal(await summary(bob, 'fr').inputValue(), 'Écrit en français pendant ce temps.');
});

test('different fields are joined, and the second is told by whom', async () => {
  const path = await begin(ann, 'events', unique('Different fields'));
  await both(path);
  await summary(ann).fill('Ann’s summary');
  await add(ann, 'sessions', { title: 'Ann’s session' });
  await save(ann);
  await bob.getByLabel(/^Subtitle/).fill('Bob’s subtitle');
  await add(bob, 'sessions', { title: 'Bob’s session' });
  await save(bob);
  assert.match(await bob.locator('main').innerText(), new RegExp(`Changes that ${salome} saved meanwhile are in too`));
  assert.equal(await summary(bob).inputValue(), 'Ann’s summary', 'what was joined is on the page at once');
  await ann.reload();
  assert.equal(await summary(ann).inputValue(), 'Ann’s summary');
  assert.equal(await ann.getByLabel(/^Subtitle/).inputValue(), 'Bob’s subtitle');
  const titles = await ann.locator('[id="list-sessions"] [name$=".title@en"]').evaluateAll((all) => all.map((i) => i.value));
  assert.deepEqual(titles.sort(), ['Ann’s session', 'Bob’s session']);
});

test('the same field: both texts are shown, and the second decides', async () => {
  const path = await begin(ann, 'events', unique('The same field'));
  await both(path);
  await summary(ann).fill('Ann’s words');
  await save(ann);
  await summary(bob).fill('Bob’s words');
  await bob.getByLabel(/^Subtitle/).fill('Bob’s subtitle');
  await refused(bob);
  assert.equal(await summary(bob).inputValue(), 'Bob’s words', 'his own words stay in the field');
  assert.match(await clash(bob).innerText(), new RegExp(`${salome} changed this too.*Ann’s words`, 's'));
  assert.equal(await bob.getByLabel(/^Subtitle/).inputValue(), 'Bob’s subtitle');
  assert.match(await bob.title(), /^Error:/);
  await ann.reload();
  assert.equal(await summary(ann).inputValue(), 'Ann’s words', 'nothing is stored before he decides');
  await save(bob);
  await both(path);
  for (const page of [ann, bob]) assert.equal(await summary(page).inputValue(), 'Bob’s words', 'he kept his');

  await summary(bob).fill('Bob’s later words');
  await save(bob);
  await summary(ann).fill('Ann’s later words');
  await refused(ann);
  assert.match(await clash(ann).innerText(), new RegExp(`${hendrik} changed this too.*Bob’s later words`, 's'));
  await clash(ann).getByRole('checkbox', { name: 'Use this instead of mine' }).check();
  await save(ann);
  assert.equal(await summary(ann).inputValue(), 'Bob’s later words', 'she took his');
  // What she gave up for it is still there: the other way round it is in the history.
  await ann.goto(`${path}/history`);
  assert.ok(await ann.locator('ol.history > li').count() >= 4);
});

test('the same rich text', async () => {
  const path = await begin(ann, 'events', unique('The same rich text'));
  await ann.locator('[name="add:blocks"]').selectOption('background');
  const block = await add(ann, 'blocks');
  const name = await block.locator('textarea[data-prose]').getAttribute('name');
  await save(ann);
  await both(path);
  for (const [page, words] of [[ann, 'Ann’s paragraph.'], [bob, 'Bob’s paragraph.']]) {
    await page.locator('[id="list-blocks"] summary').first().click();
    await prose(page, name).click();
    await page.keyboard.type(words);
  }
  await save(ann);
  await refused(bob);
  assert.equal(await bob.locator(`[name="${name}"]`).inputValue(), '<p>Bob’s paragraph.</p>');
  assert.match(await clash(bob).innerText(), /Ann’s paragraph\./);
  await clash(bob).getByRole('checkbox').check();
  await save(bob);
  await prose(bob, name).getByText('Ann’s paragraph.').waitFor({ state: 'attached' });
  assert.equal(await bob.locator(`[name="${name}"]`).inputValue(), '<p>Ann’s paragraph.</p>');
});

test('one removes what the other is writing in', async () => {
  const path = await begin(ann, 'events', unique('Removed meanwhile'));
  const session = await add(ann, 'sessions', { title: 'A session' });
  const field = await session.locator('[name$=".title@en"]').getAttribute('name');
  await save(ann);
  await both(path);
  await ann.locator('[id="list-sessions"] [data-remove]').click();
  await save(ann);
  assert.equal(await ann.locator('[id="list-sessions"] > [data-item]:visible').count(), 0);
  await bob.locator('[id="list-sessions"] .block > summary').click();
  await bob.locator(`[name="${field}"]`).fill('A session with a better name');
  await refused(bob);
  assert.match(await clash(bob).innerText(), new RegExp(`${salome} removed an item here`));
  assert.equal(await bob.locator(`[name="${field}"]`).inputValue(), 'A session with a better name');
  await save(bob);
  await ann.reload();
  assert.equal(await ann.locator(`[name="${field}"]`).inputValue(), 'A session with a better name', 'he kept the item');
});

test('nobody publishes what she has not seen', async () => {
  await byItself(ann);
  const path = await begin(ann, 'events', unique('Unseen'));
  await publishable(ann);
  await save(ann);
  await publish(ann);
  await byHand(ann);
  await both(path);
  await summary(ann).fill('Ann’s hasty change');
  await save(ann);
  await bob.getByLabel(/^Subtitle/).fill('Bob’s subtitle');
  await bob.locator('button[data-primary]:visible').click();
  await bob.getByText('Saved, but not published').waitFor();
  assert.equal(await summary(bob).inputValue(), 'Ann’s hasty change', 'now he sees it');
  await publish(bob);
  await stored(bob);
  assert.match(await bob.locator('#publishing').innerText(), /Everything here is public/);
});
