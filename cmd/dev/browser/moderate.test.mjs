// Ten contributions wait on a board; a moderator decides on all of them without touching the mouse, and hears what was done.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, openAll, axe, noOverflow, unescape } from './harness.mjs';
import { signInAs, begin, publishable, add, announced, publish, publicPath, save, settled, letter, unique, get, Keyboard } from './panel.mjs';

const { page, newContext } = await open();
const reader = await (await newContext({ viewport: { width: 390, height: 844 } })).newPage();
await signInAs(page, 'manager');
const k = new Keyboard(page);

const one = Date.now().toString(36);
const people = ['Ada', 'Bram', 'Cora', 'Dov', 'Ella', 'Finn', 'Gita', 'Hugo', 'Ines', 'Jun'].map((name, i) => ({ name, mail: `${name.toLowerCase()}-${one}@example.org`, words: `What ${name} says, number ${i + 1}.` }));
const approved = new Set();
const hidden = new Set();
let queue; // address of what waits on the board
let topic; // of its page for readers

const post = (path, form) => get(path, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' }, body: new URLSearchParams(form) });

test('ten people write, and confirm', async () => {
  const title = unique('Registers in the open');
  await begin(page, 'events', title);
  await publishable(page);
  await openAll(page);
  const days = (n) => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' }).format(Date.now() + n * 86_400_000);
  await page.getByLabel('The discussion is held here').check();
  for (const [name, day] of [['opens', days(-2)], ['closes', days(30)]]) {
    await page.locator(`[name="discussion.${name}:date"]`).fill(day);
    await page.locator(`[name="discussion.${name}:time"]`).fill('09:00');
  }
  await add(page, 'discussion.topics', { title: 'What should be open?' });
  await save(page);
  await publish(page);
  queue = `/admin/discussions?event=${new URL(page.url()).pathname.split('/').pop()}&state=pending`;

  // What they write is not this story, and is sent as their browsers would; a person needs longer than a machine.
  const board = await get(`${await publicPath(page, 'en')}/discussion`);
  topic = unescape(/<ol class="topics">.*?href="([^"]*)"/s.exec(board.text)[1]);
  const action = `${topic}/write`;
  const form = await get(action);
  const stamp = /name="stamp" value="([^"]*)"/.exec(form.text)[1];
  const opened = parseInt(stamp.split('.')[0], 36) * 1000;
  await page.waitForTimeout(Math.max(0, opened + 3000 - Date.now()));
  for (const p of people) {
    const sent = await post(action, { stamp, website: '', name: p.name, mail: p.mail, language: 'en', text: p.words });
    assert.equal(sent.status, 303, sent.text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').slice(0, 1500));
  }
  for (const p of people) {
    assert.equal((await post(await letter(page, p.mail), { do: 'confirm' })).status, 303);
  }
});

// place tells what has the focus: the post, or that it is lost.
const place = () => page.evaluate(() => {
  const e = document.activeElement;
  const said = e.closest('article');
  if (said) return said.querySelector('[id^="by-"]').textContent;
  return e === document.body || e === document.documentElement ? 'lost' : e.closest('#queue') ? 'queue' : 'elsewhere';
});

test('a moderator handles them by keyboard', async (t) => {
  await page.goto(queue);
  const posts = page.getByRole('article');
  assert.equal(await posts.count(), 10);
  assert.equal(await page.getByText(/J next, K previous, A approve/).isVisible(), true);
  let left = 10;
  // decided waits until what was done is heard, and looks where the focus is.
  const decided = async (words, n = 1) => {
    await announced(page, words);
    left -= n;
    await page.waitForFunction((m) => document.querySelectorAll('#queue article').length === m, left);
    await settled(page);
    assert.notEqual(await place(), 'lost', `the focus is lost after ${10 - left}`);
  };
  const on = async () => people.find((p) => p.name === name) ?? assert.fail(`the focus is on no post but ${name}`);
  let name;
  const here = async () => {
    name = await place();
    return on();
  };

  await k.press('j');
  const first = await here();
  await k.press('j');
  assert.notEqual(await here(), first, 'J goes on');
  await k.press('k');
  assert.equal(await here(), first, 'K goes back');

  for (let i = 0; i < 5; i++) {
    const p = await here();
    await k.press('a');
    await decided(/Approved: 1/);
    approved.add(p);
    assert.notEqual(await here(), p, 'the next one has the focus');
  }
  hidden.add(await here());
  await k.press('h');
  await decided(/Hidden: 1/);

  // With a reason: its field, then the button behind it.
  const why = await here();
  hidden.add(why);
  await k.press('x');
  await k.tabTo(/^Why it is hidden/, why.name, { limit: 8 });
  await k.type('This is about another subject.');
  await k.press('Enter'); // decides nothing on what is ticked
  await page.waitForTimeout(500);
  assert.deepEqual([await posts.count(), await page.getByRole('textbox', { name: /^Why it is hidden/ }).and(page.locator(':focus')).inputValue()], [left, 'This is about another subject.']);
  await k.tabTo(/^Hide/, why.name, { limit: 3 });
  await k.press('Enter');
  await decided(/Hidden: 1/);

  // Two at once.
  for (let i = 0; i < 2; i++) {
    if (i || (await place()) === 'queue') await k.press('j');
    const p = await here();
    await k.press('x');
    approved.add(p);
  }
  await k.tabTo(/^Approve$/, 'Several entries at once', { back: true, limit: 30 });
  await k.press('Enter');
  await decided(/Approved: 2/, 2);

  await k.press('j');
  hidden.add(await here());
  await k.press('h');
  await announced(page, /Hidden: 1/);
  await page.getByRole('heading', { name: 'Nothing here' }).or(page.getByRole('heading', { name: /^Nothing/ })).first().waitFor();
  assert.notEqual(await place(), 'lost', 'the focus is lost when nothing is left');
  assert.deepEqual(await axe(page), []);
  t.diagnostic(`ten posts: ${k.steps} commanding keys besides letters`);
});

test('the board shows exactly what was approved, and the author is told why', async () => {
  await reader.goto(topic);
  const said = await reader.getByRole('article').allInnerTexts();
  const shown = people.filter((p) => said.some((s) => s.includes(p.words)));
  assert.deepEqual(shown, people.filter((p) => approved.has(p)));
  assert.equal(approved.size + hidden.size, 10);
  await noOverflow(reader);
  assert.deepEqual(await axe(reader), []);
});
