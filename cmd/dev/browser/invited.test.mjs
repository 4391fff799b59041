// Somebody of another organization is invited to one event, in French, until Friday: she follows the letter, brings a speaker and a
// document, suggests another date, and finds nothing else by any door. The date is accepted, and two heads of office say yes on
// their phones: the one who clears, and the one whose organization signs off.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { open, look, speak } from './harness.mjs';
import { signInAs, begin, save, add, pick, settled, unique, nextYear } from './panel.mjs';

const { page: admin, newContext } = await open();
await signInAs(admin, 'admin');
await speak(admin, 'en'); // an earlier story may have left the account in another language
const organization = 'Mekong and Islands Development Forum';

// fits reports that nothing of a page runs out of a phone's window.
const fits = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${page.url()} is wider than the phone`);

test('a partner for one event, in French, until Friday', async () => {
  const secret = unique('Nobody elses budget');
  const hidden = await begin(admin, 'events', secret);
  const title = unique('A common register');
  const path = await begin(admin, 'events', title);
  await admin.locator('[name="when:start_date"]').fill(`1 July ${nextYear}`);
  await add(admin, 'sessions', { title: 'Morning session' });
  const organizer = await add(admin, 'organizations', { role: 'co_organizer', joint: 'required' });
  await pick(organizer.locator('.picker').first(), organization);
  await save(admin);
  assert.match(await admin.locator('#joint').innerText(), new RegExp(organization), 'publishing shows who is missing');

  // The invitation begins where one looks who may touch the event.
  const friday = new Date(Date.now() + 864e5);
  while (friday.getUTCDay() !== 5) friday.setUTCDate(friday.getUTCDate() + 1);
  await admin.goto(`${path}/rights`);
  await admin.locator('a[href*="invite=1"]').click();
  await admin.locator('#email').fill(`${unique('lea').replace(' ', '.')}@example.org`);
  await admin.locator('#name').fill('Léa Dubois');
  await admin.locator('#mail_locale').selectOption('fr');
  await admin.locator('#new #role').selectOption('partner_editor');
  await admin.locator('#new #locale').selectOption('fr');
  await admin.locator('#new #until').fill(friday.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }));
  await admin.locator('#new #organization').selectOption({ label: organization });
  await admin.locator('#new button.pri').click();
  const letter = new URL(await admin.locator('#link').inputValue());

  const partner = await (await newContext({ locale: 'fr-FR' })).newPage();
  await partner.goto(letter.pathname + letter.search);
  assert.equal(await partner.locator('html').getAttribute('lang'), 'fr');
  assert.match(await partner.locator('main').innerText(), new RegExp(title));
  await partner.locator('#name').fill('Léa Dubois');
  await partner.locator('#password').fill('un long chemin vers la mer');
  await partner.locator('#password').press('Enter');
  await partner.waitForURL((u) => u.pathname === '/admin');

  // Her speaker and her document.
  await partner.goto('/admin/events');
  await partner.getByRole('link', { name: title }).click();
  await settled(partner);
  assert.ok(await partner.locator('[name="when:start_date"]').isDisabled());
  await partner.locator('#part a').click();
  await partner.getByLabel('Nom', { exact: true }).fill('Nadia Bensaïd');
  await partner.getByLabel('Fonction').fill('Directrice des archives');
  await partner.getByLabel('Où').selectOption({ label: 'Morning session' });
  await partner.getByRole('button', { name: 'Ajouter un intervenant' }).click();
  await partner.getByText('L’intervenant a été ajouté.').waitFor();
  await partner.getByLabel('Titre', { exact: true }).fill('Ce que nous apportons');
  await partner.getByLabel('Fichier', { exact: true }).setInputFiles({ name: 'apport.txt', mimeType: 'text/plain', buffer: Buffer.from('Trois pages.') });
  await partner.getByRole('button', { name: 'Ajouter un document' }).click();
  await partner.getByText('Le document a été ajouté.').waitFor();
  assert.match(await partner.locator('main').innerText(), /Nadia Bensaïd[\s\S]*Morning session[\s\S]*Ce que nous apportons/);

  assert.deepEqual(await look(partner, `${path}/part`, 200, { short: true }), []);

  // Another date is a suggestion.
  await partner.goto(`${path}/suggest?lang=fr`);
  await settled(partner);
  await partner.locator('[name="when:start_date"]').fill(`8 juillet ${nextYear}`);
  await partner.locator('#why').fill('La ministre est absente.');
  await partner.locator('#save').click();
  await partner.waitForURL(`**${path}/suggestions`);

  // Nothing else, by whichever door.
  const word = secret.split(' ').pop();
  const door = (at) => partner.evaluate(async (to) => { const res = await fetch(to); return { status: res.status, text: await res.text() }; }, at);
  for (const at of [`/admin/events?q=${word}`, '/admin/events', '/admin/entries', '/admin', `/admin/palette?q=${word}`, `/admin/find?q=${word}`, `/admin/pick?of=event&q=${word}`]) {
    const { status, text } = await door(at);
    assert.equal(status, 200, at);
    assert.ok(!text.includes(`>${secret}<`) && !text.includes(hidden.split('/').pop()), at);
  }
  for (const below of ['', '/part', '/joint', '/suggest', '/suggestions', '/history', '/preview', '/rights', '/translate/fr']) assert.equal((await door(hidden + below)).status, 404, below);
  for (const at of ['/admin/users', '/admin/rights', '/admin/settings', '/admin/log', '/admin/outbox']) assert.equal((await door(at)).status, 403, at);
  assert.equal((await door(`${path}/joint`)).status, 200);
  await partner.goto(`${path}/joint?lang=en`);
  assert.equal(await partner.locator('button[value^=agree]').count(), 0, 'a guest signs off for nobody');

  // The date is accepted.
  await admin.goto(`${path}/suggestions`);
  assert.match(await admin.locator('main').innerText(), /La ministre est absente/);
  await admin.locator('button[value^=accept]').click();
  await admin.goto(path);
  assert.match(await admin.locator('[name="when:start_date"]').inputValue(), /8 July/);

  // Two heads of office, on their phones.
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const head = await (await newContext(phone)).newPage();
  await signInAs(head, 'clearing');
  await head.goto(`${path}/clearance?lang=en`);
  await fits(head);
  await head.getByRole('button', { name: 'Clear', exact: true }).tap();
  await head.getByText('Cleared.', { exact: true }).waitFor();
  const midf = await (await newContext(phone)).newPage();
  await signInAs(midf, 'partner-midf');
  await midf.goto(`${path}/joint?lang=en`);
  await fits(midf);
  assert.match(await midf.locator('.diffs').innerText(), /Nadia Bensaïd[\s\S]*|Morning session/);
  await midf.getByRole('button', { name: 'Sign off', exact: true }).tap();
  await midf.getByText('Signed off.', { exact: true }).waitFor();
  await fits(midf);
  await admin.goto(path);
  assert.match(await admin.locator('#joint').innerText(), /Signed off by .*Vannak/);
});
