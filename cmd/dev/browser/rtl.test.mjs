// The panel in Arabic and Chinese: mirrored where it reads from the right, complete by keys, on a phone, in the dark.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, axe, noOverflow, speak } from './harness.mjs';
import { signInAs, begin, save, add, prose, announced, unique } from './panel.mjs';

const { page } = await open();
await signInAs(page, 'contributor');

const box = async (selector) => page.locator(selector).first().boundingBox();

test('Arabic mirrors the panel, Chinese does not; the choice stays', async () => {
  await page.goto('/admin');
  const english = await page.getByRole('heading', { level: 1 }).innerText();
  const texts = {};
  for (const [locale, dir] of [['ar', 'rtl'], ['zh', 'ltr'], ['en', 'ltr']]) {
    await speak(page, locale);
    assert.equal(await page.locator('html').getAttribute('dir'), dir);
    const side = await box('.side');
    const stage = await box('.stage');
    if (dir === 'rtl') assert.ok(side.x >= stage.x + stage.width - 1, 'the menu stands on the right');
    else assert.ok(side.x + side.width <= stage.x + 1, 'the menu stands on the left');
    await page.goto('/admin/events');
    assert.equal(await page.locator('html').getAttribute('lang'), locale, 'it is kept with the account');
    assert.equal(await page.locator('th.c-title').first().evaluate((e) => getComputedStyle(e).textAlign), 'start');
    texts[locale] = await page.locator('.side').innerText();
    await noOverflow(page);
    await page.goto('/admin');
  }
  assert.notEqual(texts.ar, texts.en);
  assert.notEqual(texts.zh, texts.en);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), english);
});

test('an entry in Arabic: fields, caret, lists', async () => {
  await speak(page, 'ar');
  try {
    await begin(page, 'events', unique('سجلات الأراضي'));
    assert.match(page.url(), /lang=ar/, 'what one begins is in one’s own language');
    const title = page.locator('.titlein');
    assert.deepEqual(await title.evaluate((e) => [e.lang, getComputedStyle(e).direction]), ['ar', 'rtl']);
    assert.equal(await page.locator('[name="stream_url"]').evaluate((e) => getComputedStyle(e).direction), 'ltr', 'addresses read from the left');

    // The caret goes through Arabic with marks and a Latin piece one character at a time, and never sticks.
    await page.locator('[name="add:blocks"]').selectOption('background');
    const block = await add(page, 'blocks');
    const field = prose(page, await block.locator('textarea[data-prose]').getAttribute('name'));
    await field.click();
    await page.keyboard.type('يعتمد ');
    await page.keyboard.press('Control+b');
    await page.keyboard.type('السجل الرقمي');
    await page.keyboard.press('Control+b');
    await page.keyboard.type(' على ');
    await page.keyboard.press('Control+i');
    await page.keyboard.type('ثقة');
    await page.keyboard.press('Control+i');
    await page.keyboard.type(' الناس (UN) كلهم');
    assert.equal(await field.evaluate((e) => getComputedStyle(e).direction), 'rtl');
    assert.equal(await field.innerHTML(), '<p>يعتمد <strong>السجل الرقمي</strong> على <em>ثقة</em> الناس (UN) كلهم</p>');
    const length = (await field.innerText()).length;
    const at = () => field.evaluate((e) => {
      const s = getSelection();
      const r = document.createRange();
      r.setStart(e, 0);
      r.setEnd(s.focusNode, s.focusOffset);
      return r.toString().length;
    });
    await page.keyboard.press('Control+Home');
    const seen = [await at()];
    for (let i = 0; i < length * 2 && seen.at(-1) < length; i++) {
      await page.keyboard.press('ArrowLeft');
      seen.push(await at());
    }
    assert.deepEqual([...new Set(seen)].sort((a, b) => a - b), [...Array(length + 1).keys()], 'ArrowLeft visits every place');
    assert.ok(seen.length <= length + 5, `and none for long: ${seen}`);
    await page.keyboard.press('ArrowRight');
    assert.ok(await at() < length, 'ArrowRight goes back');

    // Lists are reordered by keys, and it is told.
    for (const name of ['الافتتاح', 'النقاش', 'الختام']) await add(page, 'sessions', { title: name });
    await save(page);
    await page.reload();
    const order = () => page.locator('[id="list-sessions"] [name$=".title@ar"]').evaluateAll((all) => all.map((i) => i.value));
    await page.locator('[id="list-sessions"] > [data-item]').nth(2).locator('.grip').focus();
    await page.keyboard.press('Alt+ArrowUp');
    assert.deepEqual(await order(), ['الافتتاح', 'الختام', 'النقاش']);
    await announced(page, /الختام.*2.*3/);
    await page.keyboard.press('Alt+ArrowUp');
    await announced(page, /الختام.*1.*3/);
    await save(page);
    await page.reload();
    assert.deepEqual(await order(), ['الختام', 'الافتتاح', 'النقاش']);
  } finally {
    await page.evaluate(() => document.querySelector('form[data-entry]')?.removeAttribute('data-unsaved'));
    await page.goto('/admin');
    await speak(page, 'en');
  }
});

test('on a phone the menu is a drawer, on the side where reading begins', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  try {
    for (const locale of ['ar', 'en']) {
      await page.goto('/admin/events');
      await page.locator('.mtog').press('Enter');
      await speak(page, locale);
      const toggle = page.locator('.mtog');
      await page.locator('.mtog[aria-expanded=false]').waitFor(); // the page has its scripts
      assert.equal(await page.locator('.side a').first().isVisible(), false, 'shut, it is not in the way of Tab either');
      await noOverflow(page);
      await toggle.press('Enter');
      assert.equal(await toggle.getAttribute('aria-expanded'), 'true');
      assert.ok(await page.evaluate(() => document.querySelector('.side').contains(document.activeElement)), 'the focus goes into it');
      const side = await box('.side');
      if (locale === 'ar') assert.ok(Math.abs(side.x + side.width - 390) <= 1, `from the right: ${JSON.stringify(side)}`);
      else assert.ok(Math.abs(side.x) <= 1, `from the left: ${JSON.stringify(side)}`);
      await noOverflow(page);
      await page.keyboard.press('Escape');
      assert.equal(await toggle.getAttribute('aria-expanded'), 'false');
      assert.ok(await toggle.evaluate((e) => e === document.activeElement), 'and comes back');
    }
  } finally {
    await page.setViewportSize({ width: 1440, height: 900 });
  }
});

test('dark, by the system and by choice', async () => {
  const ground = async () => {
    const [r, g, b] = (await page.locator('body').evaluate((e) => getComputedStyle(e).backgroundColor)).match(/\d+/g).map(Number);
    return r + g + b < 200 ? 'dark' : 'light';
  };
  const choose = async (theme) => {
    await page.locator('details.me > summary').click();
    await page.locator(`details.me button[name=theme][value="${theme}"]`).click();
    await page.waitForFunction((t) => (document.documentElement.dataset.theme ?? '') === t, theme);
  };
  await page.goto('/admin');
  await speak(page, 'ar');
  try {
    for (const scheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme: scheme });
      assert.equal(await ground(), scheme, 'as the system asks');
    }
    await choose('dark');
    assert.equal(await ground(), 'dark', 'as chosen, against the system');
    assert.deepEqual(await axe(page), []);
    await choose('');
    assert.equal(await ground(), 'light');
  } finally {
    await page.emulateMedia({ colorScheme: null });
    await speak(page, 'en');
  }
});
