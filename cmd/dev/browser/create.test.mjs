// An editor makes a whole event without touching the mouse, publishes it in English, then in Arabic; visitors read both
// on a phone.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, noOverflow } from './harness.mjs';
import { signInAs, Keyboard, settled, stored, announced, unique, nextYear, publicPath } from './panel.mjs';

const { page, newContext } = await open();
const visitor = await (await newContext({ viewport: { width: 390, height: 844 } })).newPage();
const k = new Keyboard(page);

const title = unique('Registers that people trust');
const titleAr = unique('سجلات يثق بها الناس');
const summaryAr = 'ندوة عن السجلات الرقمية وثقة الناس بها.';
const partner = unique('Guild of Registrars');

// add presses the button below a list and waits for its nth item.
async function add(button, list, n, where = []) {
  await k.tabTo(button, where);
  await k.press('Enter');
  await page.locator(`[id="list-${list}"] > [data-item]`).nth(n - 1).waitFor();
  await settled(page);
}

test('an event by keyboard only, from the start page to the public in two languages', async (t) => {
  await signInAs(page, 'editor');
  // Steps for what an event can be published without are counted apart.
  let beside = 0;
  const besides = async (does) => {
    const before = k.steps;
    await does();
    beside += k.steps - before;
  };

  await k.press('Control+k');
  await k.type('new event');
  await page.getByRole('option', { name: 'New: Event', exact: true }).waitFor();
  await k.press('Enter');
  await page.waitForURL('**/admin/events/new');

  await k.tabTo('Title');
  await k.type(title);
  await k.tabTo('Summary', 'Basics');
  await k.type('How registers of land earn the trust of those who are in them.');
  await k.tabTo('Type', 'Basics');
  await k.type('Webinar');
  await k.tabTo('Scope', 'Basics');
  await k.type('Regional');

  await k.tabTo('Starts on', 'Date and time');
  await k.type(`1 July ${nextYear}`);
  await k.tabTo('Starts at', 'Date and time');
  await k.type('8.30 pm');
  await k.tabTo('Ends on', 'Date and time');
  await k.press('Tab');
  await k.tabTo('Ends at', 'Date and time');
  await k.type('22:00');
  await k.tabTo('Time zone', 'Date and time');
  await k.choose('new york', 'New York');
  const echo = page.locator('[id="echo-when"]');
  await echo.getByText('New York').first().waitFor();
  assert.match(await echo.innerText(), new RegExp(`1 July ${nextYear}.*20:30.*22:00.*New York`, 's'), 'the date is echoed in words');
  assert.match(await echo.innerText(), /07:30 Bangkok, 2 July/, 'and told in other cities, where it is the next day');

  await k.tabTo('In person', 'Kind of attendance');
  await k.press('ArrowDown');
  assert.equal((await k.here()).name, 'Online');
  await k.tabTo('Who may take part');
  await k.type('Open to all');
  await k.tabTo('Type', 'Venues');
  await k.type('Online');
  await add('Add a venue', 'venues', 1);
  await k.tabTo('Name', ['Venues', 'item 1']);
  await k.type('The registry room');
  await k.tabTo('Working languages');
  await k.choose('engl', 'English');
  await besides(() => k.choose('ara', 'Arabic'));

  await besides(async () => {
    await k.tabTo('Type', 'Sections');
    await k.type('Objectives');
    await add('Add a section', 'blocks', 1);
    await k.tabTo('Lead-in', ['Sections', 'item 1']);
    await k.type('The webinar will help countries to:');
    for (const words of ['open registers to those who are in them;', 'mend errors within a week.']) {
      await k.tabTo('Add a point', ['Sections', 'item 1']);
      await k.press('Enter');
      await settled(page);
      await k.tabTo('Text', 'Points');
      await k.type(words);
    }

    // Two sessions, typed in the wrong order.
    for (const [n, name, type, from, to] of [[1, 'Questions and answers', 'Questions', '21:20', '22:00'], [2, 'Opening of the register', 'Opening', '20:30', '21:20']]) {
      await add('Add a programme item', 'sessions', n);
      await k.tabTo('Title', ['Programme', `item ${n}`]);
      await k.type(name);
      await k.tabTo('Type', ['Programme', `item ${n}`]);
      await k.type(type);
      await k.tabTo('From', ['Programme', `item ${n}`]);
      await k.type(from);
      await k.tabTo('To', ['Programme', `item ${n}`]);
      await k.type(to);
    }
    await k.press('Alt+ArrowUp');
    await announced(page, /moved to position 1 of 2/);
    assert.ok((await k.here()).around.includes('item 1'), 'the focus stays in what was moved');

    await add('Add a speaker', 'people', 1);
    await k.tabTo('Person', ['Speakers', 'item 1']);
    await k.choose('moelja', 'Moelja');
    await k.tabTo('Role', ['Speakers', 'item 1']);
    await k.type('Moderator');
  });

  const organization = async (n, words, offered, role) => {
    await add('Add an organization', 'organizations', n);
    await k.tabTo('Organization', ['Organizers', `item ${n}`]);
    await k.choose(words, offered);
    await announced(page, /^Added: /);
    await k.tabTo('Role', ['Organizers', `item ${n}`]);
    await k.type(role);
  };
  await organization(1, 'regional centre for public', 'Regional Centre for Public Governance', 'Organizer');
  await besides(() => organization(2, partner, `Create “${partner}”`, 'Partner'));

  await k.press('Control+s');
  await page.waitForURL((u) => !u.pathname.endsWith('/new'));
  await stored(page);
  assert.match(await page.locator('#saved').innerText(), /Saved at \d\d:\d\d/);
  assert.equal(await page.locator('#publishing .tag').first().innerText(), 'Draft');

  // The publishing panel names what is missing, and so does the answer to an attempt; its link leads to the place.
  const missing = page.locator('#publishing .check .stop');
  assert.deepEqual((await missing.allInnerTexts()).map((s) => s.replace(/\s+/g, ' ').trim()), ['Needed to publish: Contacts: Fill this in.']);
  await besides(async () => {
    await k.press('Control+Enter');
    await page.locator('#problems .error').first().waitFor();
    await settled(page);
    assert.match(await page.locator('#problems').innerText(), /not published/);
    assert.match(await page.title(), /^Error:/);
    await k.tabTo(/^Contacts: Fill this in/, [], { limit: 3 });
    await k.press('Enter');
    await k.tabTo('Add a contact', [], { limit: 3 });
  });
  await add('Add a contact', 'contacts', 1);
  await k.tabTo('Mailbox', ['Contacts', 'item 1']);
  await k.type('registers@example.org');
  await besides(async () => {
    await k.press('Control+s');
    await stored(page);
    assert.equal(await missing.count(), 0, 'nothing is missing any more');
  });

  await k.press('Control+Enter');
  await page.locator('#publishing .tag.ok').first().waitFor();
  await stored(page);
  const tab = page.getByRole('navigation', { name: 'Language versions' }).locator('[aria-current]');
  assert.equal(await tab.textContent(), 'English, original, Published');
  t.diagnostic(`steps to publish an event with what it needs: ${k.steps - beside}; with all that this one has: ${k.steps}`);

  // A visitor on a phone.
  assert.equal((await visitor.goto(await publicPath(page, 'en'))).status(), 200);
  const h1 = visitor.getByRole('heading', { level: 1 });
  assert.equal(await h1.innerText(), title);
  assert.match(await visitor.locator('.when').innerText(), new RegExp(`1\\s+July ${nextYear}.*20:30.*22:00.*New York`, 's'));
  assert.deepEqual(await visitor.locator('.prog h3').allInnerTexts(), ['Opening of the register', 'Questions and answers']);
  for (const words of ['mend errors within a week.', 'The registry room', 'Lintang Saraswati Moelja', 'registers@example.org']) await visitor.getByText(words).first().waitFor();
  assert.ok(!(await visitor.locator('main').innerText()).includes(partner), 'an organization that is a draft is not named');
  await noOverflow(visitor);

  // In Arabic it is a skeleton: facts in Arabic, prose in English and marked so, not for search engines.
  const bar = visitor.locator('.langs a');
  await bar.filter({ hasText: 'عربي' }).press('Enter');
  await visitor.waitForURL('**/ar/**');
  assert.equal(await visitor.locator('html').getAttribute('dir'), 'rtl');
  assert.match(await visitor.locator('meta[name=robots]').getAttribute('content'), /noindex/);
  assert.deepEqual([await h1.innerText(), await h1.getAttribute('lang'), await h1.getAttribute('dir')], [title, 'en', 'ltr']);
  assert.match(await visitor.locator('.when').innerText(), /تموز\/يوليه/, 'the date is in Arabic');
  assert.equal(await visitor.getByText('mend errors within a week.').evaluate((e) => e.closest('[lang]').lang), 'en');
  await noOverflow(visitor);

  // Arabic is typed in its tab, beside the English, and published.
  await k.tabTo(/^عربي/, 'Language versions', { back: true });
  await k.press('Enter');
  await page.waitForURL('**lang=ar');
  await k.tabTo('Title');
  await k.type(titleAr);
  await k.tabTo('Summary', 'Basics');
  assert.deepEqual(await page.evaluate(() => [document.activeElement.lang, getComputedStyle(document.activeElement).direction]), ['ar', 'rtl']);
  await k.type(summaryAr);
  await k.press('Control+s');
  await stored(page);
  await k.press('Control+Enter');
  await tab.getByText('Published').waitFor();
  await stored(page);

  assert.equal((await visitor.goto(await publicPath(page, 'ar'))).status(), 200);
  assert.deepEqual([await h1.innerText(), await h1.getAttribute('lang')], [titleAr, null]);
  assert.equal(await visitor.locator('meta[name=robots][content*=noindex]').count(), 0);
  await visitor.getByText(summaryAr).first().waitFor();
  await noOverflow(visitor);
  assert.deepEqual(await bar.evaluateAll((as) => as.map((a) => a.hreflang)), ['ar', 'zh', 'en', 'fr', 'ru', 'es', 'ko', 'pt', 'sw']);
  assert.deepEqual(await visitor.locator('.langs a:not(.na)').evaluateAll((as) => as.map((a) => a.hreflang)), ['ar', 'en']);
  assert.equal(await visitor.locator('.langs [aria-current]').getAttribute('hreflang'), 'ar');
});
