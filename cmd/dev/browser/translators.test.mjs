// Files for translators, read and written by a library that knows nothing of Plenary (npm xliff), and the screens for them.
import test from 'node:test';
import assert from 'node:assert/strict';
import xliff from 'xliff';
import { open, signIn, axe, noOverflow, base } from './harness.mjs';

const site = await open();
const { page } = site;
await signIn(page, 'editor');
await page.goto('/admin/events?lang=en&state=published');
const entry = await page.locator('tbody .c-title a').first().getAttribute('href');
const path = entry.split('?')[0] + '/exchange';
await page.goto(path);
const lang = await page.locator('input[name=lang]').first().inputValue();

async function download(format) {
  const r = await page.request.get(`${base}${path}/file?lang=${lang}&units=all&format=${format}`);
  assert.equal(r.status(), 200);
  return r.text();
}

// words of what the library read: text, and elements in elements.
const words = (x) => (Array.isArray(x) ? x.map(words).join('') : typeof x === 'string' ? x : Object.values(x).map((e) => words(e.contents ?? '')).join(''));

for (const [format, read, write] of [['xliff12', xliff.xliff12ToJs, xliff.jsToXliff12], ['xliff21', xliff.xliff2js, xliff.js2xliff]]) {
  test(`${format}: a library of others reads every unit, and what it writes is read here`, async () => {
    const js = await read(await download(format));
    assert.ok(js.sourceLanguage && js.sourceLanguage !== lang);
    const [name] = Object.keys(js.resources);
    assert.match(name, /^(plenary:event\/|f1$)/);
    const units = js.resources[name];
    const ids = Object.keys(units);
    assert.ok(ids.length > 5, `${ids.length} units`);
    for (const id of ids) assert.ok(words(units[id].source).trim() !== '', id);
    // Codes are elements of their own: words without them are no tags.
    assert.ok(!ids.some((id) => words(units[id].source).includes('⟦')));
    if (format === 'xliff21') return; // the library drops what the file was made from when it writes 2.x
    for (const id of ids) units[id].target = units[id].source;
    const back = await write({ ...js, targetLanguage: lang });
    await page.goto(`${path}?lang=${lang}`);
    await page.locator('#file').setInputFiles({ name: 'back.xlf', mimeType: 'application/xliff+xml', buffer: Buffer.from(back) });
    await page.locator('form[enctype] button').click();
    await page.locator('.exchange-review').waitFor();
    assert.ok((await page.locator('.exchange-unit').count()) > 5);
    assert.equal(await page.locator('.exchange-unit .tag.bad').count(), 0, await page.locator('.exchange-unit:has(.tag.bad)').first().innerText().catch(() => ''));
    assert.deepEqual(await axe(page), []);
  });
}

for (const [at, wide] of [['/admin/terms', 1440], ['/admin/terms/new', 390], ['/admin/terms/import', 390], ['/admin/memory', 390]]) {
  test(`${at} at ${wide} px`, async () => {
    await page.setViewportSize({ width: wide, height: 900 });
    await page.goto(at);
    assert.deepEqual(await axe(page), []);
    await noOverflow(page);
  });
}
