// Signing in with more than a password, by a person: an app that makes codes, recovery codes, passkeys of an authenticator that
// Chromium plays. Passkeys are bound to a name, so the site is called by its name here.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync } from 'node:fs';

process.env.PLENARY_URL = process.env.PLENARY_URL.replace('127.0.0.1', 'localhost');
const { open, accounts, lookAgain } = await import('./harness.mjs');
const { enter } = await import('./panel.mjs');

const { page, context } = await open();
const who = accounts.find((a) => a.role === 'observer');
const shots = process.env.PLENARY_SHOTS;

// code is what an authenticator app shows, apart periods from now.
function code(secret, apart = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + apart));
  const sum = createHmac('sha1', key).update(counter).digest();
  return String((sum.readUInt32BE(sum.at(-1) & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

// shot looks at what is on the screen as axe does, and keeps pictures where they are asked for.
async function shot(name) {
  if (shots) {
    mkdirSync(shots, { recursive: true });
    for (const [width, colorScheme] of [[1440, 'light'], [1440, 'dark'], [390, 'light'], [390, 'dark']]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${shots}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  assert.deepEqual(await lookAgain(page), [], name);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

async function password() {
  await page.goto('/admin/sign-in');
  await enter(page, who);
}

const signOut = () => page.evaluate(() => document.querySelector('form[action="/admin/sign-out"]').submit()).then(() => page.waitForURL(/sign-in/));

let secret;
let codes;

test('an app that makes codes is set up, and asked from then on', async () => {
  await password();
  await page.waitForURL((u) => !u.pathname.startsWith('/admin/sign-in'));
  await page.goto('/admin/account');
  await page.getByRole('link', { name: 'Look after how you sign in' }).click();
  await page.getByRole('button', { name: 'Set up an app' }).press('Enter');
  secret = await page.locator('#secret').innerText();
  await shot('app');
  await page.locator('#code').fill('000000');
  await page.getByRole('button', { name: 'Turn it on' }).click();
  await page.locator('#code[aria-invalid]').waitFor();
  assert.equal(await page.locator('#secret').innerText(), secret, 'the same key after a wrong code');
  await page.locator('#code').fill(code(secret, -1));
  await page.getByRole('button', { name: 'Turn it on' }).click();
  codes = await page.locator('#codes code').allInnerTexts();
  assert.equal(codes.length, 10);
  await shot('codes');
  await page.getByRole('link', { name: 'I have put them away' }).click();
  assert.equal(await page.locator('#codes').count(), 0, 'shown once');
  await signOut();
  await password();
  await page.waitForURL(/sign-in\/second/);
  await shot('second');
  await page.locator('#code').fill(code(secret));
  await page.locator('#code').press('Enter');
  await page.waitForURL((u) => !u.pathname.startsWith('/admin/sign-in'));
  await signOut();
});

test('a recovery code lets in once', async () => {
  for (const right of [true, false]) {
    await password();
    await page.waitForURL(/sign-in\/second/);
    await page.locator('#code').fill(codes[0]);
    await page.locator('#code').press('Enter');
    if (!right) {
      assert.match(await page.getByRole('alert').first().innerText(), /not right, or was used already/);
      await page.locator('#code').fill(codes[1]);
      await page.locator('#code').press('Enter');
    }
    await page.waitForURL((u) => !u.pathname.startsWith('/admin/sign-in'));
    if (right) await signOut();
  }
});

test('a passkey is made, named, used alone and as the second step, and removed', async () => {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await page.goto('/admin/account/security');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByLabel('Name of the passkey').fill('Desk');
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await page.locator('#passkeys b', { hasText: 'Desk' }).waitFor();
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal(credentials.length, 1);
  assert.equal(credentials[0].rpId, 'localhost');
  await shot('security');

  await signOut();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForURL((u) => !u.pathname.startsWith('/admin/sign-in'));
  assert.match(await page.locator('.me').innerText(), new RegExp(who.name));

  await signOut();
  await password();
  await page.waitForURL(/sign-in\/second/);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.waitForURL((u) => !u.pathname.startsWith('/admin/sign-in'));

  // Who says no is told, and can try again.
  await signOut();
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('The browser gave no passkey').waitFor();
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.waitForURL((u) => !u.pathname.startsWith('/admin/sign-in'));

  await page.goto('/admin/account/security');
  await page.locator('#passkeys summary').click();
  await page.getByRole('textbox', { name: 'Name of the passkey' }).fill('Old desk');
  await page.getByRole('textbox', { name: 'Name of the passkey' }).press('Enter');
  await page.getByRole('button', { name: 'Remove Old desk' }).click();
  await page.getByText('Removed. It no longer signs you in.').waitFor();
  await signOut();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('does not open an account here').waitFor();
});

test('sessions say by which browser; signing out everywhere ends them all', async () => {
  await password();
  await page.waitForURL(/sign-in\/second/);
  await page.locator('#code').fill(codes[2]);
  await page.locator('#code').press('Enter');
  await page.waitForURL((u) => !u.pathname.startsWith('/admin/sign-in'));
  await page.goto('/admin/account/security');
  await page.locator('#app').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Removed. It no longer signs you in.').waitFor();
  await page.goto('/admin/account');
  assert.match(await page.locator('section[aria-labelledby="ses"]').innerText(), /Chrome · Linux/);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.waitForURL(/sign-in/);
  await page.goto('/admin');
  assert.match(page.url(), /sign-in/);
});
