// The clean-up of pasted text, run in a real browser's parser: that parser is half of what happens.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import { launch } from './chromium.mjs';

const fixture = (name) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
let browser, page;

before(async () => {
  const made = await build({
    stdin: {
      contents: `import {cleanPaste, textToHTML} from './wordpaste'; import {directionOf, safeHref} from './schema'; window.textToHTML = textToHTML;
        window.clean = (html, o = {}) => cleanPaste(html, {parse: h => new DOMParser().parseFromString(h, 'text/html'), lang: 'en', dir: 'ltr', directionOf, safeHref, ...o});`,
      resolveDir: new URL('../src', import.meta.url).pathname,
    },
    bundle: true, write: false, format: 'iife',
  });
  browser = await launch();
  page = await browser.newPage();
  await page.addScriptTag({ content: made.outputFiles[0].text });
});
after(() => browser.close());

const clean = (html, options) => page.evaluate(([h, o]) => window.clean(h, o), [html, options]);
/** Asks the cleaned HTML as a document. */
const look = (html, f) => page.evaluate(([h, src]) => eval(src)(new DOMParser().parseFromString(h, 'text/html').body), [html, String(f)]);
const texts = (html, selector) => page.evaluate(([h, s]) => [...new DOMParser().parseFromString(h, 'text/html').querySelectorAll(s)].map((e) => e.textContent), [html, selector]);

const LOOKS = /style=|class=|mso|<font|<o:|<!|onmouse|onclick|javascript:|file:|\u00a0{2}|data-st|name=/i;

test('Word clipboard: nested lists, footnote, header row, direction', async () => {
  const r = await clean(fixture('word-clipboard.html'));
  assert.equal(r.html, [
    '<h2>Background</h2>',
    '<p><strong>Concept note</strong> with a <a href="https://example.org/x">link</a>, H<sub>2</sub>O and a footnote<span data-footnote="Source: WHO dashboard."></span>.</p>',
    '<ol><li>First objective<ol type="a"><li>Sub point</li></ol></li><li>Second objective</li></ol>',
    '<ul><li>A bullet</li></ul>',
    '<p dir="rtl"><span lang="ar" dir="rtl">تهدف الندوة إلى تبادل الخبرات (ICT) بين البلدان</span></p>',
    '<table><thead><tr><th scope="col">Time</th><th scope="col">Session</th></tr></thead><tbody><tr><td>08:00</td><td>Opening</td></tr></tbody></table>',
  ].join(''));
  assert.equal(r.source, 'word');
  assert.deepEqual(r.kept, { headings: 1, lists: 3, tables: 1, footnotes: 1, links: 1 });
  assert.deepEqual(r.left, { comments: 0, pictures: 0, deletions: 0 });
});

test('the concept note: every trap of the Word file', async () => {
  const r = await clean(fixture('concept-note-word.html'));
  const { html } = r;
  assert.doesNotMatch(html, LOOKS);
  const [text] = await texts(html, 'body');
  // tracked change
  assert.match(text, /and return it by e-mail to narin\.phetmany@example\.org/);
  assert.doesNotMatch(text, /fax/);
  // comment
  assert.doesNotMatch(text, /RA1|Internal:/);
  assert.equal(r.left.comments, 1);
  assert.equal(r.left.deletions, 1);
  assert.equal(r.left.pictures, 1);
  assert.doesNotMatch(html, /<img|Retno Adhikara"/);
  // lists: 5 + 5 + 11 items, no marks left in them
  assert.deepEqual(await look(html, (b) => [...b.querySelectorAll('ol,ul')].map((l) => `${l.tagName} ${l.children.length}`)),
    ['OL 5', 'UL 5', 'UL 1', 'UL 3', 'UL 3', 'UL 2', 'UL 2']);
  for (const t of await texts(html, 'li')) assert.doesNotMatch(t, /^[\s·•]|^\d+\./);
  // old character numbers
  assert.match(text, /women’s associations when/);
  // blanks
  assert.match(text, /“Opening the Register: Digital Land Records and Public Trust/);
  assert.match(text, /in nine countries had/);
  assert.match(text, /The series seeks/);
  assert.doesNotMatch(text, / {2}/);
  assert.doesNotMatch(text, /\u00a0/);
  // ordinals are no notes
  assert.match(html, /The 2nd Webinar/);
  assert.doesNotMatch(html, /<sup/);
  // the note
  assert.deepEqual(await look(html, (b) => [...b.querySelectorAll('[data-footnote]')].map((s) => [s.dataset.footnote, s.previousSibling.textContent.slice(-19)])),
    [['Survey of land offices carried out by the Regional Centre for Public Governance between 3 August and 2 October 2026; one country sent its replies as a single total. Tables: https://example.org/rcpg/trusted-registers/survey-2026 (accessed on 5 October 2026).', 'consult them online']]);
  assert.doesNotMatch(text, /\[1\]|Survey of land/);
  // headings: real ones and those drawn by hand, from h2 without gaps
  assert.deepEqual(await look(html, (b) => [...b.querySelectorAll('h2,h3,h4')].map((h) => h.tagName + ' ' + h.textContent.replace(/\s+/g, ' '))), [
    'H2 Trusted Registers Webinar Series for Capacity Development',
    'H2 “Opening the Register: Digital Land Records and Public Trust– Experiences from Southeast Asia”',
    'H3 Background', 'H3 Objectives', 'H3 Format', 'H3 Provisional programme', 'H3 Documents and links', 'H3 Intended Audience',
    'H3 Expected Results', 'H3 Key questions for the webinar', 'H3 Contact Information',
  ]);
  // programme table
  assert.deepEqual(await look(html, (b) => [...b.querySelectorAll('tr')].map((r) => [...r.children].map((c) => c.tagName + (c.colSpan > 1 ? ' colspan ' + c.colSpan : '') + (c.rowSpan > 1 ? ' rowspan ' + c.rowSpan : '')).join(', '))), [
    'TH colspan 4', 'TH, TH, TH, TH', 'TD, TD, TD, TD', 'TD rowspan 5, TD rowspan 5, TD rowspan 5, TD', 'TD', 'TD', 'TD', 'TD', 'TD, TD, TD colspan 2', 'TD, TD, TD, TD',
  ]);
  assert.deepEqual((await texts(html, 'td')).filter((t) => /^2\d:/.test(t)), ['20:30–20:40', '20:40–21:25', '21:25–21:50', '21:50–22:00']);
  // names keep their letters and language
  assert.match(html, /Mr\. <span lang="vi">Đặng Hữu Lộc<\/span>, Director/);
  assert.match(html, /<span lang="pt">Aurélio da Cruz<\/span>/);
  assert.match(html, /<p>\*\s?The discussion board opens/);
  assert.deepEqual(r.kept, { headings: 11, lists: 7, tables: 1, footnotes: 1, links: 14 });
});

test('Google Docs: styled spans, list nested beside its item, redirects', async () => {
  const r = await clean(fixture('gdocs.html'));
  assert.equal(r.source, 'gdocs');
  assert.equal(r.html, [
    '<h2>Ways of working</h2>',
    '<p>The panel met <strong>twice</strong><em> and agreed</em>; see <a href="https://example.org/minutes">the minutes</a>. CO<sub>2</sub> fell.</p>',
    '<ul><li>counters in villages<ul><li>open on market days</li></ul></li><li>telephone lines</li></ul>',
    '<table><thead><tr><th scope="col">City</th><th scope="col">Offices</th></tr></thead><tbody><tr><td>Santa Rosinha</td><td>4</td></tr></tbody></table>',
    '<p dir="rtl">السجل مفتوح للجميع</p>',
  ].join(''));
});

test('Word for the web: one list per item, levels in attributes', async () => {
  const r = await clean(fixture('wordweb.html'));
  assert.equal(r.source, 'wordweb');
  assert.equal(r.html, [
    '<h2>What comes next</h2>',
    '<p><strong>Three steps</strong> are planed.</p>',
    '<ol><li>agree on the fees<ol><li>with the notaries</li></ol></li><li>publish them</li></ol>',
    '<ul><li>one bullet</li></ul>',
    '<table><thead><tr><th scope="col">Step</th><th scope="col">By</th></tr></thead><tbody><tr><td>Fees</td><td>May</td></tr></tbody></table>',
  ].join(''));
  assert.equal(r.left.pictures, 1);
});

test('LibreOffice in French: note, lettered list, no-break blanks, English words', async () => {
  const r = await clean(fixture('libreoffice.html'), { lang: 'fr' });
  assert.equal(r.source, 'libreoffice');
  assert.equal(r.html, [
    '<h2>Contexte</h2>',
    '<p>Le registre est ouvert\u00a0: <strong>61 bureaux</strong> ont répondu<span data-footnote="Enquête de 2026, avec l’appui des bureaux."></span> le 1<sup>er</sup> avril, dit <span lang="en"><em>the annual survey</em></span>.</p>',
    '<ol type="a"><li>premier point</li><li>second point<ul><li>détail</li></ul></li></ol>',
    '<table><thead><tr><th scope="col">Pays</th><th scope="col">Bureaux</th></tr></thead><tbody><tr><td>Timor-Leste</td><td>4</td></tr></tbody></table>',
    '<p dir="rtl"><span lang="ar" dir="rtl">السجل مفتوح</span></p>',
  ].join('').replaceAll('\u00a0', '&nbsp;'));
});

test('Outlook: list without its marks, redirects, dangerous links, mail pictures', async () => {
  const r = await clean(fixture('outlook.html'));
  assert.equal(r.html, [
    '<p>Dear all,</p>',
    '<ol type="a" start="3"><li>send your slides</li><li>confirm by 1&nbsp;May</li></ol>',
    '<p>Use <a href="https://example.org/form">the form</a>, not this or that.</p>',
    '<p>Reader\'s mailbox writes<br>two lines</p><p>and a box</p>',
  ].join(''));
  assert.equal(r.left.pictures, 1);
});

test('Word for the web: letters and Roman numbers, three levels deep, merged cells, marks said on each nested span', async () => {
  const r = await clean(fixture('wordweb-report.html'));
  assert.equal(r.source, 'wordweb');
  assert.equal(r.html, [
    '<h2>Wells and water points</h2><h3>Who keeps the list</h3>',
    '<p>Each ward keeps one, on paper, at 40 m<sup>2</sup> a plot; see <a href="https://example.org/wells?ward=3&amp;lang=en">the ward lists</a>.<br>A second line.</p>',
    '<ol type="a"><li>count the wells<ol type="i"><li>those in use<ul><li>with a pump</li></ul></li><li>those that are dry</li></ol></li><li>write them down</li></ol>',
    '<p dir="rtl">قائمة الآبار في كل حي</p>',
    '<table><thead><tr><th colspan="2" scope="colgroup">Wells by ward</th></tr></thead><tbody><tr><td>Ward 3</td><td>11</td></tr></tbody></table>',
  ].join(''));
});

test('Google Docs: raised note, lettered lists beside their items, check boxes, two rows of headings', async () => {
  const r = await clean(fixture('gdocs-plan.html'));
  assert.equal(r.source, 'gdocs');
  assert.equal(r.html, [
    '<h2>Training of clerks</h2><h3>First week</h3>',
    '<p>Twelve clerks<span data-footnote="Of nineteen offices."></span> learn in <em><strong>three</strong></em> rounds; four none is left out.</p>',
    '<ol><li>meet<ol type="a"><li>at the counter<ol type="i"><li>before noon</li></ol></li><li>in the archive</li></ol></li><li>practise</li></ol>',
    '<p>Between.</p><ol start="3"><li>report</li></ol><ul><li>room booked</li></ul>',
    '<table><thead><tr><th colspan="3" scope="colgroup">Rounds</th></tr><tr><th scope="col">Round</th><th scope="col">Clerks</th><th scope="col">Place</th></tr></thead>',
    '<tbody><tr><td rowspan="2">1</td><td>6</td><td></td></tr><tr><td><ul><li>two</li></ul></td><td>Dili</td></tr></tbody></table>',
  ].join(''));
});

test('LibreOffice: notes of two kinds, one of two paragraphs, tracked changes, an item that goes on after its list', async () => {
  const r = await clean(fixture('libreoffice-minutes.html'));
  assert.equal(r.source, 'libreoffice');
  assert.equal(r.html, [
    '<h2>Minutes</h2><h3>Present</h3>',
    '<p>Six registrars<span data-footnote="One by telephone. The line was poor."></span> and the chair<span data-footnote="Elected in May."></span>. They met in <span lang="pt">Díli</span> on time, at noon.</p>',
    '<ul><li><p>keys</p><ol><li>of the archive<ul><li>both sets</li></ul></li></ol><p>are counted each evening</p></li><li>lamps</li></ul>',
    '<p>An indented remark.</p>',
    '<table><thead><tr><th scope="col">Task</th><th scope="col">Who</th></tr></thead><tbody><tr><td><p>Shelves</p><p>and boxes</p></td><td></td></tr></tbody></table>',
  ].join(''));
  assert.deepEqual(r.left, { comments: 0, pictures: 1, deletions: 1 });
});

test('Outlook in a browser: its own lists, and those of Word without their definitions', async () => {
  const r = await clean(fixture('outlook-web.html'));
  assert.equal(r.source, 'word');
  assert.equal(r.html, [
    '<p>Dear Retno,</p><p>here is what we <strong>agreed</strong>:</p>',
    '<ol><li>send the plan<ol type="a"><li>as a file</li></ol></li><li>wait for an answer</li></ol>',
    '<p>On Monday somebody wrote:</p><ul><li>bring keys<ul><li>both sets</li></ul></li><li>bring lamps</li></ul>',
    '<p>Then:</p><ol start="2"><li>lock up</li><li>go home</li></ol>',
    '<p>See <a href="https://example.org/plan?a=1&amp;b=2">the plan</a>.</p><p>Office of Lamps</p>',
  ].join(''));
});

test('a list of contents from Word goes: its pages are not here', async () => {
  assert.equal((await clean('<p class=MsoTocHeading>Contents</p><p class=MsoToc1><a href="#_Toc1">Background<span>....</span>2</a></p><h1><a name="_Toc1">Background</a></h1><p class=MsoNormal>Text</p>')).html, '<h2>Background</h2><p>Text</p>');
});

test('plain text: paragraphs, and the lists that its signs draw', async () => {
  const html = (text, o) => page.evaluate(([t, opts]) => window.clean(window.textToHTML(t), opts).html, [text, o]);
  assert.equal(await html('Dear all,\r\n\r\nplease bring\r\n- keys\r\n  * of the archive\r\n  * of the safe\r\n- lamps\r\n\r\nThank you & <so on>'),
    '<p>Dear all,</p><p>please bring</p><ul><li>keys<ul><li>of the archive</li><li>of the safe</li></ul></li><li>lamps</li></ul><p>Thank you &amp; &lt;so on&gt;</p>');
  assert.equal(await html('1. meet\n2) eat\n\n3. go\nb) not this'), '<ol><li>meet</li><li>eat</li><li>go</li></ol><p>b) not this</p>');
  assert.equal(await html('(ب) واحد\n(ج) اثنان', { lang: 'ar', dir: 'rtl' }), '<ol type="a" start="2"><li>واحد</li><li>اثنان</li></ol>');
  assert.equal(await html('٢. واحد\n٣. اثنان\nEnglish', { lang: 'ar', dir: 'rtl' }), '<ol start="2"><li>واحد</li><li>اثنان</li></ol><p dir="ltr">English</p>');
  assert.equal(await html('1、登记\n2、公布'), '<ol><li>登记</li><li>公布</li></ol>');
  assert.equal(await html('\t• one\n\t• two'), '<ul><li>one</li><li>two</li></ul>');
  // Not lists: a title with its number, a date, somebody who speaks, a temperature.
  assert.equal(await html('1. Background\nText\n2. Objectives\nText'), '<p>1. Background</p><p>Text</p><p>2. Objectives</p><p>Text</p>');
  assert.equal(await html('12. May was warm\n– Yes, he said.\n-5 degrees'), '<p>12. May was warm</p><p>– Yes, he said.</p><p>-5 degrees</p>');
});

test('paragraphs that run against the field say so, with or without a mark in the source', async () => {
  assert.equal((await clean('<p>السجل مفتوح</p><p>Open register</p>')).html, '<p dir="rtl">السجل مفتوح</p><p>Open register</p>');
  assert.equal((await clean('<p>السجل مفتوح (ICT)</p><ul><li>Open register</li></ul><p>2026</p>', { lang: 'ar', dir: 'rtl' })).html, '<p>السجل مفتوح (ICT)</p><ul dir="ltr"><li>Open register</li></ul><p>2026</p>');
});

test('lists typed by hand, numbered in Arabic, Roman or with letters', async () => {
  const item = (mark, text, n = 1) => `<p class=MsoListParagraph style='mso-list:l0 level${n} lfo1'><span style='mso-list:Ignore'>${mark}<span>&nbsp;&nbsp;</span></span>${text}</p>`;
  assert.equal((await clean(`<p class=MsoNormal>•  one</p><p class=MsoNormal>•&nbsp;two</p>`)).html, '<ul><li>one</li><li>two</li></ul>');
  assert.equal((await clean(item('(iv)', 'x') + item('(v)', 'y'))).html, '<ol type="i" start="4"><li>x</li><li>y</li></ol>');
  assert.equal((await clean(item('٢.', 'x'))).html, '<ol start="2"><li>x</li></ol>');
  assert.equal((await clean(item('(ب)', 'x'))).html, '<ol type="a" start="2"><li>x</li></ol>');
  assert.equal((await clean(item('o', 'x') + item('§', 'y', 2) + item('o', 'z'))).html, '<ul><li>x<ul><li>y</li></ul></li><li>z</li></ul>');
  assert.equal((await clean(item('1.2.3', 'x', 3))).html, '<ol start="3"><li>x</li></ol>');
});

test('nothing that runs survives, whatever it is wrapped in', async () => {
  for (const evil of [
    '<img src=x onerror=alert(1)>', '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>', '<a href=" javascript:alert(1)">x</a>',
    '<a href="//evil.example/x">x</a>', '<a href="/\\evil.example">x</a>', '<math><mi xlink:href="data:x,alert(1)">x</mi></math>', '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<p style="background:url(javascript:alert(1))" onclick=alert(1)>x</p>', '<template><script>alert(1)</script></template>', '<form action=javascript:alert(1)><input name=x></form>',
    '<table><tr><td colspan=100000>a<td>b</table>', '<li>alone</li>', '<td>alone</td>', '<ul><ul><ul><li>deep</ul></ul></ul>', '<p>'.repeat(2000), '<div>'.repeat(300) + 'x', '<a href="#x">1</a>', '<span data-footnote="a">b</span>',
  ]) {
    const { html } = await clean(`<p class=MsoNormal>${evil}</p>`);
    assert.doesNotMatch(html, /script|onerror|onload|onclick|<svg|<math|<iframe|<form|<input|style=|evil|100000/, evil.slice(0, 60));
  }
});
