// The sixteen tasks of an editor's day, each within its steps. A step is a click or a key that commands (Enter, Space, all with Ctrl or
// Alt), counted from the signed-in start page; typed text, Tab, and arrows inside a field are none. What a story needs before it can
// begin is made beside the counting.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { open, speak } from './harness.mjs';
import { signInAs, Keyboard, begin, publishable, save, stored, settled, publish, publicPath, unique, nextYear, get } from './panel.mjs';

const { page, newContext } = await open();
const visitor = await (await newContext()).newPage();
const nadim = await (await newContext()).newPage();
await signInAs(nadim, 'translator-ar');
await speak(nadim, 'en');
await signInAs(page, 'manager');
await speak(page, 'en');
const k = new Keyboard(page);
const table = [];

// task starts on the start page with nothing counted, and holds the story to its number of steps.
function task(number, name, most, story) {
  test(`${number}. ${name}`, { timeout: 120_000 }, async (t) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    const start = await story.before?.();
    await page.goto('/admin');
    await settled(page);
    k.steps = 0;
    await story.steps(start);
    const { steps } = k;
    table.push([number, name, steps, most]);
    await story.after?.(start);
    assert.ok(steps <= most, `${steps} steps, and ${most} are the most`);
    t.diagnostic(`${steps} of ${most}`);
  });
}

after(() => {
  console.log('# | task | steps | target');
  for (const row of table) console.log(row.join(' | '));
});

// click presses something with the mouse: a step.
async function click(what) {
  k.steps++;
  await what.click();
}

// palette opens what the palette finds first for the words: two steps.
async function palette(words, offered = words) {
  await k.press('Control+k');
  await page.locator('#palette input').pressSequentially(words);
  await page.locator('#palette [role=option]').filter({ hasText: offered }).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('#palette [aria-busy]'));
  await k.press('Enter');
  await page.waitForURL((u) => u.pathname !== '/admin');
  await page.waitForLoadState();
}

// openIt opens the event from what was worked on last, on the start page: one step.
async function openIt() {
  await click(page.locator(`section[aria-labelledby=recent] a[href="${it.path}"]`));
  await page.waitForURL(`**${it.path}`);
  await settled(page);
}

const type = (name, words) => page.locator(`[name="${name}"]`).fill(words);

// kept waits until everything typed is on the server, as it gets there by itself.
async function kept(p = page) {
  await p.waitForFunction(() => !('unsaved' in document.querySelector('form[data-entry]').dataset), null, { timeout: 30_000 });
  await p.locator('#saved').filter({ hasText: /^Saved at/ }).waitFor({ timeout: 30_000 });
}

// The event that most of the tasks are about is made by the first.
let it;

task(1, 'Create an event with title, date, zone, type; publish', 3, {
  steps: async () => {
    await palette('new event like', 'like');
    await page.waitForURL('**/events/new?like=*');
    const title = unique('A day of registers');
    await type('title@en', title);
    await type('summary@en', 'What this event is about, in a sentence.');
    await page.locator('[name="kind"]').selectOption('webinar');
    await type('when:start_date', `1 July ${nextYear}`);
    await type('when:start_time', '09:00');
    await type('when:end_time', '10:30');
    // It saves itself, and is then there to be published.
    await page.waitForURL((u) => !u.pathname.endsWith('/new'), { timeout: 30_000 });
    await kept();
    await k.press('Control+Enter');
    await page.locator('#publishing .tag.ok').first().waitFor();
    it = { title, path: new URL(page.url()).pathname, live: await publicPath(page, 'en') };
  },
  after: async () => assert.equal((await get(it.live)).status, 200),
});

task(2, 'Repeat last year’s event on a new date', 4, {
  steps: async () => {
    await openIt();
    await click(page.locator('#publishing a[href$="/clone"]'));
    await page.waitForURL('**/clone');
    await type('when:start_date', `7 July ${nextYear + 1}`);
    await click(page.locator('#clone .btn.pri'));
    await page.waitForURL(/\/admin\/events\/\w{12}(\?.*)?$/);
    await settled(page);
  },
  after: async () => assert.match(await page.locator('[name="when:start_date"]').inputValue(), new RegExp(`7 July ${nextYear + 1}`)),
});

const note = readFileSync(new URL('../../../admin/test/fixtures/concept-note-word.html', import.meta.url), 'utf8');

task(3, 'Paste a concept note from Word, without repair', 2, {
  steps: async () => {
    k.steps++; // Ctrl+V
    await page.evaluate(([html, text]) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/html', html);
      clipboardData.setData('text/plain', text);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, [note, note.replace(/<[^>]*>/g, ' ')]);
    await page.locator('form.notepage').waitFor();
    await click(page.locator('.note-ends button'));
    await page.waitForURL(/\/admin\/events\/\w{12}(\?.*)?$/);
    await settled(page);
  },
  after: async () => {
    const html = (await page.locator('textarea[data-prose]').evaluateAll((all) => all.map((t) => t.value))).join('');
    assert.doesNotMatch(html, /style=|Mso|<font|<o:|mso-/);
    assert.ok(await page.locator('[id="list-blocks"] > [data-item]').count() >= 2, 'no sections were found');
  },
});

task(4, 'Add 6 speakers, 2 of them new', 8, {
  steps: async () => {
    await openIt();
    const input = page.locator('[id="add:quick:people"]');
    const names = [['moe'], ['bar'], ['adh'], ['kam'], [unique('Wen Nyambura'), 'Create'], [unique('Ami Dorje'), 'Create']];
    for (const [n, [words, offered = new RegExp(words, 'i')]] of names.entries()) {
      await input.pressSequentially(words);
      await page.locator('.adds [role=option]:visible').filter({ hasText: offered }).first().waitFor();
      await k.press('Enter');
      await page.locator('[id="list-people"] > [data-item]').nth(n).waitFor();
      await settled(page);
      await page.waitForFunction(() => document.activeElement.id === 'add:quick:people' && !document.activeElement.value);
    }
    await kept();
  },
  after: async () => {
    await page.goto(it.path);
    const people = page.locator('[id="list-people"] > [data-item]');
    assert.equal(await people.count(), 6);
    assert.ok((await people.allTextContents()).every((t) => !/New item/.test(t)));
  },
});

const sample = readFileSync(new URL('../../../internal/demo/files/background-paper-en.pdf', import.meta.url));

task(5, 'Put up 5 documents in 3 languages', 4, {
  steps: async () => {
    await openIt();
    const one = Date.now().toString(36);
    const pdf = (name) => ({ name: `${one}-${name}.pdf`, mimeType: 'application/pdf', buffer: Buffer.concat([sample, Buffer.from(`\n% ${name} ${one}\n`)]) });
    k.steps++; // all are dropped at once
    await page.locator('[data-papers] input[type=file]').setInputFiles(['paper-en', 'paper-fr', 'paper-ar', 'two', 'three', 'four', 'five'].map(pdf));
    await page.locator('[id="list-documents"] > [data-item]').nth(4).waitFor({ timeout: 30_000 });
    await kept();
    await click(page.locator('#clearing a[href$="/together"]'));
    await page.waitForURL('**/together');
    await click(page.locator('main form .btn.pri'));
    await page.waitForURL((u) => !u.pathname.endsWith('/together'));
  },
  after: async () => {
    await visitor.goto(it.live);
    const files = await visitor.locator('main a[href*="/media/"][href*=".pdf"]').evaluateAll((all) => all.map((a) => a.hreflang));
    assert.equal(files.length, 7, 'files on the page');
    for (const l of ['ar', 'fr']) assert.ok(files.includes(l), `${files} lack ${l}`);
  },
});

task(6, 'Agenda of 4 items with speakers', 8, {
  before: async () => { // the documents are more recent work
    await page.goto(it.path);
    await type('subtitle@en', 'What they are for');
    await save(page);
  },
  steps: async () => {
    await openIt();
    const lines = ['09:00–09:10 Opening; Lintang Saraswati Moelja', '09:10–09:40 The registers; Lintang Saraswati Moelja', '09:40-10:10 The law; Lintang Saraswati Moelja', '10:10–10:30 Closing; Lintang Saraswati Moelja'];
    for (const [n, line] of lines.entries()) {
      await page.locator('[id="add:quick:sessions"]').pressSequentially(line);
      await k.press('Enter');
      await page.locator('[id="list-sessions"] > [data-item]').nth(n).waitFor();
      await settled(page);
      await page.waitForFunction(() => document.activeElement.id === 'add:quick:sessions' && !document.activeElement.value);
    }
    await kept();
  },
  after: async () => {
    await page.goto(it.path);
    const value = (name) => page.locator(`[id="list-sessions"] [name^="sessions."][name$="${name}"]`).evaluateAll((all) => all.map((i) => i.value));
    assert.deepEqual(await value('.slot:start'), ['09:00', '09:10', '09:40', '10:10']);
    assert.deepEqual(await value('.slot:end'), ['09:10', '09:40', '10:10', '10:30']);
    assert.equal((await value('.person')).filter(Boolean).length, 4);
    await publish(page);
  },
});

task(7, 'Move the start by an hour after publishing; the agenda follows', 2, {
  steps: async () => {
    await openIt();
    await type('when:start_time', '10:00');
    await type('when:end_time', '11:30');
    await k.press('Control+Enter');
    await page.locator('#problems').getByText(/moved along/).waitFor();
    await stored(page);
  },
  after: async () => {
    await visitor.goto(it.live);
    assert.match(await visitor.locator('.prog').innerText(), /10:00[\s\S]*10:10[\s\S]*10:40/);
    const href = await visitor.locator('a[href$=".ics"]').first().getAttribute('href');
    assert.match((await get(href)).text, /DTSTART[^\n]*T100000/);
  },
});

task(8, 'See which languages are behind, give one to a translator with a due date', 3, {
  steps: async () => {
    await click(page.locator('nav a[href^="/admin/translations"]').first());
    await page.waitForURL('**/admin/translations**');
    const row = page.locator('.tboard tbody tr').filter({ has: page.locator(`a[href*="${it.path}"]`) });
    await row.locator('td[data-label="Français"] .tag').waitFor();
    await click(row.locator('td[data-label="عربي"] input[name=cell]'));
    await page.locator('[name=assignee]').last().selectOption({ label: 'Nadim Al-Harithy' });
    await page.locator('#due-day').fill('1 June 2030');
    await click(page.locator('button[value=assign]'));
    await page.locator('.notice.success').waitFor();
  },
  after: async () => assert.match(await page.locator('.tboard tbody tr').filter({ has: page.locator(`a[href*="${it.path}"]`) }).innerText(), /Nadim Al-Harithy[\s\S]*1 June 2030/),
});

task(9, 'Translate into Arabic and submit', 2, {
  steps: async () => {
    await nadim.goto('/admin');
    await click(nadim.locator('section[aria-labelledby=work] a').filter({ hasText: it.title }).first());
    await nadim.waitForURL('**/translate/ar**');
    await nadim.locator('.source').first().waitFor();
    for (const [n, field] of (await nadim.locator('.target input[type=text]:visible, .target textarea:visible').all()).entries()) await field.fill(n ? `نص ${n}` : 'يوم السجلات');
    await click(nadim.locator('button[value=submit]'));
    await nadim.locator('.tag.rev').first().waitFor();
  },
});

task(10, 'Publish the outcome report after the event', 3, {
  steps: async () => {
    await click(page.locator('section[aria-labelledby=promises] a[href$="/report"]').first());
    await page.waitForURL('**/report');
    await click(page.locator('main form .btn.pri'));
    await page.waitForURL(/\/admin\/reports\/\w+/);
    await settled(page);
    const summary = page.locator('[name="summary@en"]');
    if (await summary.count() && !await summary.inputValue()) await summary.fill('What the meeting came to.');
    await k.press('Control+Enter');
    await page.locator('#publishing .tag.ok').first().waitFor();
  },
  after: async () => assert.equal((await get(await publicPath(page, 'en'))).status, 200),
});

task(11, 'Correct a word seen on the live page', 3, {
  steps: async () => {
    await palette(new URL(it.live, page.url()).href, it.title);
    await settled(page);
    await type('summary@en', 'What this event is about, in one sentence.');
    await k.press('Control+Enter');
    await stored(page);
    await page.locator('#publishing .tag.ok').first().waitFor();
  },
  after: async () => assert.match((await get(it.live)).text, /in one sentence/),
});

task(12, 'Bring back an earlier version', 3, {
  steps: async () => {
    await openIt();
    await click(page.locator('#publishing a[href$="/history"]'));
    await page.waitForURL('**/history');
    await click(page.locator('ol.history form button').nth(1)); // the first is how it stands now
    await page.locator('.notice').getByRole('button', { name: 'Undo' }).waitFor();
  },
  after: async () => {
    await page.goto(it.path);
    assert.equal(await page.locator('[name="summary@en"]').inputValue(), 'What this event is about, in a sentence.');
  },
});

task(13, 'Schedule for 09:00 Geneva time', 2, {
  before: async () => {
    const title = unique('To be published later');
    await begin(page, 'news', title);
    await page.getByLabel(/^Summary/).fill('News for later.');
    await page.getByLabel(/^Type/).first().selectOption('news');
    await type('date', 'today');
    await page.locator('[id="body@en-doc"]').click();
    await page.keyboard.type('News.');
    await save(page);
    return title;
  },
  steps: async (title) => {
    await click(page.locator('section[aria-labelledby=drafts] li').filter({ hasText: title }).locator('a[href$="/schedule"]'));
    await page.waitForURL('**/schedule');
    await page.locator('#at').fill(`${nextYear}-03-01T09:00`);
    await page.locator('#zone').selectOption('Europe/Zurich');
    await page.locator('#zone').focus();
    await click(page.locator('#plan .btn.pri'));
    await page.locator('.notice.success').waitFor();
  },
  after: async () => assert.match(await page.locator('#planned + *, main').last().innerText(), /1 March.*09:00/s),
});

task(14, 'Move a speaker up two places by keyboard', 3, {
  steps: async () => {
    await openIt();
    const names = page.locator('[id="list-people"] > [data-item]');
    const third = await names.nth(2).getAttribute('data-item');
    await names.nth(2).locator('.grip').focus(); // Tab leads there
    await k.press('Alt+ArrowUp', 'Alt+ArrowUp');
    await page.waitForFunction((id) => document.querySelector('[id="list-people"] > [data-item]').dataset.item === id, third);
  },
});

task(15, 'Find an event of an earlier year and its documents', 2, {
  steps: async () => {
    await palette('2020 symposium', 'Sixth Regional Symposium');
    await settled(page);
    await page.locator('[id="list-documents"]').waitFor({ state: 'attached' });
    assert.match(await page.locator('[name="when:start_date"]').inputValue(), /2020/);
  },
});

task(16, 'Cancel, told on page, list, feed and .ics', 3, {
  steps: async () => {
    await openIt();
    await click(page.locator('#happens a[href$="/change/cancel"], #happens a[href*="cancel"]').first());
    await page.waitForURL('**/change/**');
    await page.locator('textarea[name$="@en"], textarea[name*="reason"]').first().fill('The hall is closed.');
    await click(page.locator('button[value=do]'));
    await page.waitForURL((u) => !u.pathname.includes('/change/'));
  },
  after: async () => {
    await visitor.goto(it.live);
    assert.match(await visitor.locator('main').innerText(), /Cancelled[\s\S]*The hall is closed/);
    const href = await visitor.locator('a[href$=".ics"]').first().getAttribute('href');
    assert.match((await get(href)).text, /STATUS:CANCELLED/);
  },
});
