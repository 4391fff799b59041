// The scripts at work in a browser, under the policy that the panel sends. A policy violation fails the test it happens in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './chromium.mjs';
import { messages, start } from './panel.mjs';

const fixture = (name) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
let browser, panel, page, wrong;

before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(async () => {
  panel = await start();
  page = await browser.newPage({ reducedMotion: 'reduce', viewport: { width: 1280, height: 900 } });
  wrong = [];
  page.on('pageerror', (e) => wrong.push(String(e)));
  page.on('console', (m) => m.type() === 'error' && !/status of (401|409|422|503)|ERR_EMPTY_RESPONSE|ERR_CONNECTION/.test(m.text()) && wrong.push(m.text()));
  page.setDefaultTimeout(8000);
});
afterEach(async () => {
  await page.close();
  panel.stop();
  assert.deepEqual(wrong, [], 'no script error and no policy violation');
});

const open = async (lang = 'en', body = '') => {
  panel.site.body = body;
  await page.goto(`${panel.url}/?lang=${lang}`);
  await page.locator('.doc').waitFor();
};
const stored = () => page.locator('#body').inputValue();
const live = (text) => page.waitForFunction((t) => document.getElementById('live').textContent.includes(t), text);
const order = () => page.locator('#list-sessions input[type=hidden]:enabled').evaluateAll((e) => e.map((i) => i.value).join(''));
const unsaved = () => page.locator('form[data-entry]').evaluate((f) => 'unsaved' in f.dataset);
/** A key that moves the caret: the editor hears of it a moment later, sooner than any hand presses the next key. */
const move = async (key) => {
  await page.keyboard.press(key);
  await page.evaluate(() => new Promise((r) => requestAnimationFrame(() => setTimeout(r, 20))));
};
/** A real paste event with the given clipboard. */
const paste = (html, text = '') =>
  page.evaluate(([h, t]) => {
    const data = new DataTransfer();
    data.setData('text/html', h);
    data.setData('text/plain', t);
    document.querySelector('.doc').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, [html, text]);

test('every message that a script asks for exists', () => {
  const sources = ['admin', 'editor'].map((n) => readFileSync(new URL(`../static/${n}.js`, import.meta.url), 'utf8')).join('');
  const unused = Object.keys(messages).filter((k) => !sources.includes(k) && !/^(paste|auto)_/.test(k));
  assert.deepEqual(unused, []);
  const src = ['autosave', 'commands', 'dialogs', 'editor', 'focal', 'form', 'library', 'list', 'picker', 'swap', 'textfields', 'toolbar', 'upload'].map((n) => readFileSync(new URL(`../src/${n}.ts`, import.meta.url), 'utf8')).join('');
  const asked = [...src.matchAll(/msg\('(\w+)'/g)].map((m) => m[1]);
  assert.ok(asked.length > 60);
  assert.deepEqual(asked.filter((k) => !(k in messages)), []);
});

test('plain text pasted: lists where it draws them, and a piece of a line as it stands', async () => {
  await open();
  await page.locator('.doc').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Bring');
  await paste('', ' more  keys');
  await page.keyboard.press('Enter');
  await paste('', 'now:\n\n1. archive\n2. safe\n   - both\n   - sets\n\nقائمة الآبار');
  assert.equal(await stored(), '<p>Bring more  keys</p><p>now:</p><ol><li>archive</li><li>safe<ul><li>both</li><li>sets</li></ul></li></ol><p dir="rtl">قائمة الآبار</p>');
});

test('the concept note pasted from Word becomes clean HTML, is reported, and one Undo takes it back', async () => {
  await open();
  await page.locator('.doc').click();
  await paste(fixture('concept-note-word.html'));
  const html = await stored();
  assert.match(html, /<h3>Background<\/h3>/);
  assert.match(html, /<ol><li>present national experience/);
  assert.match(html, /<ul><li><a href="https:\/\/example\.org\/rcpg\/trusted-registers\/2\/background">Background Papers<\/a><\/li>/);
  assert.match(html, /<thead><tr><th colspan="4" scope="colgroup">Second webinar – provisional programme – Thursday, 1 April 2027<\/th><\/tr><tr><th scope="col">Time \(New York\)<\/th>/);
  assert.match(html, /<td rowspan="5">20:40–21:25<\/td>/);
  assert.match(html, /consult them online<span data-footnote="Survey of land offices carried out[^"]+"><\/span>\. The paths/);
  assert.match(html, /<span lang="vi">Đặng Hữu Lộc<\/span>/);
  assert.doesNotMatch(html, /style|class|mso|fax|RA1|file:|onmouse|&nbsp;/i);
  const foot = page.locator('.rtefoot [role=status]');
  assert.equal(await foot.textContent(), 'Pasted from Word. Kept: headings: 11, lists: 7, tables: 1, footnotes: 1, and links: 14. Left out: comments: 1, pictures: 1, deleted passages of tracked changes: 1, and fonts and colours.');
  await page.locator('.rtefoot', { hasText: 'Footnotes: 1' }).waitFor();
  // what was stored, read again, is the same document
  await page.keyboard.press('Control+s');
  await page.locator('#saved', { hasText: 'Version 2' }).waitFor();
  assert.equal(panel.site.body, html);
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  assert.equal(await stored(), '');
  assert.equal(await foot.textContent(), '');
});

test('stored HTML comes back unchanged through the editor', async () => {
  const html =
    '<h2>One</h2><p dir="rtl">السجل <span lang="en" dir="ltr">ICT</span></p><ol start="3" type="a"><li>x<ul><li>y</li></ul></li><li><p>p</p><p>q</p></li></ol><blockquote><p>said</p></blockquote><table><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead><tbody><tr><th scope="row">1</th><td>2<br>3</td></tr></tbody></table><figure><img src="/media/a.jpg" alt="Map"><figcaption>A map</figcaption></figure><p lang="fr">Bonjour <a href="tel:+6620000000">+66 2 000 0000</a></p><p>H<sub>2</sub>O, <a href="/en/x" hreflang="fr"><strong><em>link</em></strong></a><span data-footnote="Note &quot;one&quot;"></span></p>';
  panel.site.body = '';
  await page.route('**/media/**', (r) => r.fulfill({ status: 200, contentType: 'image/gif', body: Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAA=', 'base64') }));
  await open('en', html);
  assert.equal(await stored(), html, 'untouched');
  await page.locator('.doc h2').click();
  await move('End');
  await page.keyboard.type('!');
  assert.equal(await stored(), html.replace('One', 'One!'));
});

test('the editor by keyboard: toolbar, list, link, footnote, table', async () => {
  await open();
  await page.getByText('Background', { exact: true }).click();
  await page.keyboard.type('Read this');
  await move('Shift+Home');
  await page.keyboard.press('Alt+F10');
  await page.waitForFunction(() => document.activeElement.getAttribute('aria-label') === 'Text style');
  await move('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Bold');
  await page.keyboard.press('Enter');
  assert.equal(await stored(), '<p><strong>Read this</strong></p>');
  await page.keyboard.press('Control+b');
  await page.keyboard.press('Control+k');
  await page.getByLabel('Address').fill('javascript:alert(1)');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('dialog').getByText('Enter an address that starts').isVisible(), true);
  await page.getByLabel('Address').fill('example.org/x');
  await page.keyboard.press('Enter');
  await page.locator('dialog.dlg').waitFor({ state: 'detached' });
  assert.equal(await stored(), '<p><a href="https://example.org/x">Read this</a></p>');
  await move('End');
  await page.getByRole('button', { name: 'Footnote' }).click();
  await page.getByLabel('Words of the note').fill('First note');
  await page.keyboard.press('Control+Enter');
  await page.locator('dialog.dlg').waitFor({ state: 'detached' });
  assert.equal(await stored(), '<p><a href="https://example.org/x">Read this</a><span data-footnote="First note"></span></p>');
  // reached and opened by keys
  await move('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.getByLabel('Words of the note').fill('Better note');
  await page.keyboard.press('Control+Enter');
  await page.locator('dialog.dlg').waitFor({ state: 'detached' });
  assert.match(await stored(), /data-footnote="Better note"/);
  await move('ArrowRight');
  await page.keyboard.press('Enter');
  await page.keyboard.type('1. one');
  await page.keyboard.press('Enter');
  await page.keyboard.type('two');
  await move('Home');
  await page.keyboard.press('Tab');
  assert.match(await stored(), /<ol><li>one<ol><li>two<\/li><\/ol><\/li><\/ol>$/);
  await move('Control+End');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Insert a table' }).click();
  await page.keyboard.type('Day');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Place');
  await page.getByRole('button', { name: 'Delete the column' }).click();
  assert.match(await stored(), /<table><thead><tr><th scope="col">Day<\/th><th scope="col"><\/th><\/tr><\/thead>/);
  assert.equal(await page.getByRole('button', { name: 'Add a row below' }).isVisible(), true);
});

test('the editor is named and described like its field', async () => {
  await open();
  const doc = page.getByRole('textbox', { name: 'Background' });
  assert.equal(await doc.getAttribute('aria-multiline'), 'true');
  assert.equal(await doc.getAttribute('lang'), 'en');
  assert.equal(await doc.getAttribute('dir'), 'ltr');
  assert.equal(await page.locator('#body').isHidden(), true);
});

test('right to left: the caret moves by one through bold, italic and Latin words; the toolbar is mirrored', async () => {
  await open('ar', '<p>تهدف <strong>الندوة</strong> إلى <em>تبادل</em> الخبرات (<span lang="en" dir="ltr">ICT</span>) بين البلدان</p>');
  const doc = page.locator('.doc');
  assert.equal(await doc.getAttribute('dir'), 'rtl');
  await doc.click();
  await move('Control+Home');
  const at = () =>
    page.evaluate(() => {
      const s = getSelection();
      const r = document.createRange();
      r.setStart(document.querySelector('.doc p'), 0);
      r.setEnd(s.focusNode, s.focusOffset);
      return r.toString().length;
    });
  const whole = 'تهدف الندوة إلى تبادل الخبرات (ICT) بين البلدان';
  const seen = [await at()];
  for (let i = 0; i < whole.length; i++) {
    await move('ArrowLeft');
    seen.push(await at());
  }
  // Inside "ICT" the caret goes the other way on the line, as in every editor: each place is visited, none is stuck.
  assert.deepEqual([...seen].sort((a, b) => a - b), [...Array(whole.length + 1).keys()]);
  for (let i = 1; i < seen.length; i++) assert.notEqual(seen[i], seen[i - 1]);
  await page.keyboard.press('Alt+F10');
  await page.waitForFunction(() => document.activeElement.getAttribute('aria-label') === 'Text style');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Bold');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Left-to-right paragraph' }).click();
  assert.match(await stored(), /^<p dir="ltr">/);
});

test('reordering by keyboard, by button and by pointer, announced, focus kept', async () => {
  await open();
  await page.getByRole('button', { name: 'Reorder: Panel' }).focus();
  await page.keyboard.press('Alt+ArrowUp');
  assert.equal(await order(), 'bacd');
  await live('Panel: moved to position 1 of 4');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Reorder: Panel');
  assert.equal(await unsaved(), true);
  await page.getByRole('button', { name: 'Move down: Panel' }).click();
  assert.equal(await order(), 'abcd');
  await page.locator('[name="sessions.d.title"]').focus();
  await page.keyboard.press('Alt+ArrowUp');
  assert.equal(await order(), 'abdc');
  const grip = await page.getByRole('button', { name: 'Reorder: Opening' }).boundingBox();
  const last = await page.locator('#item-sessions\\.c').boundingBox();
  await page.mouse.move(grip.x + 5, grip.y + 5);
  await page.mouse.down();
  await page.mouse.move(grip.x + 5, last.y + last.height - 4, { steps: 5 });
  assert.equal(await page.locator('.drop-after').count(), 1);
  await page.mouse.up();
  assert.equal(await order(), 'bdca');
  await page.keyboard.press('Control+s');
  await page.locator('#saved', { hasText: 'Version 2' }).waitFor();
  assert.deepEqual(panel.site.order, ['b', 'd', 'c', 'a']);
  assert.equal(await unsaved(), false);
});

test('reordering by touch', async () => {
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' });
  const phone = await context.newPage();
  await phone.goto(panel.url);
  await phone.locator('html.js').waitFor();
  await phone.locator('#list-sessions').scrollIntoViewIfNeeded();
  const grip = await phone.getByRole('button', { name: 'Reorder: Opening' }).boundingBox();
  const to = await phone.locator('#item-sessions\\.b').boundingBox();
  const client = await context.newCDPSession(phone);
  const touch = (type, y) => client.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: grip.x + 8, y }] });
  await touch('touchStart', grip.y + 8);
  for (let i = 1; i <= 5; i++) await touch('touchMove', grip.y + 8 + ((to.y + to.height - 4 - grip.y - 8) * i) / 5);
  await touch('touchEnd');
  await phone.waitForFunction(() => [...document.querySelectorAll('#list-sessions input[type=hidden]')].map((i) => i.value).join('') === 'bacd');
  await context.close();
});

test('removing an item and taking it back', async () => {
  await open();
  await page.getByRole('button', { name: 'Remove: Discussion' }).click();
  assert.equal(await order(), 'abd');
  const row = page.locator('li.undo');
  assert.match(await row.textContent(), /Removed: Discussion/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Undo');
  await page.keyboard.press('Enter');
  assert.equal(await order(), 'abcd');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Remove: Discussion');
  await page.getByRole('button', { name: 'Remove: Discussion' }).click();
  await page.keyboard.press('Control+s');
  await page.locator('#saved', { hasText: 'Version 2' }).waitFor();
  assert.deepEqual(panel.site.order, ['a', 'b', 'd']);
});

test('adding an item swaps the list, goes to its first field, and keeps what is typed meanwhile', async () => {
  await open();
  await page.locator('[name=title]').fill('Typed before');
  await page.locator('#item-sessions\\.b summary').click();
  panel.site.slow = 400;
  await page.getByRole('button', { name: 'Add item' }).click();
  assert.equal(await page.locator('#list-sessions').getAttribute('aria-busy'), 'true');
  await page.locator('[name="sessions.a.title"]').fill('Typed meanwhile');
  await page.locator('#list-sessions > li:nth-child(5)').waitFor();
  assert.equal(await page.locator('[name="sessions.a.title"]').inputValue(), 'Typed meanwhile');
  assert.match(await page.evaluate(() => document.activeElement.name), /^sessions\.n\d+\.title$/);
  assert.equal(await page.locator('[name=title]').inputValue(), 'Typed before');
  assert.equal(await unsaved(), true);
  await live('Item added');
  assert.deepEqual(await page.locator('#list-sessions details').evaluateAll((all) => all.slice(0, 4).map((d) => d.open)), [false, true, false, false]);
  // a list that came by swapping works like the first
  await page.keyboard.press('Alt+ArrowUp');
  assert.match(await order(), /^abcn\d+d$/);
});

test('a refused save shows the problem, a lost connection loses nothing, leaving asks', async () => {
  await open();
  await page.locator('[name=title]').fill('bad');
  await page.keyboard.press('Control+s');
  await page.getByText('The title is bad.').first().waitFor();
  assert.match(await page.evaluate(() => document.activeElement.textContent), /The title is bad/);
  assert.match(await page.title(), /^Error: /);
  await live('The title is bad.');
  assert.equal(await unsaved(), true);
  await page.locator('[name=title]').fill('good');
  await page.locator('#hangup').click();
  await page.locator('#hangup + .swap-err').waitFor();
  assert.equal(await page.locator('#hangup + .swap-err').textContent(), messages.swap_network);
  assert.equal(await page.locator('[name=title]').inputValue(), 'good');
  const asked = page.waitForEvent('dialog');
  page.once('dialog', (d) => d.dismiss());
  await page.getByRole('link', { name: 'Elsewhere' }).click({ noWaitAfter: true });
  assert.equal((await asked).type(), 'beforeunload');
  await page.keyboard.press('Control+s');
  await page.locator('#saved', { hasText: 'Version 2' }).waitFor();
  assert.equal(await page.locator('#version').inputValue(), '2');
  assert.equal(panel.site.title, 'good');
  // Ctrl+Enter is the primary button, and leaves without asking
  await page.locator('[name=title]').fill('better');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('heading', { name: 'Elsewhere' }).waitFor();
  assert.equal(panel.site.title, 'better');
});

test('a list filtered by a form or a link is replaced in place and has its own address', async () => {
  await open();
  await page.evaluate(() => {
    const f = document.createElement('form');
    f.method = 'get';
    f.dataset.swap = '#list-sessions';
    const q = Object.assign(document.createElement('input'), { name: 'q' });
    q.setAttribute('aria-label', 'Filter');
    const a = Object.assign(document.createElement('a'), { href: '/?lang=en&sort=title', textContent: 'Sort' });
    a.dataset.swap = '#list-sessions';
    f.append(q, a);
    document.querySelector('main').append(f);
    window.same = true;
  });
  await page.getByLabel('Filter').fill('x');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/?q=x');
  await page.getByRole('link', { name: 'Sort' }).click();
  await page.waitForURL('**/?lang=en&sort=title');
  assert.equal(await page.evaluate(() => window.same), true);
  await page.goBack();
  await page.waitForURL('**/?q=x');
  await page.waitForFunction(() => !window.same);
});

test('signed out meanwhile: nothing is lost, and the way to sign in opens beside', async () => {
  await open();
  await page.locator('[name=title]').fill('Kept');
  panel.site.signedOut = 401;
  await page.keyboard.press('Control+s');
  await live(messages.swap_signed_out);
  assert.equal(await page.locator('[name=title]').inputValue(), 'Kept');
  assert.equal(await unsaved(), true);
  panel.site.signedOut = 303;
  await page.keyboard.press('Control+s');
  const link = page.getByRole('link', { name: 'Sign in' });
  await link.waitFor();
  assert.match(await link.getAttribute('href'), /\/door$/);
  assert.equal(await link.getAttribute('target'), '_blank');
  assert.equal(await page.locator('[name=title]').inputValue(), 'Kept');
});

test('Enter in a text field does not press the first button of the form', async () => {
  await open();
  await page.locator('[name=title]').focus();
  await page.keyboard.press('Enter');
  await page.waitForTimeout(200);
  assert.deepEqual(panel.site.posted, []);
});

test('picker: search, choose, create, remove, reorder by keys', async () => {
  await open();
  const input = page.getByRole('combobox', { name: 'Topics' });
  assert.equal(await page.getByRole('button', { name: 'Find' }).isHidden(), true);
  const chips = () => page.locator('.chip input').evaluateAll((e) => e.map((i) => i.value).join(' '));
  await input.pressSequentially('he');
  await page.getByRole('option', { name: 'Heritage' }).waitFor();
  await live('Results: 2');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await input.getAttribute('aria-activedescendant'), 'o-t2');
  await page.keyboard.press('Enter');
  assert.equal(await chips(), 't1 t2');
  await live('Added: Heritage');
  await input.pressSequentially('Water');
  await page.getByRole('option', { name: 'Create “Water”' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Water', { exact: true }).waitFor();
  assert.equal(await chips(), 't1 t2 new');
  await page.getByRole('button', { name: 'Remove: Water' }).focus();
  await page.keyboard.press('Alt+ArrowLeft');
  assert.equal(await chips(), 't1 new t2');
  await input.focus();
  await page.keyboard.press('Backspace');
  assert.equal(await chips(), 't1 new');
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('listbox').count(), 0);
});

test('a moderator handles ten posts by keyboard', async () => {
  await page.goto(`${panel.url}/queue`);
  await page.locator('[data-keys]').waitFor();
  const here = () => page.evaluate(() => document.activeElement.id);
  for (const [key, want] of [['j', 0], ['j', 1], ['j', 2], ['k', 1], ['k', 0], ['k', 0]]) {
    await page.keyboard.press(key);
    assert.equal(await here(), `post-${want}`);
  }
  await page.keyboard.press('x');
  assert.ok(await page.locator('input[value="0"]').isChecked());
  await page.locator('[name="reason.0"]').pressSequentially('haj'); // what is typed into a field decides nothing
  await page.locator('#post-0').focus();
  await page.keyboard.press('Control+a'); // nor does a browser's own key
  await page.keyboard.press('u'); // nor a key that this post has no button for
  assert.deepEqual(panel.site.decided, []);
  await page.locator('#post-1').focus();
  await page.keyboard.press('h'); // the one that takes its place has the focus then
  await page.locator('#post-1').waitFor({ state: 'detached' });
  assert.equal(await here(), 'post-2');
  await page.keyboard.press('k');
  for (const i of [0, 2, 3, 4, 5, 6, 7, 8, 9]) {
    assert.equal(await here(), `post-${i}`);
    await page.keyboard.press(i % 3 ? 'a' : 'h');
    await page.locator(`#post-${i}`).waitFor({ state: 'detached' });
  }
  assert.deepEqual(panel.site.decided, ['hide 1', ...[0, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `${i % 3 ? 'approve' : 'hide'} ${i}`)]);
});

test('dates: echo in words, a zone picked, the calendar writes back', async () => {
  await open();
  await page.getByLabel('Starts on').fill('2 July 2026');
  await page.getByText('You mean 2 July 2026 in America/New_York').waitFor();
  const zone = page.getByRole('combobox', { name: 'Time zone' });
  await zone.fill('ho');
  await page.getByRole('option', { name: 'Housing' }).click();
  await page.getByText('You mean 2 July 2026 in t3').waitFor();
  assert.equal(await zone.inputValue(), 'Housing');
  await zone.fill('nonsense');
  await page.getByLabel('Starts on').focus();
  await page.waitForTimeout(400);
  assert.equal(await zone.inputValue(), 'nonsense', 'what is typed and not chosen is for the server to name');
  await page.getByRole('button', { name: 'Calendar' }).click();
  await page.locator('input.native-date').evaluate((i) => {
    i.value = '2026-08-09';
    i.dispatchEvent(new Event('change', { bubbles: true }));
  });
  assert.equal(await page.getByLabel('Starts on').inputValue(), '2026-08-09');
  await page.getByText('You mean 2026-08-09 in t3').waitFor();
});

test('uploads: sent one by one, a refusal can be tried again, wrong kinds are not sent', async () => {
  await open();
  const file = (name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await page.getByLabel('Choose files').setInputFiles([file('one.txt'), file('virus.txt'), file('two.txt'), file('x.exe')]);
  await page.locator('#list-files', { hasText: 'two.txt' }).waitFor();
  assert.deepEqual(panel.site.uploads, ['one.txt', 'two.txt']);
  await page.locator('.uploads').getByText('This file is not what its name says.').waitFor();
  await page.locator('.uploads').getByText(messages.upload_type).waitFor();
  await live('Files uploaded: 2');
  await page.getByRole('button', { name: 'Try again: virus.txt' }).click();
  await page.locator('.uploads').getByText('This file is not what its name says.').waitFor();
  await page.getByRole('button', { name: 'Cancel: virus.txt' }).click();
  await page.getByRole('button', { name: 'Cancel: x.exe' }).click();
  assert.equal(await page.locator('.uploads').isHidden(), true);
});

test('uploads in pieces: over a network that breaks, and after a reload, every byte arrives once', async () => {
  const bytes = Buffer.alloc(1_700_000, 'words of a long film ');
  const film = { name: 'film.txt', mimeType: 'text/plain', buffer: bytes };
  const choose = async () => {
    await open();
    await page.locator('[data-upload]').evaluate((d) => (d.dataset.pieces = '/pieces'));
    await page.getByLabel('Choose files').setInputFiles(film);
  };
  panel.site.cuts = 1;
  await choose();
  await page.locator('.uploads').getByText(messages.upload_offline).waitFor();
  await page.locator('#list-files', { hasText: 'film.txt' }).waitFor();
  assert.equal(panel.site.pieces.body.compare(bytes), 0);
  assert.ok(panel.site.pieces.sent > 2, 'it came in pieces');
  // The page is left while the network is away; the same file chosen again goes on.
  panel.site.pieces = null;
  panel.site.cuts = 1;
  await choose();
  await page.locator('.uploads').getByText(messages.upload_offline).waitFor();
  const came = panel.site.pieces.body.length;
  assert.ok(came > 0);
  const known = panel.site.pieces.print;
  await page.goto('about:blank');
  await open();
  await page.locator('[data-upload]').evaluate((d) => (d.dataset.pieces = '/pieces'));
  await page.locator('[data-upload] input[type=file]').evaluate((i, [text, at]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'film.txt', { type: 'text/plain', lastModified: at }));
    i.files = transfer.files;
    i.dispatchEvent(new Event('change', { bubbles: true }));
  }, [bytes.toString(), +known.split('-')[0]]);
  await page.locator('#list-files', { hasText: 'film.txt' }).waitFor();
  assert.equal(panel.site.pieces.print, known);
  assert.equal(panel.site.pieces.body.compare(bytes), 0);
  // Cancelled: the server lets go of it.
  panel.site.pieces = null;
  panel.site.cuts = 9;
  await choose();
  await page.locator('.uploads').getByText(messages.upload_offline).waitFor();
  await page.getByRole('button', { name: 'Cancel: film.txt' }).click();
  for (let i = 0; i < 50 && panel.site.pieces; i++) await new Promise((r) => setTimeout(r, 50));
  assert.equal(panel.site.pieces, null);
  panel.site.cuts = 0;
});

test('focal point by arrow keys and click, also in a right-to-left page', async () => {
  await open('ar');
  await page.locator('.focal').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('[name="cover.focus_x"]').inputValue(), '60');
  const box = await page.locator('.pic').boundingBox();
  await page.locator('.pic').click({ position: { x: box.width * 0.25, y: box.height * 0.75 } });
  assert.equal(await page.locator('[name="cover.focus_x"]').inputValue(), '25');
  assert.equal(await page.locator('[name="cover.focus_y"]').inputValue(), '75');
});

test('counter, palette, menu', async () => {
  await open();
  await page.getByLabel('Title', { exact: false }).first().fill('e\u0301a');
  assert.equal(await page.locator('#title-n').textContent(), '2 of 20 characters');
  await page.keyboard.press('Control+s');
  await page.locator('#saved', { hasText: 'Version 2' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: 'Health' }).waitFor();
  await page.keyboard.type('hou');
  await page.keyboard.press('Enter'); // before the options of "hou" are there
  await page.waitForURL('**/other?t3');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(panel.url);
  const menu = page.getByRole('button', { name: 'Menu' });
  await menu.click();
  assert.equal(await menu.getAttribute('aria-expanded'), 'true');
  assert.equal(await page.getByRole('link', { name: 'Elsewhere' }).isVisible(), true);
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('link', { name: 'Elsewhere' }).isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.className), 'ib mtog');
});
