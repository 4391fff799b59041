// The life of an event, from its form to its certificates: an assistant builds the form and publishes, a visitor registers on
// a phone in Arabic without scripts, another by the document, a list is taken in, letters go out, and the door opens.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { open, openAll, axe, noOverflow } from './harness.mjs';
import { signInAs, begin, publishable, add, save, stored, publish, publicPath, settled, letter, unique } from './panel.mjs';
import { fill } from './docx.mjs';
import { read } from './qr.mjs';

const { page, newContext } = await open({ acceptDownloads: true });
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const visitor = await (await newContext({ ...phone, javaScriptEnabled: false })).newPage();
const door = await (await newContext(phone)).newPage();
// The pages are looked at with axe, which needs scripts: the same addresses, in another browser.
const looker = await (await newContext(phone)).newPage();
await signInAs(page, 'manager');

const one = Date.now().toString(36);
const mailbox = (name) => `${name}-${one}@example.org`;
const amal = { name: 'أمل المحبرة', mail: mailbox('amal') };
const bram = { name: 'Bram Paperbridge', mail: mailbox('bram') };
const title = unique('Keys of the archive');
const titleAr = unique('مفاتيح المحفوظات');

let registrations; // address of the list in the panel
let register; // of the form, in Arabic

// tell is a moment as it is typed: so many hours from now, on the full hour, in a zone.
function tell(hours, zone) {
  const t = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + hours * 3_600_000);
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: zone, day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    .formatToParts(t).map((p) => [p.type, p.value]));
  return { date: `${parts.day} ${parts.month} ${parts.year}`, time: `${parts.hour}:${parts.minute}` };
}

// press follows a button or link to the page it leads to.
async function press(p, what) {
  const [res] = await Promise.all([p.waitForResponse((r) => r.request().isNavigationRequest() && r.request().frame() === p.mainFrame() && r.status() !== 303), what.click()]);
  await p.waitForLoadState();
  return res;
}

// slowly waits until a form has been open as long as a person needs at least to fill it in: it says itself since when it is.
async function slowly(p) {
  const opened = parseInt((await p.locator('[name=stamp]').inputValue()).split('.')[0], 36) * 1000;
  await p.waitForTimeout(Math.max(0, opened + 3000 - Date.now()));
}

// until asks for a page again until it says something: what goes on behind it does not reload it.
async function until(path, what) {
  for (const last = Date.now() + 60_000; Date.now() < last;) {
    await page.goto(path);
    if (await what.count()) return;
  }
  assert.fail(`${path} does not say it: ${await page.locator('main').innerText()}`);
}

// state waits until the list shows somebody so.
async function state(person, words) {
  await page.goto(`${registrations}?q=${encodeURIComponent(person.mail)}`);
  const row = page.locator('tbody tr');
  assert.equal(await row.count(), 1, `${person.name} is there once`);
  await row.getByText(words).waitFor();
  return row;
}

test('an assistant builds the form in the panel and publishes', async () => {
  await begin(page, 'events', title);
  await publishable(page);
  const zone = await page.locator('[name="when:zone"]').inputValue();
  const [starts, ends, closes] = [tell(20, zone), tell(20.5, zone), tell(19, zone)];
  await page.locator('[name="when:start_date"]').fill(starts.date);
  await page.locator('[name="when:start_time"]').fill(starts.time);
  await page.locator('[name="when:end_time"]').fill(ends.time);
  await page.getByLabel(/^Who may take part/).selectOption('registration');
  await openAll(page);
  await page.locator('[name="registration.closes:date"]').fill(closes.date);
  await page.locator('[name="registration.closes:time"]').fill(closes.time);
  await page.getByLabel('Register here, with the form below').check();
  await page.getByLabel('Places', { exact: true }).fill('5');
  await page.getByLabel('Waiting list when all places are taken').check();
  await page.getByRole('group', { name: 'Ask also for' }).getByLabel('Country').check();
  await page.getByLabel('Registration by mail', { exact: true }).fill('registration@example.org');
  const category = async (name, capacity) => (await add(page, 'registration.categories', { name, capacity })).getAttribute('data-item');
  const delegates = await category('Delegates', '4');
  const press_ = await category('Press', '1');
  const question = async (type, label, more = {}) => {
    await page.locator('[name="add:registration.fields"]').selectOption(type);
    const item = await add(page, 'registration.fields', { label });
    await openAll(page);
    for (const [name, value] of Object.entries(more)) await item.getByLabel(name).first().fill(value);
    return item.getAttribute('data-item');
  };
  const speak = await question('yes_no', 'Will you speak?', { 'Short name': 'speak' });
  const topic = await question('text', 'About what?', { 'Only after the question with the short name': 'speak', 'If the answer there is': 'yes' });
  const how = await question('choice', 'How do you travel?');
  const option = async (label) => (await add(page, `registration.fields.${how}.options`, { label })).getAttribute('data-item');
  const train = await option('By train');
  const bicycle = await option('By bicycle');
  const years = await question('number', 'Years in archives');
  const consent = await (await add(page, 'registration.consents', { text: 'My data are kept for this event.' })).getAttribute('data-item');
  const note = await (await add(page, 'registration.messages', { kind: 'manual', subject: 'Bring your keys', body: 'Please bring your keys to {event}.' })).getAttribute('data-item');
  await openAll(page);
  await page.locator(`[id="item-registration.consents.${consent}"]`).or(page.locator(`[data-item="${consent}"]`)).first().getByLabel('No registration without it').check();
  await save(page);
  await publish(page);

  // The same form in Arabic.
  await page.getByRole('navigation', { name: 'Language versions' }).getByRole('link', { name: /^عربي/ }).click();
  await page.waitForURL('**lang=ar');
  await settled(page);
  await openAll(page);
  const words = { title: titleAr, summary: 'يوم عن المحفوظات ومفاتيحها.' };
  for (const [id, w] of Object.entries({ [`categories.${delegates}.name`]: 'المندوبون', [`categories.${press_}.name`]: 'الصحافة', [`fields.${speak}.label`]: 'هل ستتحدثون؟', [`fields.${topic}.label`]: 'عن ماذا؟',
    [`fields.${how}.label`]: 'كيف تسافرون؟', [`fields.${how}.options.${train}.label`]: 'بالقطار', [`fields.${how}.options.${bicycle}.label`]: 'بالدراجة', [`fields.${years}.label`]: 'سنوات العمل في المحفوظات',
    [`consents.${consent}.text`]: 'تُحفظ بياناتي لهذه الفعالية.', [`messages.${note}.subject`]: 'أحضروا مفاتيحكم', [`messages.${note}.body`]: 'يرجى إحضار المفاتيح إلى {event}.' })) words[`registration.${id}`] = w;
  for (const [name, w] of Object.entries(words)) await page.locator(`[name="${name}@ar"]`).fill(w);
  await page.locator('button[data-primary]:visible').click();
  await page.getByRole('navigation', { name: 'Language versions' }).locator('[aria-current]').getByText('Published').waitFor();
  await stored(page);
  registrations = `${new URL(page.url()).pathname}/registrations`;
  register = `${await publicPath(page, 'ar')}/register`;
});

test('a visitor registers in Arabic on a phone, without scripts, in under a minute', async (t) => {
  let waited = 0; // milliseconds for pages
  const arrived = async () => {
    waited += await visitor.evaluate(() => performance.getEntriesByType('navigation')[0].duration);
    await noOverflow(visitor);
  };
  let steps = 0; // taps and fields
  let typed = 0; // characters
  const tap = async (what) => { steps++; await what.click(); };
  const type = async (what, words) => { steps++; typed += words.length; await what.fill(words); };
  await visitor.goto(register.replace(/\/register$/, ''));
  await arrived();
  steps++;
  await press(visitor, visitor.locator('main').getByRole('link', { name: /سجّلوا|التسجيل/ }).first());
  assert.equal(new URL(visitor.url()).pathname, register);
  assert.equal(await visitor.locator('html').getAttribute('dir'), 'rtl');
  await arrived();
  await type(visitor.getByLabel('الاسم'), amal.name);
  await type(visitor.getByLabel(/البريد/), amal.mail);
  await tap(visitor.getByLabel(/المندوبون/));
  steps++;
  await visitor.getByLabel(/^البلد/).selectOption('JO');
  await tap(visitor.getByRole('group', { name: /هل ستتحدثون/ }).getByLabel('نعم'));
  await type(visitor.getByLabel(/عن ماذا/), 'فهارس الرسائل');
  await tap(visitor.getByLabel('بالقطار'));
  await type(visitor.getByLabel(/سنوات العمل/), '١٢');
  await tap(visitor.getByLabel(/تُحفظ بياناتي/));
  steps++;
  await slowly(visitor);
  assert.equal((await press(visitor, visitor.locator('main form').getByRole('button'))).status(), 200, await visitor.locator('#problems').allInnerTexts().then(String));
  assert.match(visitor.url(), /\/register\/sent$/);
  await arrived();

  await visitor.goto(await letter(page, amal.mail, 'يرجى التأكيد'));
  await arrived();
  steps++;
  await press(visitor, visitor.getByRole('button', { name: 'تأكيد' }).first());
  await arrived();
  // Three characters a second and two seconds for each tap or field are not a quick person.
  const person = typed / 3 + steps * 2;
  const seconds = waited / 1000 + person;
  t.diagnostic(`${steps} steps, ${typed} characters: ${seconds.toFixed(1)} s, of which ${person.toFixed(1)} s are the person's`);
  assert.ok(steps <= 12, `${steps} steps`);
  assert.ok(seconds < 60, `${seconds} s`);
  await state(amal, 'Confirmed');
});

test('the form as a document is filled in, read back, looked over and merged into the list', async () => {
  const get = async (lang) => {
    await visitor.goto(register.replace('/ar/', `/${lang}/`));
    const [download] = await Promise.all([visitor.waitForEvent('download'), visitor.locator('a[download][href$=".docx"]').click()]);
    assert.match(download.suggestedFilename(), new RegExp(`-${lang}\\.docx$`));
    return readFileSync(await download.path());
  };
  const answers = { Name: bram.name, 'E-mail address': bram.mail, 'I take part as': 'Press', Country: 'Kenya', 'Will you speak?': 'No', 'How do you travel?': 'By bicycle', 'Years in archives': '7', 'My data are kept': true };
  const send = async (name, file) => {
    await page.goto(registrations);
    await press(page, page.getByRole('link', { name: 'Forms by mail' }));
    await page.getByLabel('Documents (.docx)').setInputFiles({ name, mimeType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', buffer: file });
    await press(page, page.getByRole('button', { name: 'Read the documents' }));
  };
  const english = await get('en');
  await send('bram.docx', fill(english, answers));
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), bram.name);
  assert.equal(await page.getByLabel('Years in archives').inputValue(), '7');
  assert.equal(await page.getByLabel('How do you travel?').locator('option:checked').innerText(), 'By bicycle');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await axe(page), [], `reading back, ${colorScheme}`);
  }
  assert.equal(await page.getByRole('radio', { name: 'Enter as a registration by mail' }).isChecked(), true);
  await press(page, page.getByRole('button', { name: 'Do as chosen' }));
  await page.getByText('Entered by mail: 1.').waitFor();
  await state(bram, 'Confirmed');
  await page.goto(registrations);
  assert.equal(await page.locator('tbody tr').count(), 2, 'both ways lead into one list');

  // The Arabic form of somebody who is registered: it is seen, both answers stand beside each other, and it is merged.
  await send('amal.docx', fill(await get('ar'), { الاسم: amal.name, 'عنوان البريد': amal.mail, 'سنوات العمل': '13', 'تُحفظ بياناتي': true }));
  await page.getByText(`${amal.name} is registered with this address already.`).waitFor();
  await page.getByText('Registered so far: 12').waitFor();
  await page.getByRole('radio', { name: /^Write over the answers/ }).check();
  await press(page, page.getByRole('button', { name: 'Do as chosen' }));
  await page.getByText('Merged with registrations: 1.').waitFor();
  const row = await state(amal, 'Confirmed');
  await press(page, row.getByRole('link'));
  assert.match(await page.locator('main').innerText(), /Years in archives\s+13/);
  assert.match(await page.locator('main').innerText(), /About what\?\s+فهارس الرسائل/, 'what the document left empty stays');
});

test('a list with mistakes is looked over, put right, and taken in', async () => {
  const rows = [
    ['Name', 'E-mail', 'I take part as', 'Country', 'Will you speak?', 'How do you travel?', 'Years in archives'],
    ['Cora Lampwright', mailbox('cora'), 'Delegates', 'Fiji', 'no', 'By train', '3'],
    ['Dov Stampfield', 'dov at example', 'Delegates', 'Peru', 'no', 'By bicycle', '21'],
    ['Эмма Складочкина', mailbox('emma'), 'Delegates', 'Kazakhstan', 'no', 'By rocket', 'many'],
    ['纸桥生', mailbox('bridge'), 'Delegates', 'China', 'yes', 'By train', '8'],
    [amal.name, amal.mail, 'Delegates', 'Jordan', 'yes', 'By train', '13'],
  ];
  const look = async (name) => {
    await page.goto(`${registrations}/import`);
    await page.getByLabel('File', { exact: true }).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(rows.map((r) => r.join(';')).join('\r\n')) });
    await press(page, page.getByRole('button', { name: 'Read the file' }));
    await page.getByRole('group', { name: /^All people of this list have agreed/ }).getByRole('checkbox').check();
    await press(page, page.getByRole('button', { name: 'Look again' }));
  };
  const becomes = page.getByRole('navigation', { name: 'What becomes of it' });
  await look('people.csv');
  await becomes.getByRole('link', { name: /^To correct 2$/ }).waitFor();
  await becomes.getByRole('link', { name: /^Registered already, left out 1$/ }).waitFor();
  const bad = page.locator('tbody tr').filter({ hasText: 'To correct' });
  assert.equal(await bad.count(), 2);
  assert.match(await bad.nth(0).innerText(), /dov at example\s+This is not an e-mail address/);
  assert.match(await bad.nth(1).innerText(), /By rocket\s+Choose|By rocket\s+\S/);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.deepEqual(await axe(page), []);
  await noOverflow(page);
  await page.setViewportSize({ width: 1440, height: 900 });

  rows[2][1] = mailbox('dov');
  rows[3][5] = 'By train';
  rows[3][6] = '5';
  await look('people, corrected.csv');
  await becomes.getByRole('link', { name: /^Gets a place 3$/ }).waitFor();
  await becomes.getByRole('link', { name: /^Waiting list 1$/ }).waitFor();
  assert.equal(await becomes.getByRole('link', { name: /^To correct/ }).count(), 0);
  await press(page, page.getByRole('button', { name: 'Take in: 4' }));
  await until(`${registrations}/import`, page.getByText('The list has been taken in.'));
  await page.goto(registrations);
  const states = page.getByRole('navigation', { name: 'State' });
  for (const name of ['All 6', 'Confirmed 5', 'Waiting list 1']) await states.getByRole('link', { name, exact: true }).waitFor();
  await state({ name: '纸桥生', mail: mailbox('bridge') }, 'Waiting list');
});

test('messages: one is held, one is looked at as a registrant gets it, and sent', async () => {
  const messages = registrations.replace(/registrations$/, 'messages');
  await page.goto(messages);
  const line = (name) => page.getByRole('table', { name: 'What is sent, and when' }).getByRole('row').filter({ hasText: name });
  await press(page, line('Thank you').getByRole('button', { name: 'Hold' }));
  await line('Thank you').getByText('Held', { exact: true }).waitFor();
  await press(page, line('Thank you').getByRole('button', { name: 'Release' }));
  await line('Thank you').getByText('Planned', { exact: true }).waitFor();

  await press(page, line('Bring your keys').getByRole('link', { name: 'Look at the letter' }));
  const recipient = page.getByLabel('Recipient');
  await recipient.selectOption(await recipient.getByRole('option').filter({ hasText: amal.name }).getAttribute('value'));
  await press(page, page.getByRole('button', { name: 'Show', exact: true }));
  const subject = page.getByRole('heading', { name: 'أحضروا مفاتيحكم' });
  assert.deepEqual([await subject.getAttribute('lang'), await subject.getAttribute('dir')], ['ar', 'rtl']);
  await page.getByText(`يرجى إحضار المفاتيح إلى`).waitFor();
  assert.ok((await page.locator('main').innerText()).includes(titleAr), 'the event is called as in the language of the reader');
  await page.getByText('This person has not got it yet.').waitFor();
  assert.deepEqual(await axe(page), []);
  await press(page, page.getByRole('button', { name: 'Send now. Recipients: 5' }));
  await until(messages, page.getByRole('table', { name: 'What has gone out' }).getByRole('row').filter({ hasText: 'Message by hand' }).filter({ hasText: /5\s+Sent/ }));
  await letter(page, amal.mail, 'أحضروا مفاتيحكم');
});

test('the door: by the code of a telephone, and by name', async () => {
  // The code on the page of the visitor who registered, as the camera of somebody at the door reads it.
  await visitor.goto(await letter(page, amal.mail, 'لكم مقعد'));
  const pass = new URL(await read(visitor.locator('.pass svg')));
  await door.goto(pass.pathname);
  assert.match(door.url(), /sign-in/, 'it is of no use to anybody else');
  await signInAs(door, 'manager');
  await door.goto(pass.pathname);
  await door.getByRole('heading', { level: 1, name: amal.name }).waitFor();
  await noOverflow(door);
  assert.deepEqual(await axe(door), []);
  await press(door, door.getByRole('button', { name: 'Is here' }));
  await door.getByText('Attended', { exact: true }).waitFor();

  await press(door, door.getByRole('link', { name: 'Check-in' }).last());
  await door.getByRole('status').getByText('Here: 1. Still expected: 4.').waitFor();
  await door.getByRole('searchbox').fill('stampf');
  const found = door.getByRole('listitem').filter({ hasText: 'Dov Stampfield' });
  await found.getByRole('button', { name: /^Is here/ }).click();
  await found.getByRole('button', { name: /^Undo/ }).waitFor();
  await door.getByRole('status').getByText('Here: 2. Still expected: 3.').waitFor();
  await settled(door); // a list that is being fetched again is pale
  await noOverflow(door);
  assert.deepEqual(await axe(door), []);

  // Each gets a certificate in their own language.
  await press(door, door.getByRole('link', { name: 'Certificates' }));
  const sheets = door.getByRole('article');
  assert.equal(await sheets.count(), 2);
  const arabic = sheets.filter({ hasText: amal.name });
  assert.deepEqual([await arabic.getAttribute('lang'), await arabic.getAttribute('dir')], ['ar', 'rtl']);
  await arabic.getByText(titleAr).waitFor();
  await noOverflow(door);
  await visitor.reload();
  await press(visitor, visitor.getByRole('link', { name: 'شهادة' }).first());
  await visitor.getByText(amal.name).first().waitFor();
  await noOverflow(visitor);
  await looker.goto(new URL(visitor.url()).pathname);
  assert.deepEqual(await axe(looker), []);
});
