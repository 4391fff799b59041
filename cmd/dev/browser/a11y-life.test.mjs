// The pages that lie behind an event's own, which the sweep over types of pages does not come to: registering, boards,
// surveys, lists of participants, recordings and versions of programmes; as they are, and when they come back with mistakes.
import { test, describe } from 'node:test';
import assert from 'node:assert/strict';
import { open, look, lookAgain, sitemap, links } from './harness.mjs';

const { page } = await open();
const addresses = await sitemap();
const event = (slug) => addresses.find((a) => a.startsWith('/en/events/') && a.endsWith(`/${slug}`)) ?? assert.fail(`the demo has no ${slug}`);
const [open_, past, board, film, revised] = ['answering-the-mayor', 'identity-safeguards', 'budget-on-the-wall', 'names-on-record', 'one-form-for-firms'].map(event);
const find = async (from, what) => new URL((await links(from)).find((a) => what.test(a)) ?? assert.fail(`${from} has no link ${what}`), 'http://x').pathname;
const topic = await find(`${board}/discussion`, /\/discussion\/(?!follow$)[^/?#]+$/);
const paths = [`${open_}/register`, `${open_}/register/sent`, `${past}/participants`, `${past}/survey`, `${past}/survey/sent`, `${board}/discussion`, topic, `${topic}/write`, `${topic}/sent`, `${board}/discussion/follow`,
  await find(topic, /\/report\//), `${board}/discussion/proceedings`, await find(film, /\/recordings\//), `${revised}/programme`, `${revised}/programme/1`, `${revised}/programme/2`];

for (const locale of ['en', 'ar', 'zh']) {
  describe(`site in ${locale}`, () => {
    for (const path of paths.map((p) => p.replace('/en/', `/${locale}/`))) {
      test(path, async () => assert.deepEqual(await look(page, path, 200, { short: true }), []));
    }
    for (const path of [`${open_}/register`, `${past}/survey`, `${topic}/write`].map((p) => p.replace('/en/', `/${locale}/`))) {
      test(`${path} with mistakes`, async () => {
        await page.setViewportSize({ width: 390, height: 900 });
        await page.goto(path);
        await page.locator('main form button').last().click();
        await page.locator('#problems').waitFor();
        assert.deepEqual(await lookAgain(page), []);
      });
    }
  });
}
