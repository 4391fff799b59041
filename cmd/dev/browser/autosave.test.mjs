// What is typed is saved by itself, and not a character is lost: over a reload, an ended session, a cut network, a second tab,
// a second person.
import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { open } from './harness.mjs';
import { signInAs, enter, begin, settled, prose, unique } from './panel.mjs';

const { page: ann, context, newContext } = await open();
const away = await newContext();
const bob = await away.newPage();
const salome = await signInAs(ann, 'editor');
const hendrik = await signInAs(bob, 'manager');

const summary = (page) => page.locator('[name="summary@en"]');
const clash = (page) => page.getByRole('group', { name: 'Changed by someone else' });
const line = (page) => page.locator('#saved');

// says waits for what stands beside the buttons: longer than the five quiet seconds, since machines are slow.
async function says(page, words) {
  await line(page).filter({ hasText: words }).waitFor({ timeout: 30_000 }).catch(async () => assert.fail(`the page says: ${await line(page).innerText()}`));
}

// saved waits until nothing typed is left.
async function saved(page) {
  await page.waitForFunction(() => !('unsaved' in document.querySelector('form[data-entry]').dataset), null, { timeout: 30_000 })
    .catch(async () => assert.fail(`not saved; the page says: ${await line(page).innerText()}`));
  await says(page, /^Saved at/);
}

// sameWords compares what a form shows now with what was typed.
async function sameWords(page, words) {
  for (const [name, value] of Object.entries(words)) assert.equal(await page.locator(`[name="${name}"]`).inputValue(), value, name);
}

async function write(page, words) {
  await page.locator('.titlein').fill(words);
  await summary(page).fill(`${words}: summary`);
  await prose(page, 'body@en').click();
  await page.keyboard.type(`${words}: text`);
  return { 'title@en': words, 'summary@en': `${words}: summary`, 'body@en': `<p>${words}: text</p>` };
}

// die ends a tab that cannot even send its last words; those pass by routes and a network that is cut.
async function die(tab) {
  await tab.evaluate(() => { globalThis.fetch = () => Promise.reject(new TypeError('dead')); });
  await tab.close({ runBeforeUnload: false });
}

beforeEach(async () => {
  await context.setOffline(false);
  await ann.goto('/admin', { waitUntil: 'commit' });
  if (ann.url().includes('/sign-in')) await signInAs(ann, 'editor');
});

test('type, wait, reload', async () => {
  const path = await begin(ann, 'news', unique('By itself'));
  await ann.goto(path);
  const words = await write(ann, unique('Written'));
  await saved(ann);
  await ann.reload();
  await settled(ann);
  await sameWords(ann, words);
  await ann.goto(`${path}/history`);
  assert.match(await ann.locator('ol.history').innerText(), /saved automatically/);
});

test('a new entry is made once, and the page moves to it', async () => {
  await ann.goto('/admin/news/new');
  const title = unique('Made by itself');
  await ann.locator('.titlein').fill(title);
  await ann.waitForURL((u) => !u.pathname.endsWith('/new'), { timeout: 30_000 });
  await saved(ann);
  const path = new URL(ann.url()).pathname;
  await summary(ann).fill('And goes on.');
  await saved(ann);
  assert.equal(new URL(ann.url()).pathname, path);
  await ann.locator('#save').click();
  await settled(ann);
  await ann.reload();
  await sameWords(ann, { 'title@en': title, 'summary@en': 'And goes on.' });
  await ann.goto(`/admin/news?q=${encodeURIComponent(title)}`);
  assert.equal(await ann.getByRole('link', { name: title }).count(), 1, 'one entry');
});

test('what cannot be taken keeps nothing else from being saved', async () => {
  const path = await begin(ann, 'news', unique('A bad date'));
  await ann.goto(path);
  await ann.locator('[name="date"]').fill('the day after');
  await summary(ann).fill('Saved all the same.');
  await says(ann, /Fields that need you: 1/);
  assert.equal(await ann.locator('[name="date"]').inputValue(), 'the day after');
  assert.equal(await ann.locator('[name="date"]').getAttribute('aria-invalid'), 'true');
  const other = await context.newPage();
  await other.goto(path);
  await sameWords(other, { 'summary@en': 'Saved all the same.' });
  await other.close();
  await ann.locator('[name="date"]').fill('3 May 2027');
  await saved(ann);
  assert.equal(await ann.locator('[name="date"]').getAttribute('aria-invalid'), null);
});

test('the session ends while one types: signed in over the page, nothing is lost', async () => {
  const path = await begin(ann, 'news', unique('Signed out'));
  await ann.goto(path);
  await context.clearCookies();
  const words = await write(ann, unique('Typed without a session'));
  const dialog = ann.getByRole('dialog', { name: 'You are signed out' });
  await dialog.waitFor({ timeout: 30_000 });
  // Somebody else is not let save it.
  await enter(ann, hendrik);
  await dialog.getByText(`${hendrik.name} is signed in`).waitFor();
  await sameWords(ann, words);
  await enter(ann, salome);
  await dialog.waitFor({ state: 'hidden' });
  await saved(ann);
  await ann.reload();
  await settled(ann);
  await sameWords(ann, words);
});

test('typed without a network, sent when there is one', async () => {
  const path = await begin(ann, 'news', unique('Offline'));
  await ann.goto(path);
  await settled(ann);
  await context.setOffline(true);
  const words = await write(ann, unique('Typed offline'));
  await says(ann, /kept in this browser, will be sent/);
  await context.setOffline(false);
  await saved(ann);
  await ann.reload();
  await settled(ann);
  await sameWords(ann, words);
});

test('the browser dies with what was never sent: it is offered, and merged with what others saved', async () => {
  const path = await begin(ann, 'news', unique('Crash'));
  const tab = await context.newPage();
  await tab.goto(path);
  await settled(tab);
  await tab.route('**/autosave*', (r) => r.abort());
  await tab.route('**/here', (r) => r.abort());
  const words = await write(tab, unique('Never sent'));
  await says(tab, /kept in this browser, will be sent/);
  await die(tab);
  await bob.goto(path);
  await bob.locator('[name="date"]').fill('3 May 2027');
  await saved(bob);

  await ann.goto(path);
  const kept = ann.locator('.kept');
  await kept.waitFor();
  assert.match(await kept.innerText(), /Text typed here on .* was not saved/);
  await kept.getByText('Look at the difference').click();
  assert.match(await kept.innerText(), new RegExp(words['summary@en']));
  await kept.getByRole('button', { name: 'Restore' }).click();
  await kept.waitFor({ state: 'detached' });
  await settled(ann);
  await sameWords(ann, { ...words, date: '3 May 2027' });
  await ann.reload();
  await settled(ann);
  await sameWords(ann, words);
  assert.equal(await ann.locator('.kept').count(), 0, 'offered once');
});

test('two people: other fields come into the page, the same field shows both texts', async () => {
  const path = await begin(ann, 'events', unique('Two at once'));
  await Promise.all([ann.goto(path), bob.goto(path)]);
  await bob.locator('[name="subtitle@en"]').fill('Bob’s subtitle');
  await saved(bob);
  await ann.locator('[name="subtitle@en"]').evaluate((e) => new Promise((done) => {
    const look = () => (document.querySelector(`[name="${e.name}"]`).value ? done() : setTimeout(look, 100));
    look();
  }));
  await sameWords(ann, { 'subtitle@en': 'Bob’s subtitle' });
  assert.match(await ann.locator('.news').first().innerText(), new RegExp(`Changed by ${hendrik.name}`));

  await ann.locator('[name="subtitle@en"]').focus();
  const badge = bob.getByRole('img', { name: `${salome.name} is in this field` });
  await badge.waitFor({ timeout: 30_000 });

  await summary(ann).fill('Ann’s words');
  await summary(bob).fill('Bob’s words');
  await Promise.race([clash(ann).waitFor({ timeout: 40_000 }), clash(bob).waitFor({ timeout: 40_000 })]);
  const [second, first] = await clash(ann).count() ? [ann, bob] : [bob, ann];
  const [mine, theirs] = second === ann ? ['Ann’s words', 'Bob’s words'] : ['Bob’s words', 'Ann’s words'];
  await saved(first);
  await sameWords(second, { 'summary@en': mine });
  assert.match(await clash(second).innerText(), new RegExp(theirs));
  // Nothing else waits for it.
  await second.locator('[name="acronym@en"], [name="subtitle@en"]').first().fill('Goes on');
  await says(second, /Fields that need you: 1/);
  await second.locator('#save').click();
  await saved(second);
  await sameWords(second, { 'summary@en': mine });
});

test('what comes in while Save is pressed is not overwritten unseen', async () => {
  const path = await begin(ann, 'events', unique('At the same moment'));
  await Promise.all([ann.goto(path), bob.goto(path)]);
  await ann.route('**/here', (r) => r.abort());
  let release;
  const held = new Promise((done) => { release = done; });
  await ann.route('**/autosave*', async (r) => {
    await held;
    await r.continue();
  });
  await summary(bob).fill('Bob’s words');
  await saved(bob);
  const under = ann.waitForRequest('**/autosave*');
  await summary(ann).fill('Ann’s words');
  await under;
  await ann.locator('#save').click();
  release();
  await clash(ann).waitFor();
  await says(ann, /Fields that need you: 1/);
  await ann.unroute('**/autosave*');
  await ann.unroute('**/here');
  await bob.reload();
  await sameWords(bob, { 'summary@en': 'Bob’s words' });
  // Now that both texts are shown, she decides.
  await ann.locator('#save').click();
  await saved(ann);
  await bob.reload();
  await sameWords(bob, { 'summary@en': 'Ann’s words' });
});

test('two tabs of one person keep what was typed in each', async () => {
  const path = await begin(ann, 'news', unique('Two tabs'));
  await ann.goto(path);
  const tab = await context.newPage();
  await tab.goto(path);
  await settled(tab);
  await context.setOffline(true);
  await summary(ann).fill('In the first tab');
  await tab.locator('.titlein').fill('In the second tab');
  await says(ann, /kept in this browser/);
  await says(tab, /kept in this browser/);
  await context.setOffline(false);
  await Promise.all([saved(ann), saved(tab)]);
  await tab.close();
  await ann.reload();
  await sameWords(ann, { 'title@en': 'In the second tab', 'summary@en': 'In the first tab' });
});

test('another account in the same browser sees nothing of it', async () => {
  const path = await begin(ann, 'news', unique('Not theirs'));
  const tab = await context.newPage();
  await tab.goto(path);
  await settled(tab);
  await tab.route('**/autosave*', (r) => r.abort());
  await summary(tab).fill('Salome’s own');
  await says(tab, /kept in this browser/);
  await die(tab);
  let asked = '';
  ann.once('dialog', (d) => { asked = d.message(); void d.accept(); });
  await ann.locator('details.me > summary').click();
  await ann.locator('form[action="/admin/sign-out"] button').click();
  await ann.waitForURL((u) => u.pathname === '/admin/sign-in');
  assert.match(asked, /not saved: 1/);
  await signInAs(ann, 'manager');
  await ann.goto(path);
  await settled(ann);
  await ann.waitForTimeout(1000);
  assert.equal(await ann.locator('.kept').count(), 0);
  await context.clearCookies();
  await signInAs(ann, 'editor');
  await ann.goto(path);
  await ann.locator('.kept').getByRole('button', { name: 'Discard' }).click();
  await ann.locator('.kept').waitFor({ state: 'detached' });
});
