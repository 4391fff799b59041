// What rich text may hold: the same list that the server keeps to when it cleans what it is sent.
// Stored form: h2–h4 p ul ol li blockquote table a figure img figcaption strong em sub sup, dir on blocks,
// <span lang dir>, <span data-footnote="text"></span> for a note, and <data value="name"></data> for a fact of the entry; notes are
// numbered by where they stand.

import { DOMSerializer, Schema, type AttributeSpec, type DOMOutputSpec, type MarkSpec, type Node, type NodeSpec } from 'prosemirror-model';
import { tableNodes } from 'prosemirror-tables';

const RTL_LANGUAGES = /^(ar|fa|he|ur|ps|ckb|sd|ug|yi|dv)\b/;

/** Direction in which a language is written. */
export function directionOf(lang: string): 'rtl' | 'ltr' {
  return RTL_LANGUAGES.test(lang) ? 'rtl' : 'ltr';
}

/** An address that may stand in a link: http, https, mailto, tel, or a place on this site. */
export function safeHref(href: string): string | null {
  const h = href.trim();
  return /^(https?:\/\/[^\s/]|mailto:\S|tel:[+\d]|\/(?![/\\])|#)/i.test(h) ? h : null;
}

// A block may run the other way and be in another language than its field.
const own: Record<string, AttributeSpec> = { dir: { default: null }, lang: { default: null } };
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const dirOf = (el: HTMLElement) => {
  const d = el.getAttribute('dir')?.toLowerCase();
  return d === 'rtl' || d === 'ltr' ? d : null;
};
const ownOf = (el: HTMLElement) => {
  const lang = el.getAttribute('lang');
  return { dir: dirOf(el), lang: lang && LANGUAGE.test(lang) ? lang : null };
};
const withOwn = (n: Node) => ({ ...(n.attrs.lang ? { lang: n.attrs.lang as string } : {}), ...(n.attrs.dir ? { dir: n.attrs.dir as string } : {}) });

function block(tag: string, spec: NodeSpec): NodeSpec {
  return {
    ...spec,
    attrs: own,
    parseDOM: [{ tag, getAttrs: ownOf }],
    toDOM: (n: Node): DOMOutputSpec => [tag, withOwn(n), 0],
  };
}

const nodes: Record<string, NodeSpec> = {
  doc: { content: 'block+' },
  paragraph: block('p', { content: 'inline*', group: 'block' }),
  heading: {
    content: '(text | hard_break | footnote | fact)*',
    group: 'block',
    defining: true,
    attrs: { level: { default: 2 }, ...own },
    parseDOM: [1, 2, 3, 4, 5, 6].map((n) => ({
      tag: `h${n}`,
      getAttrs: (el: HTMLElement) => ({ level: Math.min(4, Math.max(2, n)), ...ownOf(el) }),
    })),
    toDOM: (n) => [`h${n.attrs.level}`, withOwn(n), 0],
  },
  blockquote: block('blockquote', { content: '(paragraph | ordered_list | bullet_list)+', group: 'block', defining: true }),
  ordered_list: {
    content: 'list_item+',
    group: 'block',
    attrs: { start: { default: 1 }, type: { default: null }, ...own },
    parseDOM: [
      {
        tag: 'ol',
        getAttrs: (el: HTMLElement) => ({
          start: Number(el.getAttribute('start')) || 1,
          type: /^[aAiI]$/.test(el.getAttribute('type') ?? '') ? el.getAttribute('type') : null,
          ...ownOf(el),
        }),
      },
    ],
    toDOM: (n) => [
      'ol',
      { ...(n.attrs.start !== 1 ? { start: n.attrs.start } : {}), ...(n.attrs.type ? { type: n.attrs.type } : {}), ...withOwn(n) },
      0,
    ],
  },
  bullet_list: block('ul', { content: 'list_item+', group: 'block' }),
  list_item: { content: 'paragraph (paragraph | ordered_list | bullet_list)*', defining: true, parseDOM: [{ tag: 'li' }], toDOM: () => ['li', 0] },
  figure: {
    content: 'inline*',
    marks: 'strong em sub sup link lang',
    group: 'block',
    draggable: true,
    isolating: true,
    attrs: { src: {}, alt: { default: '' } },
    parseDOM: [
      {
        tag: 'figure',
        contentElement: (el) => (el as HTMLElement).querySelector('figcaption') ?? (el as HTMLElement).ownerDocument.createElement('figcaption'),
        getAttrs: (el: HTMLElement) => pictureOf(el.querySelector('img')),
      },
      { tag: 'img[src]', getAttrs: (el: HTMLElement) => pictureOf(el as HTMLImageElement) },
    ],
    toDOM: (n) => ['figure', ['img', { src: n.attrs.src, alt: n.attrs.alt }], ['figcaption', 0]],
  },
  ...tableNodes({ tableGroup: 'block', cellContent: '(paragraph | ordered_list | bullet_list)+', cellAttributes: {} }),
  text: { group: 'inline' },
  hard_break: { inline: true, group: 'inline', selectable: false, parseDOM: [{ tag: 'br' }], toDOM: () => ['br'] },
  footnote: {
    inline: true,
    atom: true,
    group: 'inline',
    marks: '',
    attrs: { text: { default: '' } },
    parseDOM: [{ tag: 'span[data-footnote]', priority: 80, getAttrs: (el: HTMLElement) => ({ text: el.getAttribute('data-footnote') }) }],
    toDOM: (n) => ['span', { 'data-footnote': n.attrs.text }],
  },
  // A fact of the entry: the page puts its words there, in the language of the text.
  fact: {
    inline: true,
    atom: true,
    group: 'inline',
    attrs: { name: {} },
    parseDOM: [{ tag: 'data[value]', getAttrs: (el: HTMLElement) => /^[a-z][a-z_]*$/.test(el.getAttribute('value')!) && { name: el.getAttribute('value') } }],
    toDOM: (n) => ['data', { value: n.attrs.name }],
  },
};

function pictureOf(img: HTMLImageElement | null): { src: string; alt: string } | false {
  const src = img?.getAttribute('src') ?? '';
  return /^\/media\/[^\\]*$/.test(src) ? { src, alt: img!.getAttribute('alt') ?? '' } : false;
}

const simple = (tag: string, more: MarkSpec['parseDOM'] = [], spec: MarkSpec = {}): MarkSpec => ({
  ...spec,
  parseDOM: [{ tag }, ...more!],
  toDOM: () => [tag, 0],
});

const marks: Record<string, MarkSpec> = {
  link: {
    attrs: { href: {}, hreflang: { default: null } },
    inclusive: false,
    parseDOM: [
      {
        tag: 'a[href]',
        getAttrs: (el: HTMLElement) => {
          const href = safeHref(el.getAttribute('href') ?? '');
          return href ? { href, hreflang: el.getAttribute('hreflang') } : false;
        },
      },
    ],
    toDOM: (m) => ['a', { href: m.attrs.href, ...(m.attrs.hreflang ? { hreflang: m.attrs.hreflang } : {}) }, 0],
  },
  lang: {
    attrs: { lang: {}, dir: { default: null } },
    parseDOM: [
      {
        tag: 'span[lang]',
        getAttrs: (el: HTMLElement) => {
          const lang = el.getAttribute('lang') ?? '';
          return LANGUAGE.test(lang) ? { lang, dir: dirOf(el) } : false;
        },
      },
    ],
    toDOM: (m) => ['span', { lang: m.attrs.lang, ...(m.attrs.dir ? { dir: m.attrs.dir } : {}) }, 0],
  },
  strong: simple('strong', [{ tag: 'b', getAttrs: (el: HTMLElement) => el.style.fontWeight !== 'normal' && null }]),
  em: simple('em', [{ tag: 'i' }]),
  sub: simple('sub', [], { excludes: 'sup sub' }),
  sup: simple('sup', [], { excludes: 'sup sub' }),
};

export const schema = new Schema({ nodes, marks });

/**
 * The stored HTML of a document: no paragraph inside an item or cell that holds only one, header rows in thead,
 * scope on every th, no empty captions. An empty document is the empty string.
 */
export function toHTML(doc: Node): string {
  if (!doc.textContent.trim() && !hasObject(doc)) return '';
  const inert = document.implementation.createHTMLDocument('');
  const box = inert.createElement('div');
  DOMSerializer.fromSchema(schema).serializeFragment(doc.content, { document: inert }, box);
  for (const host of box.querySelectorAll('li,td,th')) {
    const ps = [...host.children].filter((c) => c.tagName === 'P');
    if (ps.length === 1 && host.firstElementChild === ps[0] && !ps[0].attributes.length) ps[0].replaceWith(...ps[0].childNodes);
  }
  for (const caption of box.querySelectorAll('figcaption')) if (!caption.textContent!.trim()) caption.remove();
  for (const table of box.querySelectorAll('table')) {
    const rows = [...table.querySelectorAll('tr')];
    let n = rows.findIndex((r) => [...r.children].some((c) => c.tagName === 'TD'));
    if (n < 0) n = Math.min(1, rows.length);
    const body = inert.createElement('tbody');
    if (n > 0) {
      const head = inert.createElement('thead');
      head.append(...rows.slice(0, n));
      table.replaceChildren(head);
    } else table.replaceChildren();
    if (rows.length > n) {
      body.append(...rows.slice(n));
      table.append(body);
    }
    for (const th of table.querySelectorAll('th')) {
      const inHead = !!th.closest('thead');
      const wide = Number(th.getAttribute('colspan') ?? 1) > 1;
      const tall = Number(th.getAttribute('rowspan') ?? 1) > 1;
      th.setAttribute('scope', inHead ? (wide ? 'colgroup' : 'col') : tall ? 'rowgroup' : 'row');
    }
  }
  // Empty paragraphs are where the caret was, not content.
  for (const p of box.querySelectorAll(':scope > p')) if (!p.hasChildNodes()) p.remove();
  return box.innerHTML;
}

function hasObject(doc: Node): boolean {
  let found = false;
  doc.descendants((n) => {
    found ||= n.type === schema.nodes.figure || n.type === schema.nodes.footnote || n.type === schema.nodes.fact || n.type === schema.nodes.table;
    return !found;
  });
  return found;
}
