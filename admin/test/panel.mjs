// A small server that answers as the panel does: whole pages, strict policy, no script needed.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const here = (path) => new URL(path, import.meta.url);
const template = readFileSync(here('../src/testpage/index.html'), 'utf8');
export const messages = Object.fromEntries(
  [...['js', 'jsautosave', 'jsfacts', 'jslibrary'].map((name) => readFileSync(here(`../locales/${name}.en.toml`), 'utf8')).join('').matchAll(/^(\w+) = ("(?:[^"\\]|\\.)*")$/gm)].map(([, key, text]) => [key, JSON.parse(text)]),
);
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types plenary ProseMirrorClipboard";
const TYPES = { js: 'text/javascript', css: 'text/css' };
const esc = (s) => s.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

const START = { a: 'Opening', b: 'Panel', c: 'Discussion', d: 'Closing' };

export function start() {
  const site = { posted: [], uploads: [], version: 1, titles: { ...START }, order: Object.keys(START), title: 'Old title', body: '', reports: [], queue: [...Array(10).keys()], decided: [], pieces: null, cuts: 0 };

  const item = (id) => `<li data-item="${id}" id="item-sessions.${id}"><button type="button" class="ib grip" aria-label="Reorder: ${esc(site.titles[id])}">⠿</button><b>${esc(site.titles[id])}</b><details><summary>More</summary></details><input type="hidden" name="sessions" value="${id}"><input type="text" class="in" name="sessions.${id}.title" aria-label="Title" value="${esc(site.titles[id])}"><span class="ops"><button name="op" value="up sessions ${id}" data-move="up" class="ib" aria-label="Move up: ${esc(site.titles[id])}">↑</button><button name="op" value="down sessions ${id}" data-move="down" class="ib" aria-label="Move down: ${esc(site.titles[id])}">↓</button><button name="op" value="remove sessions ${id}" data-remove class="ib" aria-label="Remove: ${esc(site.titles[id])}">×</button></span></li>`;

  const page = (lang, o = {}) => {
    const values = {
      lang, dir: lang === 'ar' ? 'rtl' : 'ltr', messages: esc(JSON.stringify(messages)), version: String(site.version), title: esc(o.title ?? site.title),
      problem: o.problem ? 'Error: ' : '', problems: o.problem ? `<p class="err" data-focus data-announce>${esc(o.problem)}</p>` : o.said ? `<p data-announce>${esc(o.said)}</p>` : '',
      sessions: site.order.map(item).join(''), body: esc(site.body),
    };
    return template.replace(/\{\{(\w+)\}\}/g, (_, k) => values[k] ?? '');
  };

  const server = createServer(async (req, res) => {
    const url = new URL(req.url, 'http://x');
    const lang = url.searchParams.get('lang') || 'en';
    const chunks = [];
    for await (const c of req) chunks.push(c);
    const body = Buffer.concat(chunks);
    const form = new URLSearchParams(body.toString());
    const send = (status, text, headers = {}) => {
      res.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff', ...headers });
      res.end(text);
    };
    if (url.pathname.startsWith('/static/')) {
      const name = url.pathname.slice(8);
      return send(200, readFileSync(here(`../static/${name}`)), { 'Content-Type': TYPES[name.split('.').pop()] });
    }
    if (url.pathname === '/pick' && req.method === 'POST') return send(200, `<ul><li role="option" data-id="new" data-label="${esc(form.get('create'))}">${esc(form.get('create'))}</li></ul>`);
    if (url.pathname === '/pick' || url.pathname === '/palette') {
      const q = url.searchParams.get('q');
      const hits = { t1: 'Health', t2: 'Heritage', t3: 'Housing' };
      const options = Object.entries(hits).filter(([, l]) => l.toLowerCase().startsWith(q.toLowerCase()));
      return send(200, options.map(([id, l]) => `<li role="option" id="o-${id}" data-id="${id}" data-label="${l}" data-href="/other?${id}">${l}</li>`).join('') + (q ? `<li role="option" id="o-create" data-create="${esc(q)}">Create “${esc(q)}”</li>` : ''));
    }
    if (url.pathname === '/echo') return send(200, `<p id="echo-when" class="note">You mean ${esc(form.get('when.start'))} in ${esc(form.get('when.zone'))}</p>`);
    if (url.pathname === '/upload') {
      const name = /filename="([^"]*)"/.exec(body.toString('latin1'))?.[1] ?? '';
      if (name.startsWith('virus')) return send(422, '<p class="err">This file is not what its name says.</p>');
      site.uploads.push(name);
      return send(200, `<li>${esc(name)}</li>`);
    }
    if (url.pathname.startsWith('/pieces')) {
      const at = () => ({ 'Upload-Offset': String(site.pieces.body.length), 'Upload-Length': String(site.pieces.size) });
      if (req.method === 'POST' && url.pathname === '/pieces') {
        if (site.pieces?.print !== form.get('print')) site.pieces = { print: form.get('print'), name: form.get('name'), size: +form.get('size'), body: Buffer.alloc(0), sent: 0 };
        return send(201, '', { Location: '/pieces/7', ...at() });
      }
      if (req.method === 'POST') return (site.pieces = null), send(204, '');
      if (!site.pieces) return send(404, '<p class="err">Gone</p>');
      if (req.method === 'HEAD') return send(204, '', at());
      if (+req.headers['upload-offset'] !== site.pieces.body.length) return send(409, '', at());
      site.pieces.sent++;
      const cut = site.cuts-- > 0;
      site.pieces.body = Buffer.concat([site.pieces.body, cut ? body.subarray(0, body.length / 2) : body]);
      if (cut) return site.cuts % 2 ? req.socket.destroy() : send(503, 'away'); // browsers themselves try some broken connections again
      if (site.pieces.body.length < site.pieces.size) return send(204, '', at());
      return send(200, `<li>${esc(site.pieces.name)}</li>`, at());
    }
    if (url.pathname === '/queue') {
      if (req.method === 'POST') {
        site.decided.push(form.get('one'));
        site.queue = site.queue.filter((i) => String(i) !== form.get('one').split(' ')[1]);
        return send(303, '', { Location: '/queue' });
      }
      const post = (i) => `<article id="post-${i}" data-post tabindex="-1"><input type="checkbox" name="id" value="${i}"><p>Words ${i}</p><button name="one" value="approve ${i}" data-key="a">Approve</button><input name="reason.${i}"><button name="one" value="hide ${i}" data-key="h">Hide</button></article>`;
      return send(200, `${template.slice(0, template.indexOf('<body'))}<body><template id="messages">${esc(JSON.stringify(messages))}</template><main><div id="queue" data-moderate><p hidden data-keys>Keys</p><form method="post" action="/queue" data-swap="#queue">${site.queue.map(post).join('')}</form></div></main><div id="live" role="status"></div></body></html>`);
    }
    if (url.pathname === '/other') return send(200, '<title>Elsewhere</title><h1>Elsewhere</h1>');
    if (url.pathname === '/door') return send(200, '<title>Door</title><body class="outside"><h1>Sign in</h1>');
    if (req.method === 'POST' && site.signedOut) return site.signedOut === 401 ? send(401, '<p>Who are you?</p>') : send(303, '', { Location: '/door' });
    if (req.method === 'POST') {
      const op = form.get('op');
      if (op === 'hang up') return req.socket.destroy();
      site.posted.push([...form]);
      site.order = form.getAll('sessions').filter((id) => id in site.titles);
      for (const id of site.order) site.titles[id] = form.get(`sessions.${id}.title`);
      if (op === 'add sessions') {
        const id = `n${site.posted.length}`;
        site.titles[id] = '';
        site.order.push(id);
        if (site.slow) await new Promise((r) => setTimeout(r, site.slow));
        return send(200, page(lang, { title: form.get('title'), said: 'Item added' }));
      }
      if (form.get('title') === 'bad') return send(422, page(lang, { title: 'bad', problem: 'The title is bad.' }));
      site.title = form.get('title');
      site.body = form.get(`body@${lang}`) ?? '';
      site.version++;
      return send(303, '', { Location: op === 'publish' ? '/other' : `/?lang=${lang}` });
    }
    send(200, page(lang));
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve({ site, url: `http://127.0.0.1:${server.address().port}`, stop: () => (server.closeAllConnections(), server.close()) })),
  );
}
