// What is typed until the server has it, with a clock, a network and a store that are played.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';

const { outputFiles } = await build({ entryPoints: [new URL('../src/keeper.ts', import.meta.url).pathname], bundle: true, format: 'esm', write: false });
const { Keeper, QUIET, KEEP } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);

const saved = (o = {}) => ({ kind: 'saved', held: [], fresh: {}, again: false, ...o });

// world plays all that a Keeper stands on. answer() tells what the server says to each request.
function world(form) {
  let now = 0;
  let serial = 0;
  let timers = [];
  const w = {
    form, sent: [], kept: null, said: [], clashes: new Set(), made: true, answer: () => saved(),
    read: () => structuredClone(w.form),
    isNew: () => !w.made,
    clashing: (leaf) => w.clashes.has(leaf),
    send: async (groups) => { w.sent.push(structuredClone(groups)); return w.answer(groups); },
    keep: (groups) => { w.kept = groups && structuredClone(groups); },
    say: (state, n) => w.said.push(n ? `${state} ${n}` : state),
    later: (ms, f) => { timers.push({ id: ++serial, at: now + ms, f }); return serial; },
    cancel: (id) => { timers = timers.filter((t) => t.id !== id); },
    async pass(ms) {
      for (const end = now + ms; ;) {
        for (let i = 0; i < 10; i++) await null;
        const next = timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) { now = end; return; }
        w.cancel(next.id);
        now = next.at;
        next.f();
      }
    },
    type(leaf, value) { w.form[leaf] = [[leaf, value]]; w.keeper.touched(); },
  };
  w.keeper = new Keeper(w);
  return w;
}

const start = () => world({ a: [['a', '']], b: [['b', '']], 'when': [['when:start_date', '1 May'], ['when:zone', 'UTC']], 's.x.slot': [['s.x.slot:date', ''], ['s.x.slot:start', '9']] });
const value = (groups) => Object.fromEntries(Object.entries(groups).map(([k, g]) => [k, g.map(([, v]) => v).join()]));

test('kept at once, sent after five quiet seconds, and only what differs', async () => {
  const w = start();
  w.type('a', 'o');
  await w.pass(QUIET - 100);
  w.type('a', 'one');
  await w.pass(KEEP);
  assert.deepEqual(value(w.kept), { a: 'one' });
  await w.pass(QUIET - KEEP - 1);
  assert.equal(w.sent.length, 0);
  await w.pass(1);
  assert.deepEqual(w.sent.map(value), [{ a: 'one' }]);
  assert.equal(w.kept, null, 'the server has it');
  assert.deepEqual(w.said, ['saving', 'saved']);
  await w.pass(60_000);
  assert.equal(w.sent.length, 1);
});

test('without a network it is kept and sent again, sooner when it is back', async () => {
  const w = start();
  w.answer = () => ({ kind: 'offline' });
  w.type('a', 'one');
  await w.pass(QUIET + 5000 + 10_000);
  assert.equal(w.sent.length, 3);
  assert.deepEqual(value(w.kept), { a: 'one' });
  w.answer = () => saved();
  await w.keeper.resume();
  assert.equal(w.sent.length, 4);
  assert.equal(w.kept, null);
});

test('signed out: nothing is sent until somebody signs in, and all is kept', async () => {
  const w = start();
  w.answer = () => ({ kind: 'signed_out' });
  w.type('a', 'one');
  await w.pass(QUIET);
  w.type('b', 'two');
  await w.pass(10 * QUIET);
  assert.equal(w.sent.length, 1);
  assert.deepEqual(value(w.kept), { a: 'one', b: 'two' });
  w.answer = () => saved();
  await w.keeper.resume();
  assert.deepEqual(value(w.sent[1]), { a: 'one', b: 'two' });
});

test('typed while the answer is on its way: neither lost nor taken for saved', async () => {
  const w = start();
  let arrive;
  w.answer = () => new Promise((r) => { arrive = () => r(saved()); });
  w.type('a', 'one');
  await w.pass(QUIET);
  w.type('a', 'one and two');
  await w.pass(QUIET + 600); // due, but one thing after the other
  assert.equal(w.sent.length, 1);
  w.answer = () => saved();
  arrive();
  await w.pass(QUIET);
  assert.deepEqual(w.sent.map(value), [{ a: 'one' }, { a: 'one and two' }]);
  assert.equal(w.kept, null);
});

test('what the server cannot take stays, is not sent again as it is, and keeps nothing else', async () => {
  const w = start();
  w.answer = (g) => saved({ held: 'a' in g ? ['a'] : [] });
  w.type('a', 'bad');
  w.type('b', 'good');
  await w.pass(QUIET);
  assert.deepEqual(value(w.kept), { a: 'bad' });
  assert.equal(w.said.at(-1), 'held 1');
  w.type('b', 'better');
  await w.pass(QUIET);
  assert.deepEqual(value(w.sent[1]), { b: 'better' });
  w.answer = () => saved();
  w.type('a', 'good');
  await w.pass(QUIET);
  assert.deepEqual(value(w.sent[2]), { a: 'good' });
  assert.equal(w.said.at(-1), 'saved');
});

test('two texts wait for a decision; an explicit save makes it', async () => {
  const w = start();
  w.answer = () => { w.clashes.add('a'); return saved(); };
  w.type('a', 'mine');
  await w.pass(QUIET);
  assert.equal(w.said.at(-1), 'held 1');
  w.answer = () => saved();
  w.type('a', 'mine again');
  await w.pass(10 * QUIET);
  assert.equal(w.sent.length, 1, 'nobody’s words are written over');
  await w.keeper.pause();
  w.clashes.clear();
  w.keeper.carryOn(w.read());
  assert.equal(w.kept, null);
  assert.deepEqual(w.keeper.changed(), {});
});

test('an explicit save waits for what is under way, and nothing starts beside it', async () => {
  const w = start();
  let arrive;
  w.answer = () => new Promise((r) => { arrive = () => r(saved()); });
  w.type('a', 'one');
  await w.pass(QUIET);
  let paused = false;
  const waiting = w.keeper.pause().then(() => { paused = true; });
  await w.pass(0);
  assert.equal(paused, false);
  arrive();
  await waiting;
  w.type('b', 'two');
  await w.pass(2 * QUIET);
  assert.equal(w.sent.length, 1);
  w.answer = () => saved();
  w.keeper.carryOn();
  await w.pass(QUIET);
  assert.deepEqual(value(w.sent[1]), { b: 'two' });
});

test('what others changed becomes what is stored; what could not be placed is asked for again', async () => {
  const w = start();
  w.answer = () => { w.form.b = [['b', 'theirs']]; return saved({ fresh: { b: [['b', 'theirs']] }, again: w.sent.length === 1 }); };
  w.type('a', 'one');
  await w.pass(QUIET);
  assert.deepEqual(w.keeper.changed(), {});
  w.type('a', 'two');
  await w.pass(QUIET);
  assert.deepEqual(value(w.sent.at(-1)), { a: 'two' });
});

test('dates go together, and a new entry is sent whole', async () => {
  const w = start();
  w.form.when = [['when:start_date', '2 May'], ['when:zone', 'UTC']];
  w.keeper.touched();
  await w.pass(QUIET);
  assert.deepEqual(Object.keys(w.sent[0]).sort(), ['s.x.slot', 'when']);
  const n = start();
  n.made = false;
  n.type('a', 'title');
  await n.pass(KEEP);
  assert.equal(Object.keys(n.kept).length, 4);
  n.answer = () => { n.made = true; return saved(); };
  await n.pass(QUIET);
  assert.equal(Object.keys(n.sent[0]).length, 4);
});

test('a page that goes away sends what is left, whatever is under way', async () => {
  const w = start();
  w.answer = () => new Promise(() => {});
  w.type('a', 'one');
  await w.pass(QUIET);
  w.type('a', 'one and two');
  w.keeper.leave();
  assert.deepEqual(w.sent.map(value), [{ a: 'one' }, { a: 'one and two' }]);
  assert.deepEqual(value(w.kept), { a: 'one and two' });
});
