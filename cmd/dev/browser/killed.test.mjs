// The server is killed while somebody types, and started again: not a character is lost. The site is the test's own, since the others
// need theirs alive; PLENARY_PROGRAM is the program.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from './harness.mjs';
import { enter, settled } from './panel.mjs';

const program = process.env.PLENARY_PROGRAM;
assert.ok(program, 'PLENARY_PROGRAM is not set: run this by go run ./cmd/dev check -only browser');
const dir = mkdtempSync(join(tmpdir(), 'plenary-killed-'));
const port = await new Promise((done) => {
  const s = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = s.address();
    s.close(() => done(free));
  });
});
const site = `http://127.0.0.1:${port}`;
const ann = { email: 'ann@example.org', password: 'a long way to the archive' };
let server;

// serve starts the program and waits until it answers.
async function serve() {
  server = spawn(program, ['serve', '--listen', `127.0.0.1:${port}`, '--log', 'error'], { cwd: dir, stdio: 'ignore' });
  for (const last = Date.now() + 30_000; Date.now() < last; await new Promise((done) => { setTimeout(done, 100); })) {
    if (await fetch(`${site}/readyz`).then((r) => r.ok, () => false)) return;
  }
  assert.fail('the program does not answer');
}

async function kill() {
  const gone = new Promise((done) => { server.once('exit', done); });
  server.kill('SIGKILL');
  await gone;
}

// Before harness's own, so that the browser goes first.
after(async () => {
  await kill();
  rmSync(dir, { recursive: true });
});
execFileSync(program, ['migrate'], { cwd: dir, stdio: 'ignore' });
execFileSync(program, ['user', 'add', ann.email, 'Ann Ink', '--role', 'admin'], { cwd: dir, input: ann.password });
await serve();
const { page } = await open({ baseURL: site });

test('killed in the middle of a word, twice, and once before the entry was there', { timeout: 120_000 }, async () => {
  await page.goto('/admin/sign-in');
  await enter(page, ann);
  await page.waitForURL('**/admin');
  await page.goto('/admin/news/new');
  const body = page.locator('[id="body@en-doc"]');
  const saved = async () => {
    await page.waitForFunction(() => !('unsaved' in document.querySelector('form[data-entry]').dataset), null, { timeout: 60_000 });
    await page.locator('#saved').filter({ hasText: /^Saved at/ }).waitFor({ timeout: 60_000 });
  };
  await page.locator('.titlein').pressSequentially('Killed in the mid');
  await kill();
  await page.locator('.titlein').pressSequentially('dle of a word');
  await page.locator('#saved').filter({ hasText: /kept in this browser|unreachable|no answer/i }).waitFor({ timeout: 30_000 });
  await serve();
  await page.waitForURL((u) => !u.pathname.endsWith('/new'), { timeout: 60_000 });
  await saved();
  const path = new URL(page.url()).pathname;

  await body.click();
  await page.keyboard.type('What was typed before, ');
  await saved();
  await page.keyboard.type('what was typed while it sto');
  await kill();
  await page.keyboard.type('od still, ');
  await page.locator('#saved').filter({ hasText: /kept in this browser|unreachable|no answer/i }).waitFor({ timeout: 30_000 });
  await page.keyboard.type('and after it.');
  await serve();
  await saved();
  for (const at of [path, `${path}?lang=en`]) {
    await page.goto(at);
    await settled(page);
    assert.equal(await page.locator('.titlein').inputValue(), 'Killed in the middle of a word');
    assert.equal(await page.locator('[name="body@en"]').inputValue(), '<p>What was typed before, what was typed while it stood still, and after it.</p>');
    assert.equal(await page.locator('.kept').count(), 0, 'nothing is left in the browser to be offered');
  }
  await page.goto('/admin/news?q=Killed');
  assert.equal(await page.getByRole('link', { name: 'Killed in the middle of a word' }).count(), 1, 'one entry');
});
