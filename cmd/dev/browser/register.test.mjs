// Registering on a phone, in Arabic, without scripts; and what staff then see.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, signIn, speak, axe, noOverflow } from './harness.mjs';

const site = await open();
const phone = await site.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
const visitor = await phone.newPage();
// The pages are looked at with axe, which needs scripts: the same addresses, in a second browser.
const looker = await (await site.newContext({ viewport: { width: 390, height: 844 } })).newPage();

const mail = `visitor-${Date.now().toString(36)}@example.org`;
let event;

async function press(button) {
  const [res] = await Promise.all([visitor.waitForResponse((r) => r.request().isNavigationRequest() && r.status() !== 303), button.click()]);
  await visitor.waitForLoadState();
  return res;
}

test('a visitor registers in Arabic', async () => {
  await visitor.goto('/en/events');
  event = await visitor.locator('a[href*="/answering-the-mayor"]').first().getAttribute('href');
  await visitor.goto(event.replace('/en/', '/ar/'));
  const first = visitor.locator('.acts a').first();
  assert.equal(await first.getAttribute('href'), `${event.replace('/en/', '/ar/')}/register`);
  await first.click();
  assert.equal(await visitor.locator('html').getAttribute('dir'), 'rtl');
  await noOverflow(visitor);

  const send = visitor.locator('button.pri');
  await visitor.locator('#name').fill('أمل المحبرة');
  await visitor.waitForTimeout(2100); // a person takes longer than a machine
  const refused = await press(send);
  assert.equal(refused.status(), 422);
  assert.match(await visitor.title(), /^خطأ/);
  assert.equal(await visitor.locator('#name').inputValue(), 'أمل المحبرة');
  await noOverflow(visitor);
  const problems = visitor.locator('.problems a');
  assert.ok(await problems.count() >= 5);
  await visitor.locator('.problems a[href="#mail"]').click();
  assert.equal(await visitor.evaluate(() => document.activeElement?.id || location.hash), 'mail');

  await visitor.locator('#mail').fill(mail);
  await visitor.locator('[name=category]').first().check();
  await visitor.locator('#organization').fill('بلدية النافذة');
  await visitor.locator('#country').selectOption('JO');
  await visitor.locator('[name="f.desk"][value=yes]').check();
  await visitor.locator('[name="f.cases"]').fill('١٢');
  await visitor.locator('[name="consent.data"]').check();
  await visitor.waitForTimeout(2100);
  const sent = await press(send);
  assert.equal(sent.status(), 200);
  assert.match(visitor.url(), /\/register\/sent$/);
  await noOverflow(visitor);
});

test('the form in three languages, light and dark', async () => {
  for (const lang of ['ar', 'en', 'fr']) {
    for (const colorScheme of ['light', 'dark']) {
      await looker.emulateMedia({ colorScheme });
      for (const path of ['/register', '/register/sent']) {
        await looker.goto(event.replace('/en/', `/${lang}/`) + path);
        assert.deepEqual(await axe(looker), [], `${lang} ${colorScheme} ${path}`);
        await noOverflow(looker);
      }
    }
  }
});

test('staff find the registration, decide, and undo it', async () => {
  const page = site.page;
  await signIn(page, 'admin');
  await speak(page, 'en');
  await page.goto('/admin/events?q=answering');
  await page.getByRole('link', { name: /Answering the Mayor/ }).first().click();
  await page.getByRole('link', { name: 'Registrations', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Name, address or organization' }).fill(mail);
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL(/q=/);
  const row = page.locator('tbody tr');
  assert.equal(await row.count(), 1);
  assert.match(await row.innerText(), /Address not confirmed/);
  for (const [op, state] of [['approve', /Confirmed|Waiting list/], ['decline', /Declined/], ['approve', /Confirmed|Waiting list/]]) {
    await page.locator('tbody input[name=id]').check();
    await page.locator(`button[name=op][value=${op}]`).click();
    await page.waitForLoadState();
    await page.locator('tbody tr', { hasText: state }).waitFor();
  }
  await row.getByRole('link').click();
  await page.getByText('١٢').or(page.getByText('12', { exact: true })).first().waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await axe(page), [], `one registration, ${width} ${colorScheme}`);
      await noOverflow(page);
    }
  }
  const list = new URL(page.url()).pathname.replace(/\/[^/]+$/, '');
  for (const path of ['', '/new', '?state=waitlisted']) {
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(list + path);
      assert.deepEqual(await axe(page), [], `${path} ${width}`);
      await noOverflow(page);
    }
  }
});
