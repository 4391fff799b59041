// Someone of a partner organization works on what is hers, and neither sees nor touches anything else, by whichever way
// she comes: lists, search, pickers, pages, forms made by hand.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open } from './harness.mjs';
import { signInAs, begin, save, add, settled, stored, prose, unique, get } from './panel.mjs';

const { page: editor, newContext } = await open();
const partner = await (await newContext()).newPage();
await signInAs(editor, 'editor');
await signInAs(partner, 'partner-salan');

// send makes the browser send a form that no page has, with the partner's session.
async function send(path, form) {
  if (!partner.url().includes('/admin')) await partner.goto('/admin');
  return partner.evaluate(async ([to, pairs]) => {
    const res = await fetch(to, pairs ? { method: 'POST', body: new URLSearchParams(pairs) } : {});
    return { status: res.status, text: await res.text(), path: new URL(res.url).pathname };
  }, [path, form && Object.entries(form)]);
}

// notices are what an answered page says at its top.
const notices = (html) => [...html.matchAll(/<div class="notice[^>]*>.*?<p>(.*?)<\/p>/gs)].map(([, p]) => p).join(' ');

test('what is not hers', async (t) => {
  const title = unique('Budget of the office');
  const path = await begin(editor, 'events', title);
  const summary = editor.locator('[name="summary@en"]');
  await summary.fill('Only for the office.');
  await add(editor, 'sessions', { title: 'An inner session' });
  await save(editor);
  const id = path.split('/').pop();
  const seen = async () => {
    await editor.goto(path);
    return { title: await editor.locator('.titlein').inputValue(), summary: await summary.inputValue(), state: await editor.locator('#publishing .tag').first().innerText() };
  };
  const before = await seen();

  await t.test('is in no list, search or picker', async () => {
    const word = title.split(' ').pop();
    for (const list of [`/admin/events?q=${word}`, `/admin/entries?q=${word}`, `/admin/entries?state=draft`, '/admin']) {
      await partner.goto(list);
      assert.ok(!(await partner.locator('body').innerText()).includes(title), list);
    }
    for (const way of [`/admin/palette?q=${word}`, `/admin/pick?of=event&q=${word}`]) {
      const { status, text } = await send(way);
      assert.equal(status, 200, way);
      assert.ok(!text.includes(id) && !text.includes(`>${title}<`), way);
    }
    await partner.goto('/admin');
    await partner.keyboard.press('Control+k');
    await partner.keyboard.type(word);
    await partner.getByRole('option', { name: 'Nothing found' }).waitFor();
  });

  await t.test('has no page for her', async () => {
    for (const p of ['', '?lang=fr', '/history', '/history/en/1', '/delete', '/unpublish?lang=en', '/clone', '/clone?edition=1']) {
      const res = await partner.goto(path + p);
      assert.equal(res.status(), 404, p);
      assert.ok(!(await partner.content()).includes(title), p);
    }
  });

  await t.test('takes no form of hers', async () => {
    for (const [to, form] of [
      [path, { op: 'save', 'title@en': 'Taken over', 'base:en': '1' }],
      [path, { op: 'publish', 'publish:shown': '1', 'publish:facts': '1', 'publish:lang': 'en' }],
      [path, { op: 'add sessions', sessions: '' }],
      [`${path}?lang=fr`, { op: 'save', 'title@fr': 'Le budget' }],
      [`${path}/delete`, {}], [`${path}/restore`, {}], [`${path}/unpublish?lang=en`, {}], [`${path}/history/en/1`, {}],
      [`${path}/clone`, { 'when:start_date': '1 July 2027', part: 'texts', office: '' }],
    ]) {
      const { status, text } = await send(to, form);
      assert.equal(status, 404, `${to} ${JSON.stringify(form)}`);
      assert.ok(!text.includes(title), to);
    }
    for (const op of ['publish', 'delete', 'unpublish']) {
      const { text } = await send('/admin/events', { op, id, back: '/admin/events' });
      assert.ok(!text.includes(title), op);
    }
    const { status, text } = await send('/admin/trash', { id });
    assert.ok(status >= 400 && !text.includes(title), 'trash');
    assert.deepEqual(await seen(), before, 'nothing has changed');
  });

  await t.test('cannot be referred to', async () => {
    const own = await begin(partner, 'news', unique('About a budget'));
    const { status, text } = await send(own, { op: 'save', event: id });
    assert.equal(status, 422);
    assert.ok(!text.includes(title));
  });

  await t.test('neither can its files', async () => {
    await editor.goto('/admin/media');
    await editor.locator('input[type=file]').setInputFiles({ name: 'budget.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
    await settled(editor);
    const refused = editor.locator('.uploads .err');
    const card = editor.locator('#files a').filter({ hasText: 'budget' });
    await card.or(refused).first().waitFor();
    if (await refused.count()) {
      // Tables are no type of file that is taken: a picture is.
      await editor.locator('input[type=file]').setInputFiles({ name: 'budget.png', mimeType: 'image/png', buffer: await editor.screenshot({ clip: { x: 0, y: 0, width: 60, height: 40 } }) });
      await card.first().waitFor();
    }
    const file = await card.first().getAttribute('href');
    assert.equal((await partner.goto(file)).status(), 404);
    for (const [to, form] of [[file, { op: 'rename', name: 'mine.png' }], [`${file}/delete`, {}]]) assert.equal((await send(to, form)).status, 404, to);
    assert.ok(!(await send('/admin/pick?of=file&q=budget')).text.includes(file.split('/').pop()));
  });

  await t.test('nor what only some may do', async () => {
    for (const p of ['/admin/users', '/admin/settings', '/admin/log']) {
      assert.equal((await partner.goto(p)).status(), 403, p);
      assert.equal((await send(p, { op: 'add', email: 'x@example.org', name: 'X' })).status, p === '/admin/log' ? 405 : 403, p);
    }
  });
});

test('what is hers', async () => {
  const title = unique('News of the network');
  const path = await begin(partner, 'news', title);
  await partner.getByLabel(/^Summary/).fill('The network has a new page.');
  await partner.getByLabel(/^Type/).first().selectOption('news');
  await partner.locator('[name="date"]').fill('2 June 2026');
  await prose(partner, 'body@en').click();
  await partner.keyboard.type('Look at it.');
  await save(partner);
  await partner.goto(`/admin/news?q=${title.split(' ').pop()}`);
  await partner.getByRole('link', { name: title }).click();
  await partner.waitForURL(`**${path}*`);
  assert.equal(await partner.getByLabel(/^Summary/).inputValue(), 'The network has a new page.');
  assert.match(await partner.locator('#publishing').innerText(), /Southeast Asian Land Administration Network/, 'it belongs to her organization');

  // She cannot publish, by button or by form; what she sent with it is saved.
  assert.equal(await partner.getByRole('button', { name: /Publish/ }).count(), 0);
  assert.match(await partner.locator('#publishing').innerText(), /Your account may not publish this/);
  await partner.goto(path);
  const whole = Object.fromEntries(await partner.locator('#form').evaluate((f) => [...new FormData(f)]));
  const forged = await send(path, { ...whole, op: 'publish', 'publish:shown': '1', 'publish:facts': '1', 'publish:lang': 'en', 'summary@en': 'Sent by hand.' });
  assert.equal(forged.status, 403);
  assert.match(notices(forged.text), /Saved, but not published: your account may not publish this/);
  await partner.goto(path);
  assert.equal(await partner.getByLabel(/^Summary/).inputValue(), 'Sent by hand.');
  assert.equal(await partner.locator('#publishing .tag').first().innerText(), 'Draft');
  const { text: bulk } = await send('/admin/news', { op: 'publish', id: path.split('/').pop(), back: '/admin/news' });
  assert.ok(/Done: 0 of 1/.test(bulk));
  assert.ok(!(await get('/en/news')).text.includes(title));

  // Nor can she begin something in the name of another office.
  const foreign = await send('/admin/news/new', { lang: 'en', office: '', 'title@en': unique('In the name of the site') });
  assert.equal(foreign.status, 403);
});

test('an event she has a part in: the words of other languages, and nothing else', async () => {
  await partner.goto('/admin/events?q=Opening+the+Register');
  await partner.getByRole('link', { name: /^Opening the Register/ }).first().click();
  await partner.waitForURL(/\/admin\/events\/\w+/);
  const path = new URL(partner.url()).pathname;
  assert.ok(await partner.locator('.titlein').isDisabled(), 'the original is not hers');
  assert.ok(await partner.locator('[name="when:start_date"]').isDisabled());
  const was = await partner.locator('.titlein').inputValue();
  const forged = await send(path, { op: 'save', 'title@en': 'Renamed by a partner', scope: 'global' });
  assert.equal(forged.status, 403);
  assert.match(notices(forged.text), /your account may not change all/);

  await partner.goto(`${path}?lang=sw`);
  assert.ok(await partner.locator('[name="when:start_date"]').isDisabled());
  assert.match(await partner.locator('#src-title\\@sw').innerText(), /Opening the Register/, 'the original stands beside it');
  const words = unique('Kufungua daftari');
  await partner.locator('.titlein').fill(words);
  await save(partner);
  await stored(partner);
  await editor.goto(`${path}?lang=sw`);
  assert.equal(await editor.locator('.titlein').inputValue(), words);
  await editor.goto(path);
  assert.equal(await editor.locator('.titlein').inputValue(), was);
});
