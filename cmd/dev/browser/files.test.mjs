// Pictures and documents: sent with progress, seen by the public only when something public uses them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { open } from './harness.mjs';
import { signInAs, begin, save, add, pick, settled, announced, publish, publicPath, prose, unique, get } from './panel.mjs';

const { page, newContext } = await open();
const visitor = await (await newContext()).newPage();
await signInAs(page, 'editor');

const sample = (name) => readFileSync(new URL(`../../../internal/demo/files/${name}`, import.meta.url));
const map = { name: `${unique('map').replace(' ', '-')}.png`, mimeType: 'image/png', buffer: sample('parcels-16x9.png') };
const english = { name: `${unique('paper').replace(' ', '-')}-en.pdf`, mimeType: 'application/pdf', buffer: sample('background-paper-en.pdf') };
const arabic = { name: `${unique('paper').replace(' ', '-')}-ar.pdf`, mimeType: 'application/pdf', buffer: sample('background-paper-summary-ar.pdf') };

const card = (file) => page.locator('#files .mcard').filter({ hasText: file.name });

// openMap opens the page of the picture when its smaller forms are made: that goes on after the upload, one at a time.
async function openMap() {
  await page.goto(`/admin/media?q=${map.name}`);
  for (let i = 0; i < 120 && await card(map).getByText('Being prepared').count(); i++) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  await card(map).getByRole('link').click();
  await page.waitForURL('**/admin/media/*');
}

// slowly limits what the browser may send per second, so that there is progress to be seen.
async function slowly(bytes) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
  return () => session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
}

test('several files at once, with progress; a wrong one is named and the others go on', async () => {
  await page.goto('/admin/media');
  const full = await slowly(150_000);
  await page.evaluate(() => {
    globalThis.seen = [];
    const watch = () => {
      for (const bar of document.querySelectorAll('.uploads progress')) if (bar.value > 0 && bar.value < bar.max) globalThis.seen.push(bar.parentElement.textContent);
      requestAnimationFrame(watch);
    };
    watch();
  });
  const wrong = { name: 'empty.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) };
  await page.locator('input[type=file]').setInputFiles([map, wrong, english, arabic]);
  assert.ok(await page.getByRole('progressbar').count() >= 3);
  for (const file of [map, english, arabic]) await card(file).waitFor();
  await full();
  const progress = await page.evaluate(() => globalThis.seen);
  assert.ok(progress.some((s) => /map-.*\d+ kB of \d+ kB/.test(s)), `progress is told: ${progress.slice(0, 2)}`);
  await announced(page, /Files uploaded: 3/);
  const refused = page.locator('.uploads li');
  assert.equal(await refused.count(), 1);
  assert.match(await refused.innerText(), /empty\.pdf\s+The file is empty/);
  await refused.getByRole('button', { name: 'Cancel: empty.pdf' }).click();
  assert.match(await card(english).innerText(), /PDF · 71\sKB · 3 pages/);
});

test('the focal point by keys', async () => {
  await openMap();
  const dot = page.getByRole('button', { name: 'Focal point', exact: true });
  await dot.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowRight', 'ArrowUp']) await page.keyboard.press(key);
  await announced(page, /Focal point: 64 % from the left, 48 % from the top/);
  const box = await dot.boundingBox();
  const pic = await page.locator('.pic.whole').boundingBox();
  assert.ok(Math.abs((box.x + box.width / 2 - pic.x) / pic.width - 0.64) < 0.02, 'the point is where the numbers say');
  await page.getByRole('button', { name: 'Save the focal point' }).click();
  await page.getByText('The file is saved.').waitFor();
  assert.deepEqual([await page.locator('[name=focus_x]').inputValue(), await page.locator('[name=focus_y]').inputValue()], ['64', '48']);
});

test('a picture on a page, and nowhere before', async () => {
  await begin(page, 'news', unique('With a picture'));
  await page.getByLabel(/^Summary/).fill('A news item with a picture.');
  await page.getByLabel(/^Type/).first().selectOption('news');
  await page.locator('[name="date"]').fill('today');
  await prose(page, 'body@en').click();
  await page.keyboard.type('Look at the map.');
  const field = page.locator('[id="pick-image.file"]');
  await pick(field, map.name);
  await field.locator('.filechip, .chip').filter({ hasText: map.name }).waitFor();
  await save(page);
  const stop = page.locator('#publishing .stop');
  assert.match(await stop.allInnerTexts().then((all) => all.join(' ')), /alternative text/i, 'a picture needs its words');
  await page.locator('[name="image.alt@en"]').fill('Plots of land from above');
  await save(page);
  assert.equal(await stop.count(), 0);

  const entry = page.url();
  await openMap();
  await page.goto(entry);

  // As long as nothing public uses it, the file is not public either.
  const id = await page.locator('input[name="image.file"]').last().inputValue();
  const guesses = [`/media/${id}/16x9-640.jpg`, `/media/${id}/640.jpg`, `/media/${id}/${map.name}`];
  for (const guess of guesses) assert.equal((await get(guess)).status, 404, guess);
  for (const guess of [`/admin/media/${id}`, `/admin/media/${id}/${map.name}`]) assert.match(String((await get(guess)).status), /303|401/, guess);

  await publish(page);
  const live = await publicPath(page, 'en');
  await visitor.goto(live);
  const img = visitor.locator('figure.pic img');
  await img.scrollIntoViewIfNeeded();
  assert.equal(await img.getAttribute('alt'), 'Plots of land from above');
  assert.ok(await img.evaluate((i) => i.decode().then(() => i.naturalWidth > 300)), 'it is drawn');
  // Browsers that know no WebP get one JPEG; the others choose a width.
  const sources = [`${await img.getAttribute('src')} ${await img.getAttribute('width')}w`, ...(await visitor.locator('figure.pic source[type="image/webp"]').getAttribute('srcset')).split(', ')];
  assert.equal(sources.length, 5, 'one JPEG and four widths of WebP');
  for (const source of sources) {
    const [url, width] = source.split(' ');
    const res = await fetch(new URL(url, visitor.url()));
    assert.equal(res.status, 200, url);
    assert.match(res.headers.get('content-type'), url.includes('.webp') ? /image\/webp/ : /image\/jpeg/);
    assert.match(width, /^\d+w$/);
  }

  // Taken back, the picture goes with it.
  await page.getByRole('link', { name: 'Take back the English version' }).click();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByText('Taken back from the public.').waitFor();
  assert.equal((await get(live)).status, 404);
  for (const source of sources) assert.equal((await get(source.split(' ')[0])).status, 404, source);
});

test('a document in two languages', async () => {
  await begin(page, 'documents', unique('Background paper'));
  await page.getByLabel(/^Type/).first().selectOption('background_document');
  await page.getByLabel(/^Who may read it/).selectOption('public');
  const version = await add(page, 'versions', { stage: 'final' });
  const id = await version.getAttribute('data-item');
  const files = `versions.${id}.files`;

  // The English one is taken from the library, the Arabic one sent from here.
  const first = await add(page, files);
  await pick(first.locator('[id$=".language"].f'), 'English');
  await pick(first.locator('[id$=".file"].f'), english.name);
  const second = await add(page, files);
  await pick(second.locator('[id$=".language"].f'), 'Arabic');
  await second.locator('input[type=file]').setInputFiles(arabic);
  await second.locator('.filechip').filter({ hasText: arabic.name }).waitFor();
  assert.match(await second.locator('.filechip').innerText(), /2 pages/);
  await save(page);
  const originals = await page.locator(`input[name^="${files}."][name$=".file"]`).evaluateAll((all) => all.map((i) => i.value).filter(Boolean));
  assert.equal(originals.length, 2);
  await settled(page);
  for (const f of originals) assert.equal((await get(`/media/${f}/${english.name}`)).status, 404);

  await publish(page);
  await visitor.goto(await publicPath(page, 'en'));
  const list = visitor.locator('main').getByRole('link', { name: /PDF/ });
  assert.deepEqual((await list.allInnerTexts()).map((s) => s.replace(/\s+/g, ' ').trim()).sort(), ['Final English PDF, 71 KB, 3 pages', 'Final عربي PDF, 93 KB, 2 pages'].sort());
  for (const [lang, size] of [['en', english.buffer.length], ['ar', arabic.buffer.length]]) {
    const a = visitor.locator(`main a[hreflang="${lang}"][href*="/media/"]`).first();
    const res = await fetch(new URL(await a.getAttribute('href'), visitor.url()));
    assert.equal(res.status, 200);
    assert.equal(res.headers.get('content-type'), 'application/pdf');
    assert.ok(Math.abs((await res.arrayBuffer()).byteLength - size) < 4096);
  }
});
