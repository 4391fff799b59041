// Turns what word processors put on the clipboard into plain semantic HTML before ProseMirror reads it, and tells what
// was kept and what was left out. Knows Word, Outlook, Word for the web, Google Docs and LibreOffice.

export type Source = 'word' | 'wordweb' | 'gdocs' | 'libreoffice' | 'web';

export interface Pasted {
  html: string;
  source: Source;
  /** How many of each are in html. */
  kept: { headings: number; lists: number; tables: number; footnotes: number; links: number };
  /** How many of each were left out. */
  left: { comments: number; pictures: number; deletions: number };
  /** Notes that are called in the text but whose words were not on the clipboard. */
  emptyNotes: number;
}

export interface PasteOptions {
  /** Parses HTML into an inert document. */
  parse(html: string): Document;
  /** Language of the field (BCP 47); words in other languages keep theirs. */
  lang: string;
  /** Direction of the field; paragraphs that run the other way keep theirs. */
  dir: 'rtl' | 'ltr';
  directionOf(lang: string): 'rtl' | 'ltr';
  /** The address as it may be stored, or null. */
  safeHref(href: string): string | null;
}

/** Boxes that hold blocks, or are written for a paragraph. */
const BOXES = 'div,center,section,article,header,footer,main,aside,address,nav,dl,dt,dd,pre';
const BLOCKS = new Set(`${BOXES},p,h1,h2,h3,h4,h5,h6,li,ul,ol,table,caption,thead,tbody,tfoot,tr,td,th,blockquote,figure,figcaption,body,html,hr,br`.toUpperCase().split(','));
const KEPT = new Set('p,h2,h3,h4,ul,ol,li,table,thead,tbody,tr,td,th,blockquote,figure,figcaption,br,a,img,strong,em,sub,sup,span'.toUpperCase().split(','));
const DROPPED = 'style,script,meta,link,title,base,xml,template,noscript,iframe,frame,object,embed,applet,input,button,select,textarea,canvas,audio,video,svg,math,colgroup,col,hr';

const blank = (s: string) => !s.replace(/[\s\u00a0\u200b\ufeff\ue000]/g, '');
/** Stands for a run of blanks that Word drew to line something up; becomes one blank, or none after an opening mark. */
const RUN = '\ue000';

export function sourceOf(html: string): Source {
  if (/ListContainerWrapper|class="[^"]*\b(?:SCXW\d|TextRun|OutlineElement)/.test(html)) return 'wordweb';
  if (/docs-internal-guid/.test(html)) return 'gdocs';
  if (/<meta[^>]+(?:LibreOffice|OpenOffice)/i.test(html)) return 'libreoffice';
  if (/mso-|class="?(?:x_)?Mso|urn:schemas-microsoft-com/.test(html)) return 'word';
  return 'web';
}

export function cleanPaste(html: string, opts: PasteOptions): Pasted {
  // A page that forbids inline code (CSP) reports every style and handler that it merely parses: they are renamed before.
  let styles = '';
  const doc = opts.parse(
    html
      .replace(/<style\b[^>]*>([\s\S]*?)<\/style\s*>/gi, (_, rules: string) => ((styles += rules), ''))
      .replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/(\s)(style|on[a-z]+)(?=\s*=)/gi, (_, gap: string, name: string) => gap + (/^s/i.test(name) ? 'data-st' : 'data-on'))),
  );
  const body = doc.body;
  const all = (selector: string, root: ParentNode = body) => [...root.querySelectorAll<HTMLElement>(selector)];
  const unwrap = (e: Element) => e.replaceWith(...e.childNodes);
  const rename = (e: Element, tag: string) => {
    const n = doc.createElement(tag);
    for (const a of e.attributes) n.setAttribute(a.name, a.value);
    n.append(...e.childNodes);
    e.replaceWith(n);
    return n;
  };
  const wrapInner = (e: Element, tag: string) => {
    const n = doc.createElement(tag);
    n.append(...e.childNodes);
    e.append(n);
    return n;
  };
  const textNodes = (root: Node) => {
    const w = doc.createTreeWalker(root, 4 /* text */);
    const found: Text[] = [];
    while (w.nextNode()) found.push(w.currentNode as Text);
    return found;
  };
  const pasted: Pasted = {
    html: '',
    source: sourceOf(html),
    kept: { headings: 0, lists: 0, tables: 0, footnotes: 0, links: 0 },
    left: { comments: 0, pictures: 0, deletions: 0 },
    emptyNotes: 0,
  };
  const { left } = pasted;

  // -- the noise: conditional sections, Office's own tags, styles ----------------------------------------------
  const formats = numberFormats(styles);
  const comments = doc.createTreeWalker(body, 128 /* comment */);
  const dead: ChildNode[] = [];
  while (comments.nextNode()) dead.push(comments.currentNode as ChildNode);
  dead.forEach((n) => n.remove());
  for (const e of all('*')) if (e.tagName.includes(':')) blank(e.textContent!) ? e.remove() : unwrap(e);

  // All blanks out, so that selectors can find a declaration.
  for (const e of all('[data-st]')) e.dataset.st = `;${e.dataset.st!.toLowerCase().replace(/\s+/g, '')};`;
  const css = (e: Element, property: string) => {
    const st = e.getAttribute('data-st') ?? '';
    const at = st.indexOf(`;${property}:`);
    return at < 0 ? '' : st.slice(at + property.length + 2, st.indexOf(';', at + 1));
  };
  // Mail in a browser is renamed on its way in, or its styles would mix with those of the mail program.
  for (const e of all('[class*="x_Mso"]')) e.className = e.className.replace(/\bx_(?=Mso)/g, '');
  // A list of contents names pages that do not exist here.
  all('p[class*="MsoToc"]').forEach((e) => e.remove());
  left.pictures += all('svg,canvas,video,object,embed').length;
  all(`${DROPPED},[data-st*=";display:none;"],[data-st*=";mso-hide:all;"],[hidden]`).forEach((e) => e.remove());

  // -- reviewers' comments and tracked changes ------------------------------------------------------------------
  left.comments = Math.max(
    all('[data-st*=";mso-element:comment;"]').length,
    all('a.msocomanchor, a[href^="#_msocom"]').length,
    all('a[href^="#cmnt"]:not([href^="#cmnt_ref"])').length,
  );
  for (const a of all('a[href^="#cmnt_ref"]')) (a.closest('div') ?? a.closest('p'))?.remove();
  for (const a of all('a[href^="#cmnt"]')) (a.closest('sup') ?? a).remove();
  all(
    '[data-st*=";mso-element:comment-list;"],[data-st*=";mso-element:comment;"],.MsoCommentReference,.MsoCommentText,[data-st*=";mso-special-character:comment;"],a.msocomanchor,.msocomtxt',
  ).forEach((e) => e.remove());
  const deleted = all('del, .msoDel').filter((e) => !e.parentElement!.closest('del, .msoDel'));
  left.deletions = deleted.length;
  deleted.forEach((e) => e.remove());
  all('ins, .msoIns').forEach(unwrap);

  // -- pictures: only those that are already in the media library ----------------------------------------------
  for (const img of all('img')) {
    if (/^\/media\/[^\\]*$/.test(img.getAttribute('src') ?? '')) continue;
    // Pixels that count readers are nobody's picture.
    if (Number(img.getAttribute('width') ?? 9) > 2) left.pictures++;
    img.remove();
  }

  footnotes();

  // -- looks that mean something ----------------------------------------------------------------------------------
  for (const e of all('b,strong,i,em')) {
    if (/^(normal|400)$/.test(css(e, 'font-weight')) || (/^(I|EM)$/.test(e.tagName) && css(e, 'font-style') === 'normal')) unwrap(e);
    else if (e.tagName === 'B') rename(e, 'strong');
    else if (e.tagName === 'I') rename(e, 'em');
  }
  for (const e of all('[data-st*="mso-spacerun:yes"],[data-st*=";mso-tab-count:"]')) e.textContent = RUN;
  for (const e of all('span,font')) {
    if (e.dataset.footnote !== undefined) continue;
    const put = (tag: string) => e.closest(tag) ?? wrapInner(e, tag); // programs say it on each span inside another
    if (/^(bold|bolder|[6-9]00)$/.test(css(e, 'font-weight'))) put('strong');
    if (/^(italic|oblique)$/.test(css(e, 'font-style'))) put('em');
    const rise = css(e, 'vertical-align');
    if (rise === 'super' || rise === 'sub') put(rise === 'super' ? 'sup' : 'sub');
    if (/underline/.test(css(e, 'text-decoration'))) wrapInner(e, 'u');
  }
  // "2nd": Word raises the letters by itself.
  for (const s of all('sup')) {
    const before = s.previousSibling?.textContent ?? '';
    if (/\d$/.test(before) && /^(st|nd|rd|th)$/i.test(s.textContent!.trim())) unwrap(s);
  }
  for (const p of all('p[role=heading],div[role=heading]')) rename(p, `h${Math.min(6, Number(p.getAttribute('aria-level')) || 2)}`);
  for (const p of all('p.MsoTitle')) rename(p, 'h1');
  for (const p of all('p.MsoQuote,p.MsoIntenseQuote')) wrapInner(p.parentElement!.insertBefore(doc.createElement('blockquote'), p), 'p').replaceWith(p);

  paragraphs();
  lists();
  tables();
  languages();
  headings();
  attributes();
  tidy();

  // What is empty now: bookmarks, formatting round nothing.
  for (const e of all('strong,em,sub,sup,a,span:not([data-footnote])').reverse()) if (!e.textContent && !e.querySelector('img,br,[data-footnote]')) e.remove();
  for (const e of all('p,li,h2,h3,h4,blockquote,ul,ol').reverse()) if (blank(e.textContent!) && !e.querySelector('img,[data-footnote],table')) e.remove();

  pasted.kept = {
    headings: all('h2,h3,h4').length,
    lists: all('ul,ol').length,
    tables: all('table').length,
    footnotes: all('[data-footnote]').length,
    links: all('a').length,
  };
  pasted.emptyNotes = all('[data-footnote=""]').length;
  pasted.html = body.innerHTML.trim();
  return pasted;

  /**
   * A note is a link to a place that links back: so Word, LibreOffice and Google Docs all do it. The earlier of the two
   * is the call, the later one stands in the note.
   */
  function footnotes(): void {
    const places = new Map<string, HTMLElement>();
    for (const e of all('[id],a[name]')) {
      for (const key of [e.id, e.getAttribute('name')]) if (key && !places.has(key)) places.set(key, e);
    }
    const boxes = new Set<Element>();
    for (const a of all('a[href^="#"]')) {
      if (!a.isConnected) continue;
      const name = a.getAttribute('href')!.slice(1);
      const known = /^(_ftn|_edn|sdfootnote|sdendnote|ftnt)(?!.*(ref|anc))/.test(name);
      const there = places.get(name);
      if (/^(_ftnref|_ednref|ftnt_ref)|anc$/.test(name)) continue;
      const back = there?.matches('a') ? there : there?.querySelector<HTMLElement>('a[href^="#"]');
      const returns = (link: Element | null | undefined) => {
        const target = places.get(link?.getAttribute('href')?.slice(1) ?? '');
        return !!target && (target === a || target.contains(a) || a.contains(target));
      };
      if (!there || !back || !returns(back) || !(a.compareDocumentPosition(there) & 4)) {
        if (known) a.replaceWith(note(''));
        continue;
      }
      const div = there.closest<HTMLElement>('div');
      const alone = div && div !== body && div.contains(back) && all('a[href^="#"]', div).filter(returns).length === 1 && !div.contains(a) && all('a[href^="#"]', div).every((l) => l === back || returns(l));
      const box = (alone ? div : there.closest<HTMLElement>('p,li')) ?? there;
      back.remove();
      const text = box.textContent!.replace(/\s+/g, ' ').trim();
      if (box.parentElement && box.parentElement !== body) boxes.add(box.parentElement);
      box.remove();
      // The call is raised by an element round it or by its style; the note will be by itself.
      let call: Element = a;
      for (let up = a.parentElement!; /^(SUP|SPAN)$/.test(up.tagName) && up.textContent === a.textContent; up = up.parentElement!) call = up;
      call.replaceWith(note(text));
    }
    all('[data-st*=";mso-element:footnote-list;"],[data-st*=";mso-element:endnote-list;"]').forEach((e) => e.remove());
    for (const b of boxes) if (b.isConnected && blank(b.textContent!)) b.remove();
  }

  function note(text: string): HTMLElement {
    const s = doc.createElement('span');
    s.dataset.footnote = cp1252(text).replace(/[\u00a0\ue000]/g, ' ');
    return s;
  }

  /** Some programs write paragraphs as div; boxes that only hold paragraphs go. */
  function paragraphs(): void {
    for (const d of all(BOXES).reverse()) {
      const holdsBlocks = [...d.children].some((c) => c.tagName !== 'BR' && (BLOCKS.has(c.tagName) || !!c.querySelector('p,div,ul,ol,table,h1,h2,h3')));
      if (!d.matches('.ListContainerWrapper')) holdsBlocks ? unwrap(d) : rename(d, 'p');
    }
    // Google Docs puts a line break between paragraphs as well.
    for (const br of all('br')) {
      const beside = [br.previousSibling, br.nextSibling].map((n) => (n?.nodeType === 3 && blank((n as Text).data) ? null : n));
      if (beside.every((n) => !n || (n.nodeType === 1 && (BLOCKS.has((n as Element).tagName) || !!(n as Element).querySelector('p'))))) br.remove();
    }
    for (const p of all('p,h1,h2,h3,h4,h5,h6')) if (blank(p.textContent!) && !p.querySelector('img,[data-footnote],table')) p.remove();
  }

  /** Brings every way of writing a list into nested ul and ol. */
  function lists(): void {
    // Word for the web: one list per item, the depth in an attribute.
    for (const wrapper of all('.ListContainerWrapper')) {
      const made = all('li', wrapper).map((li) => {
        const p = doc.createElement('p');
        const list = li.parentElement!;
        const level = Number(li.getAttribute('data-aria-level') ?? li.getAttribute('aria-level')) || 1;
        p.setAttribute('data-st', `;mso-list:l${li.getAttribute('data-listid') ?? 0}level${level}lfo0;`);
        p.dataset.mark = list.tagName === 'OL' ? `${list.getAttribute('start') ?? li.getAttribute('data-aria-posinset') ?? 1}.` : '·';
        p.dataset.letters = lettersOf(list);
        const inner = li.querySelector('p');
        if (inner?.getAttribute('dir')) p.setAttribute('dir', inner.getAttribute('dir')!);
        p.append(...(inner ?? li).childNodes);
        return p;
      });
      wrapper.replaceWith(...made);
    }
    // A list directly inside a list (Google Docs, old Outlook) belongs to the item before it.
    for (const inner of all('ul > ul, ul > ol, ol > ul, ol > ol')) {
      const before = inner.previousElementSibling;
      if (before?.tagName === 'LI') before.append(inner);
      else {
        const li = doc.createElement('li');
        inner.before(li);
        li.append(inner);
      }
    }
    for (const list of all('ol:not([type])')) if (lettersOf(list)) list.setAttribute('type', lettersOf(list));
    // Bullets typed as signs, or drawn in a list paragraph whose list definition did not come along; there numbers are
    // marks too, and the depth is in the margin.
    let margins: number[] = [];
    let previous: Element | null = null;
    for (const p of all('p')) {
      if (/mso-list:l\d/.test(p.getAttribute('data-st') ?? '') || p.closest('li')) continue;
      const listed = /\bMsoList(Paragraph|Bullet|Number)/.test(p.className);
      const m = (listed ? /^[\s\u00a0\ue000]*([•·▪◦‣●○■§o\uf0b7\uf0a7]|\(?[\p{L}\d]{1,4}[.)])[\s\u00a0\ue000]{2,}/u : /^[\s\u00a0\ue000]*([•·▪◦‣●○■\uf0b7\uf0a7])[\s\u00a0\ue000]+/).exec(p.textContent!);
      if (!m) continue;
      let strip = m[0].length;
      for (const t of textNodes(p)) {
        const n = Math.min(strip, t.length);
        t.deleteData(0, n);
        strip -= n;
      }
      if (p.previousElementSibling !== previous) margins = [];
      previous = p;
      const margin = listed ? points(css(p, 'margin-left') || css(p, 'margin')) : 0;
      margins = [...margins.filter((x) => x < margin), margin];
      // Items of two kinds on the same level are two lists.
      p.setAttribute('data-st', `;mso-list:l${numbering(m[1]) ? 9998 : 9999}level${margins.length}lfo0;`);
      p.dataset.mark = m[1];
    }
    type Open = { list: HTMLElement; level: number; id: string };
    let stack: Open[] = [];
    for (const p of all('[data-st*="mso-list:l"]')) {
      const m = /mso-list:(l\d+)level(\d+)(lfo\d+)?/.exec(p.getAttribute('data-st')!);
      if (!m || !/^(P|LI|H[1-6])$/.test(p.tagName)) continue;
      const ignored = all('[data-st*="mso-list:ignore"]', p)[0];
      const mark = (p.dataset.mark ?? ignored?.textContent ?? '').replace(/[\s\u00a0\ue000]/g, '');
      for (let e: Element | null = ignored; e && e !== p; ) {
        const up: Element | null = e.parentElement;
        if (e === ignored || blank(e.textContent!)) e.remove();
        e = up;
      }
      if (p.tagName !== 'P') continue; // a numbered heading loses its number, a true item is one already
      const level = Number(m[2]);
      const id = m[1] + (m[3] ?? '');
      const kind = numbering(mark) ?? formats.get(`${m[1]}:${level}`) ?? null;
      if (kind && p.dataset.letters) kind.type = p.dataset.letters;
      const root = stack[0]?.list;
      if (!root || p.previousElementSibling !== root || (level <= stack[0].level && stack[0].id !== id)) stack = [];
      while (stack.length && stack[stack.length - 1].level > level) stack.pop();
      const top = stack[stack.length - 1];
      if (!top || top.level < level) {
        const list = doc.createElement(kind ? 'ol' : 'ul');
        if (kind?.type) list.setAttribute('type', kind.type);
        if (kind && kind.start > 1) list.setAttribute('start', String(kind.start));
        if (p.getAttribute('dir')) list.setAttribute('dir', p.getAttribute('dir')!);
        if (top) top.list.lastElementChild!.append(list);
        else p.before(list);
        stack.push({ list, level, id });
      }
      const li = doc.createElement('li');
      li.append(...p.childNodes);
      stack[stack.length - 1].list.append(li);
      p.remove();
    }
    // An item that is one paragraph needs none.
    for (const li of all('li')) {
      all(':scope > h1,:scope > h2,:scope > h3,:scope > h4,:scope > h5,:scope > h6', li).forEach((h) => rename(h, 'p'));
      const ps = [...li.children].filter((c) => c.tagName === 'P');
      if (ps.length === 1 && li.firstElementChild === ps[0]) unwrap(ps[0]);
    }
  }

  /** How the items of an ordered list are marked, if by letters: type of ol. */
  function lettersOf(list: Element): string {
    const style = css(list, 'list-style-type') || (list.firstElementChild && css(list.firstElementChild, 'list-style-type')) || '';
    return { 'lower-alpha': 'a', 'lower-latin': 'a', 'upper-alpha': 'A', 'upper-latin': 'A', 'lower-roman': 'i', 'upper-roman': 'I' }[style] ?? '';
  }

  function tables(): void {
    for (const t of all('table').reverse()) {
      // Word draws an invisible last row to fix the widths of merged columns.
      all('tr', t).forEach((r) => (r.getAttribute('height') === '0' || !r.children.length) && r.remove());
      const cells = all('td,th', t);
      if (cells.length <= 1) {
        t.replaceWith(...(cells[0]?.childNodes ?? []));
        continue;
      }
      const caption = t.querySelector('caption');
      if (caption) {
        t.before(caption);
        rename(caption, 'p');
      }
      for (const c of cells) {
        all('h1,h2,h3,h4,h5,h6', c).forEach((h) => rename(h, 'p'));
        const ps = [...c.children].filter((e) => e.tagName === 'P');
        if (ps.length === 1 && c.firstElementChild === ps[0] && blank([...c.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join(''))) {
          if (ps[0].getAttribute('dir')) c.setAttribute('data-dir', ps[0].getAttribute('dir')!);
          unwrap(ps[0]);
        }
      }
      const rows = all('tr', t);
      const heads: HTMLElement[] = [];
      for (const r of rows.slice(0, -1)) {
        const filled = [...r.children].filter((c) => !blank(c.textContent!));
        if (!r.closest('thead') && !(filled.length && filled.every((c) => c.tagName === 'TH' || textNodes(c).every((n) => blank(n.data) || n.parentElement!.closest('strong'))))) break;
        heads.push(r);
      }
      for (const r of heads) {
        for (const c of [...r.children]) {
          const th = rename(c, 'th');
          th.setAttribute('scope', Number(th.getAttribute('colspan') ?? 1) > 1 ? 'colgroup' : 'col');
          all('strong', th).forEach(unwrap);
        }
      }
      const make = (tag: string, from: HTMLElement[]) => {
        const part = doc.createElement(tag);
        part.append(...from);
        return part;
      };
      const rest = rows.filter((r) => !heads.includes(r));
      t.replaceChildren(...(heads.length ? [make('thead', heads)] : []), ...(rest.length ? [make('tbody', rest)] : []));
      for (const th of all('tbody th', t)) th.setAttribute('scope', 'row');
    }
  }

  /** Words in another language than the field's keep theirs; "proofing languages" of the rest go. */
  function languages(): void {
    const base = (l: string) => l.toLowerCase().split(/[-_]/)[0];
    const own = base(opts.lang);
    const nearest = (n: Node) => base(n.parentElement?.closest('[lang]')?.getAttribute('lang') ?? '');
    const amount = new Map<string, number>();
    for (const t of textNodes(body)) amount.set(nearest(t), (amount.get(nearest(t)) ?? 0) + t.data.trim().length);
    const main = [...amount].sort((a, b) => b[1] - a[1])[0]?.[0] ?? own;
    const foreign = (l: string) => /^[a-z]{2,3}$/.test(l) && l !== own && l !== main && l !== 'zxx' && l !== 'und';
    const wraps: [HTMLElement, string][] = [];
    for (const e of all('[lang]')) {
      const l = base(e.getAttribute('lang')!);
      const around = base(e.parentElement!.closest('[lang]')?.getAttribute('lang') ?? '');
      const mine = textNodes(e).filter((t) => t.parentElement!.closest('[lang]') === e).map((t) => t.data).join('');
      if (foreign(l) && l !== around && /\p{L}/u.test(mine)) wraps.push([e, l]);
    }
    for (const [e, l] of wraps) {
      if (/^(TABLE|TBODY|THEAD|TR|UL|OL|BODY|DIV)$/.test(e.tagName)) continue;
      const s = wrapInner(e, 'span');
      s.setAttribute('data-lang', l);
      if (opts.directionOf(l) !== opts.dir) s.setAttribute('data-dir', opts.directionOf(l));
    }
  }

  /** Headings from h2 down without gaps; a short line all bold and underlined is one that was drawn by hand. */
  function headings(): void {
    let last = 0;
    for (const e of all('h1,h2,h3,h4,h5,h6,p')) {
      if (e.tagName !== 'P') {
        last = Number(e.tagName[1]);
        continue;
      }
      const parts = textNodes(e).filter((t) => !blank(t.data));
      const drawn = parts.length > 0 && parts.every((t) => t.parentElement!.closest('strong') && t.parentElement!.closest('u'));
      if (drawn && e.textContent!.trim().length <= 100 && !e.closest('li,td,th,blockquote')) rename(e, `h${last || 2}`);
    }
    const real = all('h1,h2,h3,h4,h5,h6');
    const used = [...new Set(real.map((h) => Number(h.tagName[1])))].sort();
    let above = 1;
    for (const h of real) {
      all('strong,b', h).forEach(unwrap);
      above = Math.min(4, 2 + used.indexOf(Number(h.tagName[1])), above + 1);
      rename(h, `h${above}`);
    }
  }

  /** What is not in the list of kept tags is taken off its content, and every attribute without a meaning goes. */
  function attributes(): void {
    for (const e of all('*')) {
      const attrs = new Map<string, string>();
      const get = (n: string) => e.getAttribute(n);
      const dir = (get('data-dir') ?? get('dir') ?? (/^(P|H\d|UL|OL)$/.test(e.tagName) && !e.closest('[dir]') ? runs(e.textContent!) : '')).toLowerCase();
      const span = e.tagName === 'SPAN';
      if (span && e.dataset.footnote !== undefined) attrs.set('data-footnote', e.dataset.footnote);
      else if (span && e.dataset.lang) attrs.set('lang', e.dataset.lang);
      else if (span || !KEPT.has(e.tagName)) {
        unwrap(e);
        continue;
      }
      if (e.tagName === 'A') {
        const href = opts.safeHref(direct(get('href') ?? ''));
        if (!href || href.startsWith('#')) {
          unwrap(e);
          continue;
        }
        attrs.set('href', href);
      }
      if (/^(rtl|ltr)$/.test(dir) && (span ? !!e.dataset.lang : dir !== opts.dir) && !/^(TD|TH|TR|THEAD|TBODY|LI|A|STRONG|EM|SUB|SUP|BR)$/.test(e.tagName)) attrs.set('dir', dir);
      if (/^(TD|TH)$/.test(e.tagName)) {
        for (const n of ['colspan', 'rowspan']) {
          const v = Number(get(n));
          if (Number.isInteger(v) && v > 1 && v < 100) attrs.set(n, String(v));
        }
        if (e.tagName === 'TH') attrs.set('scope', get('scope') ?? 'col');
      }
      if (e.tagName === 'OL') {
        if (/^[aAiI]$/.test(get('type') ?? '')) attrs.set('type', get('type')!);
        if (Number(get('start')) > 1) attrs.set('start', get('start')!);
      }
      if (e.tagName === 'IMG') for (const n of ['src', 'alt']) attrs.set(n, get(n) ?? '');
      for (const a of [...e.attributes]) e.removeAttribute(a.name);
      attrs.forEach((v, n) => e.setAttribute(n, v));
    }
  }

  /** Blanks as a reader would type them; characters of Windows' old code page as what they stood for. */
  function tidy(): void {
    let block: Element | null = null;
    let prev = ' ';
    let lastText: Text | null = null;
    const end = () => lastText && (lastText.data = lastText.data.replace(/[ \u00a0]+$/, ''));
    const walk = doc.createTreeWalker(body, 5 /* elements, text */);
    while (walk.nextNode()) {
      const n = walk.currentNode;
      if (n.nodeType === 1) {
        if ((n as Element).tagName === 'BR') {
          end();
          prev = ' ';
          lastText = null;
        } else if ((n as HTMLElement).dataset.footnote !== undefined) prev = 'x';
        continue;
      }
      const t = n as Text;
      let around: Element | null = t.parentElement;
      while (around && !BLOCKS.has(around.tagName)) around = around.parentElement;
      if (around !== block) {
        end();
        prev = ' ';
        lastText = null;
        block = around;
      }
      let out = '';
      const raw = cp1252(t.data).replace(/[\t\n\f\r\u2028]/g, ' ').replace(/[\u200b\ufeff]/g, '');
      for (let i = 0; i < raw.length; i++) {
        const c = raw[i];
        const before = out ? out[out.length - 1] : prev;
        if (c === ' ' || c === '\u00a0' || c === RUN) {
          // A no-break blank stays where it does something: round numbers and before or inside French marks.
          const next = raw[i + 1] ?? '';
          const tight = c === '\u00a0' && (/[:;?!»%]/.test(next) || before === '«' || /\d/.test(before) || /\d/.test(next));
          if (before === ' ' || before === '\u00a0') continue;
          if (c === RUN && /[“‘("«\[]/.test(before)) continue;
          out += tight ? '\u00a0' : ' ';
        } else out += c;
      }
      t.data = out;
      if (out) {
        prev = out[out.length - 1];
        lastText = t;
      }
    }
    end();
    // Blanks between blocks are only how the source was laid out.
    for (const t of textNodes(body)) if (blank(t.data) && [t.previousSibling, t.nextSibling].some((s) => s?.nodeType === 1 && BLOCKS.has((s as Element).tagName) && (s as Element).tagName !== 'BR')) t.remove();
  }
}

/** The last length in a value of CSS without blanks, in points: "0cm0cm0cm36pt" is 36. */
function points(value: string): number {
  const m = /([\d.]+)(pt|cm|mm|in|px)$/.exec(value);
  return m ? Math.round(Number(m[1]) * { pt: 1, cm: 28.35, mm: 2.835, in: 72, px: 0.75 }[m[2]]!) : 0;
}

/**
 * Plain text as Word would put it on the clipboard: a paragraph for each line; lines that begin with a dash, a dot or
 * numbers that count on are items, those that stand further in lie deeper.
 */
export function textToHTML(text: string): string {
  let run = 0; // of lines with marks, one after the other
  const lines = text.split(/[\r\n\u2028\u2029]+/).flatMap((line) => {
    if (blank(line)) return [];
    const [drawn, margin, mark] = /^(\s*)([-–*•·▪◦‣●○■]|\(?(?:\p{L}|\p{Nd}+)\)|\p{Nd}+[.、])(?:\s+|(?<=、))(?=\S)/u.exec(line) ?? [''];
    if (!mark) run++;
    return { line, drawn, margin, mark, run, number: mark ? numbering(mark) : null };
  });
  let margins: string[] = [];
  return lines.map((l) => {
    const { mark, margin, number } = l;
    // One line that begins with a number is a title or a date as often as a list, one with a dash may be what somebody says.
    const item = mark && ((!number && !'-–*'.includes(mark)) || lines.some((o) => o !== l && o.mark && o.run === l.run && o.number?.type === number?.type && (!number || Math.abs(o.number!.start - number.start) === 1)));
    margins = item ? [...margins.filter((x) => x < margin), margin] : [];
    const words = l.line.slice(item ? l.drawn.length : 0).replace(/&/g, '&amp;').replace(/</g, '&lt;');
    return item ? `<p style="mso-list:l9 level${margins.length} lfo${number ? number.type.length + 1 : 0}"><i style="mso-list:ignore">${mark}</i>${words}` : `<p>${words}`;
  }).join('');
}

/** Which way most letters of a text run. */
function runs(text: string): 'rtl' | 'ltr' | '' {
  const rtl = text.match(/[\p{Script=Arabic}\p{Script=Hebrew}]/gu)?.length ?? 0;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters ? (rtl * 2 > letters ? 'rtl' : 'ltr') : '';
}

/** The address behind a mail or document program's redirect. */
function direct(href: string): string {
  try {
    const u = new URL(href);
    const to = u.hostname === 'www.google.com' && u.pathname === '/url' ? u.searchParams.get('q') : u.hostname.endsWith('.safelinks.protection.outlook.com') ? u.searchParams.get('url') : null;
    return to ?? href;
  } catch {
    return href;
  }
}

type Numbering = { type: string; start: number };

/** Reads the mark before an item: "3." "b)" "(iv)" "٢." "(أ)" "1.2.1"; null when it is a bullet. */
function numbering(mark: string): Numbering | null {
  const latin = mark.replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660)).replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x6f0));
  const number = /^\(?(?:\d+\.)*(\d{1,3})[.)\-、]*$/.exec(latin);
  if (number) return { type: '', start: Number(number[1]) };
  const letters = /^(?:\((\p{L}{1,4})\)|(\p{L}{1,4})[.)\-])$/u.exec(latin);
  if (!letters) return null;
  const l = letters[1] ?? letters[2];
  if (/^[ivxIVX]+$/.test(l)) {
    const value = { i: 1, v: 5, x: 10 } as Record<string, number>;
    const v = [...l.toLowerCase()].map((c) => value[c]);
    return { type: l === l.toLowerCase() ? 'i' : 'I', start: v.reduce((sum, n, i) => sum + (n < (v[i + 1] ?? 0) ? -n : n), 0) };
  }
  if (/^[a-zA-Z]$/.test(l)) return { type: l === l.toLowerCase() ? 'a' : 'A', start: (l.toLowerCase().charCodeAt(0) - 96) };
  const abjad = 'أبجدهوزحطي'.indexOf(l.replace('ا', 'أ'));
  return { type: 'a', start: abjad >= 0 ? abjad + 1 : 1 };
}

/** Word's list definitions: "l0:1" to how that level is numbered; bullets have no entry. */
function numberFormats(styles: string): Map<string, Numbering> {
  const found = new Map<string, Numbering>();
  for (const [, list, level, rules] of styles.matchAll(/@list\s+(l\d+):level(\d+)\s*\{([^}]*)\}/g)) {
    const format = /mso-level-number-format:\s*([\w-]+)/.exec(rules)?.[1] ?? 'decimal';
    if (format === 'bullet' || format === 'none' || format === 'image') continue;
    const type = { 'alpha-lower': 'a', 'alpha-upper': 'A', 'roman-lower': 'i', 'roman-upper': 'I' }[format] ?? '';
    found.set(`${list}:${level}`, { type, start: 1 });
  }
  return found;
}

/** Old programs leave the characters 0x80–0x9F of Windows-1252 unconverted. */
function cp1252(text: string): string {
  const table = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
  return text.replace(/[\u0080-\u009f]/g, (c) => table[c.charCodeAt(0) - 0x80]);
}
