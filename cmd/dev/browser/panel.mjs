// What the stories do in the panel, as a person does it: by what is written on the screen, and by keys.
import assert from 'node:assert/strict';
import { accounts, base } from './harness.mjs';

// one is a word that no other run has used: stories make their own content and can run again on the same site.
const one = Date.now().toString(36);
let made = 0;
export const unique = (words) => `${words} ${one}${(made++).toString(36)}`;

// nextYear is far enough ahead for every event to be still to come.
export const nextYear = new Date().getUTCFullYear() + 1;

// signInAs signs in by the form. who is a role, or the part of the e-mail address before the @ where a role has several.
export async function signInAs(page, who) {
  const a = accounts.find((x) => x.email.split('@')[0] === who) ?? accounts.find((x) => x.role === who);
  assert.ok(a, `the demo has no account ${who}; it has ${accounts.map((x) => x.email).join(', ')}`);
  await page.goto('/admin/sign-in');
  await enter(page, a);
  await page.waitForURL((u) => u.pathname.startsWith('/admin') && !u.pathname.startsWith('/admin/sign-in'));
  return a;
}

// enter fills the sign-in form that is shown.
export async function enter(page, a) {
  await page.locator('input[autocomplete~="username"]').fill(a.email);
  await page.locator('input[autocomplete~="current-password"]').fill(a.password);
  await page.locator('input[autocomplete~="current-password"]').press('Enter');
}

// settled waits until no part of the page is being fetched, editors of rich text included: until they are there, what lies
// below them still moves.
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], body[data-editor] [data-rte]:not(.on)'));
}

// announced waits until the live region has said something.
export async function announced(page, words) {
  await page.waitForFunction(([source, flags]) => new RegExp(source, flags).test(document.getElementById('live').textContent), [words.source, words.flags])
    .catch(async () => assert.match(await page.locator('#live').textContent(), words, 'not announced'));
}

// save presses the save button and waits for what it says.
export async function save(page) {
  await page.locator('#save').click();
  await stored(page);
}

// byHand keeps what a page would save and learn by itself from its server, so that however slow the machine is, nothing is
// stored and nobody is told before the story presses a button.
export async function byHand(...pages) {
  for (const page of pages) await page.route((u) => /^\/admin\/.*\/(autosave|here)$/.test(u.pathname), (r) => r.abort());
}

// byItself undoes byHand.
export async function byItself(page) { await page.unrouteAll(); }

// stored waits until nothing typed is left unsaved.
export async function stored(page) {
  await settled(page);
  await page.waitForFunction(() => {
    const form = document.querySelector('form[data-entry]');
    return form && !('unsaved' in form.dataset);
  }).catch(async () => assert.fail(`not saved: ${await page.locator('#problems, .swap-err').allInnerTexts()}`));
  assert.equal(await page.locator('#problems .error').count(), 0, await page.locator('#problems').innerText());
}

// begin opens the form of a new entry and saves it with no more than a title; it gives the address of its page.
export async function begin(page, section, title) {
  await page.goto(`/admin/${section}/new`);
  await page.locator('.titlein').fill(title);
  await page.locator('#save').click();
  await page.waitForURL((u) => !u.pathname.endsWith('/new'));
  await settled(page);
  return new URL(page.url()).pathname;
}

// pick chooses in a picker what is called so.
export async function pick(picker, words) {
  const input = picker.getByRole('combobox');
  await input.fill(words);
  await picker.getByRole('option').filter({ hasText: words }).first().click();
}

// prose is the rich text of a field, by the name of its control.
export function prose(page, name) {
  return page.locator(`[id="${name}-doc"]`);
}

// publishable fills what an event needs to be published, so that a story can be about something else.
export async function publishable(page) {
  const y = nextYear;
  await page.getByLabel(/^Summary/).first().fill('What this event is about, in a sentence.');
  await page.getByLabel(/^Type/).first().selectOption('webinar');
  await page.getByLabel(/^Scope/).selectOption('regional');
  await page.locator('[name="when:start_date"]').fill(`1 July ${y}`);
  await page.locator('[name="when:start_time"]').fill('09:00');
  await page.locator('[name="when:end_time"]').fill('10:30');
  await page.getByRole('radio', { name: 'Online', exact: true }).check();
  await page.getByLabel(/^Who may take part/).selectOption('open');
  await page.getByLabel('Type', { exact: true }).and(page.locator('[name="add:venues"]')).selectOption('online');
  await add(page, 'venues', { name: 'Online room' });
  await pick(page.locator('[id="pick-working_languages"]'), 'English');
  const organizer = await add(page, 'organizations', { role: 'organizer' });
  await pick(organizer.locator('.picker').first(), 'Regional Centre for Public Governance');
  await add(page, 'contacts', { mailbox: 'events@example.org' });
}

// add puts an item into a list and fills its fields by name; it gives the item.
export async function add(page, list, values = {}) {
  const items = page.locator(`[id="list-${list}"] > [data-item]:visible`);
  const before = await items.count();
  await page.locator(`button[value="add ${list}"]`).click();
  const item = items.nth(before);
  await item.waitFor().catch(async () => assert.fail(`no item was added to ${list}, which had ${before}: ${page.url()} says ${JSON.stringify([
    await page.locator('.swap-err:visible, #problems').allInnerTexts(), await page.locator('#live').textContent(),
    await page.locator(`[id="list-${list}"]`).evaluate((e) => e.outerHTML.slice(0, 2000))])}`));
  await settled(page);
  for (const [name, value] of Object.entries(values)) {
    const id = await item.getAttribute('data-item');
    const field = item.locator(`[name="${list}.${id}.${name}"], [name^="${list}.${id}.${name}@"]`).first();
    if (await field.evaluate((e) => e.tagName === 'SELECT')) await field.selectOption(value);
    else await field.fill(value);
  }
  return item;
}

// publish presses the main button and waits until it is done.
export async function publish(page) {
  await page.locator('button[data-primary]:visible').click();
  await stored(page);
  await page.locator('#publishing .tag.ok').first().waitFor();
}

// publicPath is where the public reads the entry that is open, in a language.
export async function publicPath(page, locale) {
  const href = await page.locator('#publishing dl a[target="_blank"]').first().getAttribute('href');
  return href.replace(/^\/\w+\//, `/${locale}/`);
}

// get fetches as a stranger who sends no cookie.
export async function get(path, init) {
  const res = await fetch(new URL(path, base), { redirect: 'manual', ...init });
  return { status: res.status, headers: res.headers, text: await res.text() };
}

// A Keyboard has nothing but keys. It counts those that command: Enter, Space, and all with Ctrl or Alt; typing,
// Tab, and arrows inside a field are not counted.
export class Keyboard {
  steps = 0;

  constructor(page) {
    this.page = page;
    this.keys = page.keyboard;
  }

  async press(...list) {
    for (const key of list) {
      if (/^(Enter|Space|Control\+|Alt\+)/.test(key)) this.steps++;
      await this.keys.press(key);
    }
  }

  async type(words) {
    await this.keys.type(words);
  }

  // here tells what has the focus: its name, and the names of what it is in, innermost first.
  async here() {
    return this.page.evaluate(() => {
      const byIds = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
      const text = (s) => s.replace(/\s+/g, ' ').trim();
      const e = document.activeElement;
      const name = text(e.getAttribute('aria-label') || byIds(e.getAttribute('aria-labelledby') ?? '') || [...(e.labels ?? [])].map((l) => l.textContent).join(' ') || e.textContent || '');
      const around = [];
      for (let p = e.parentElement; p; p = p.parentElement) {
        if (p.tagName === 'FIELDSET') around.push(text(p.querySelector(':scope > legend')?.textContent ?? ''));
        else if ('item' in p.dataset) around.push(`item ${[...p.parentElement.children].filter((x) => 'item' in x.dataset && !x.hidden).indexOf(p) + 1}`);
        else if (p.getAttribute('aria-labelledby')) around.push(text(byIds(p.getAttribute('aria-labelledby'))));
        else if (p.getAttribute('aria-label')) around.push(text(p.getAttribute('aria-label')));
      }
      return { name, around, tag: e.tagName.toLowerCase(), value: e.value ?? '' };
    });
  }

  // tabTo presses Tab until something has the focus whose name begins with name, inside what begins with each of where.
  async tabTo(name, where = [], { back = false, limit = 350 } = {}) {
    const begins = (s, want) => (want instanceof RegExp ? want.test(s) : s.startsWith(want));
    const passed = [];
    for (let i = 0; i <= limit; i++) {
      const h = await this.here();
      if (begins(h.name, name) && [where].flat().every((w) => h.around.some((a) => begins(a, w)))) return h;
      passed.push(h.name.slice(0, 24));
      await this.keys.press(back ? 'Shift+Tab' : 'Tab');
    }
    return assert.fail(`no stop "${name}" in ${[where].flat().join(' / ') || 'the page'}; passed ${[...new Set(passed)].join(' | ')}`);
  }

  // choose types in a picker that has the focus and takes what is offered first.
  async choose(words, offered = words) {
    await this.type(words);
    await this.page.waitForFunction((w) => [...document.querySelectorAll('[role=option]')].some((o) => o.checkVisibility() && o.textContent.includes(w)), offered)
      .catch(() => assert.fail(`the picker does not offer ${offered}`));
    await this.press('Enter');
    await this.page.waitForFunction(() => document.activeElement.getAttribute('aria-expanded') !== 'true');
    await settled(this.page);
  }
}

// letter gives the path of the link in a letter to a mailbox, whose subject holds the words: without a mail server, letters
// can be read in the outbox. The page belongs to somebody who may.
export async function letter(page, to, words = '') {
  const html = async (path) => (await page.request.get(path)).text();
  const found = [...(await html(`/admin/outbox?q=${encodeURIComponent(to)}`)).matchAll(/<a href="(\/admin\/outbox\/\w{20,})"[^>]*>([^<]*)/g)].find(([, , subject]) => subject.includes(words));
  assert.ok(found, `no letter to ${to} about ${words}`);
  const text = await html(found[1]);
  const link = /https?:\/\/[^\s<"]+?(\/\w\w\/(?:registrations|posts|following|comments)\/[\w.-]*[\w-])/.exec(text);
  assert.ok(link, `no link in the letter to ${to}`);
  return link[1];
}
