// What the editor's buttons and keys do.

import { lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands';
import type { Mark, MarkType, Node, NodeType, ResolvedPos } from 'prosemirror-model';
import { liftListItem, wrapInList } from 'prosemirror-schema-list';
import { NodeSelection, Selection, TextSelection, type Command, type EditorState, type Transaction } from 'prosemirror-state';
import type { EditorView } from 'prosemirror-view';
import type { Host } from './prose';
import { directionOf, safeHref, schema } from './schema';

const { nodes, marks } = schema;
const isList = (n: Node) => n.type === nodes.ordered_list || n.type === nodes.bullet_list;

function ancestor($pos: ResolvedPos, test: (n: Node) => boolean): { node: Node; pos: number } | null {
  for (let d = $pos.depth; d > 0; d--) if (test($pos.node(d))) return { node: $pos.node(d), pos: $pos.before(d) };
  return null;
}

export function inside(state: EditorState, type: NodeType): boolean {
  return !!ancestor(state.selection.$from, (n) => n.type === type);
}

/** The kind of list that the selection is in. */
export function listType(state: EditorState): NodeType | null {
  return ancestor(state.selection.$from, isList)?.node.type ?? null;
}

export function toggleList(type: NodeType): Command {
  return (state, dispatch, view) => {
    const here = ancestor(state.selection.$from, isList);
    if (!here) return wrapInList(type)(state, dispatch, view);
    if (here.node.type === type) return liftListItem(nodes.list_item)(state, dispatch, view);
    dispatch?.(state.tr.setNodeMarkup(here.pos, type, { dir: here.node.attrs.dir, lang: here.node.attrs.lang }));
    return true;
  };
}

export const toggleQuote: Command = (state, dispatch, view) =>
  inside(state, nodes.blockquote) ? lift(state, dispatch, view) : wrapIn(nodes.blockquote)(state, dispatch, view);

/** 'p', or a heading level. A list item or a quotation is lifted out first, as a heading cannot be in it. */
export function setStyle(style: string): Command {
  const to = style === 'p' ? nodes.paragraph : nodes.heading;
  return (state, dispatch, view) => {
    const { dir = null, lang = null } = state.selection.$from.parent.attrs;
    return setBlockType(to, style === 'p' ? { dir, lang } : { level: Number(style), dir, lang })(state, dispatch, view);
  };
}

export function styleOf(state: EditorState): string {
  const p = state.selection.$from.parent;
  return p.type === nodes.heading ? String(p.attrs.level) : 'p';
}

/** Direction set on the selected blocks; null when they run as the field does. */
export function directionAt(state: EditorState): 'rtl' | 'ltr' | null {
  const { $from } = state.selection;
  for (let d = $from.depth; d > 0; d--) if ($from.node(d).attrs.dir) return $from.node(d).attrs.dir as 'rtl' | 'ltr';
  return null;
}

/** Sets the direction of the selected paragraphs; of a whole list, so that its numbers stand on the right side. */
export function setDirection(dir: 'rtl' | 'ltr'): Command {
  return (state, dispatch) => {
    const { from, to } = state.selection;
    const value = directionAt(state) === dir ? null : dir;
    const tr = state.tr;
    state.doc.nodesBetween(from, to, (node, pos) => {
      if (isList(node)) {
        tr.setNodeMarkup(pos, null, { ...node.attrs, dir: value });
        node.descendants((n, at) => {
          if ('dir' in n.attrs && n.attrs.dir) tr.setNodeMarkup(pos + 1 + at, null, { ...n.attrs, dir: null });
        });
        return false;
      }
      if (node.isTextblock && 'dir' in node.attrs) tr.setNodeMarkup(pos, null, { ...node.attrs, dir: value });
      return !node.isTextblock;
    });
    if (!tr.docChanged) return false;
    dispatch?.(tr.scrollIntoView());
    return true;
  };
}

export function markAt(state: EditorState, type: MarkType): Mark | null {
  const { $from, from, to, empty } = state.selection;
  if (empty) return type.isInSet(state.storedMarks ?? $from.marks()) ?? null;
  let found: Mark | null = null;
  state.doc.nodesBetween(from, to, (n) => {
    if (n.isText) found ??= type.isInSet(n.marks) ?? null;
  });
  return found;
}

/** The stretch round a caret that carries the same mark, or the selection. */
function stretch(state: EditorState, mark: Mark | null): { from: number; to: number } {
  const { $from, from, to, empty } = state.selection;
  if (!empty || !mark) return { from, to };
  const { parent } = $from;
  const start = $from.start();
  const runs: { from: number; to: number }[] = [];
  parent.forEach((n, offset) => {
    if (!mark.isInSet(n.marks)) return;
    const last = runs[runs.length - 1];
    if (last && last.to === start + offset) last.to += n.nodeSize;
    else runs.push({ from: start + offset, to: start + offset + n.nodeSize });
  });
  return runs.find((r) => r.from <= from && from <= r.to) ?? { from, to };
}

export function setLanguage(lang: string, own: string): Command {
  return (state, dispatch) => {
    const now = markAt(state, marks.lang);
    const { from, to } = stretch(state, now);
    const mark = lang ? marks.lang.create({ lang, dir: directionOf(lang) === directionOf(own) ? null : directionOf(lang) }) : null;
    if (from === to) {
      if (!mark) return false;
      dispatch?.(state.tr.addStoredMark(mark));
      return true;
    }
    const tr = state.tr.removeMark(from, to, marks.lang);
    if (mark) tr.addMark(from, to, mark);
    dispatch?.(tr);
    return true;
  };
}

/** "example.org/a" is meant as an address too. */
function completeHref(typed: string): string | null {
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(typed)) return safeHref(`mailto:${typed}`);
  if (/^[\p{L}\d-]+(\.[\p{L}\d-]+)+([/?#]\S*)?$/u.test(typed)) return safeHref(`https://${typed}`);
  return safeHref(typed);
}

export async function editLink(view: EditorView, host: Host, languages: [string, string][]): Promise<void> {
  const now = markAt(view.state, marks.link);
  const { from, to } = stretch(view.state, now);
  const fresh = from === to;
  const answer = await host.ask(
    host.msg('link_title'),
    [
      {
        name: 'href',
        label: host.msg('link_href'),
        value: (now?.attrs.href as string) ?? '',
        dir: 'ltr',
        help: host.msg('link_href_help'),
        check: (v) => (completeHref(v) ? null : host.msg('link_href_wrong')),
      },
      ...(fresh ? [{ name: 'text', label: host.msg('link_text'), value: '' }] : []),
      { name: 'hreflang', label: host.msg('link_language'), value: (now?.attrs.hreflang as string) ?? '', kind: 'select' as const, options: languages },
    ],
    !!now,
  );
  if (answer === 'remove') view.dispatch(view.state.tr.removeMark(from, to, marks.link));
  else if (answer) {
    const href = completeHref(answer.href)!;
    const mark = marks.link.create({ href, hreflang: answer.hreflang || null });
    const tr = view.state.tr;
    if (fresh) tr.replaceSelectionWith(schema.text(answer.text || answer.href, [mark]), true);
    else tr.removeMark(from, to, marks.link).addMark(from, to, mark);
    view.dispatch(tr.scrollIntoView());
  }
  view.focus();
}

/** Edits the selected note, or puts a new one behind the selection. */
export async function editFootnote(view: EditorView, host: Host, lang: string): Promise<void> {
  const sel = view.state.selection;
  const at = sel instanceof NodeSelection && sel.node.type === nodes.footnote ? sel.from : null;
  const answer = await host.ask(
    host.msg('footnote_title'),
    [
      {
        name: 'text',
        label: host.msg('footnote_text'),
        value: at === null ? '' : ((sel as NodeSelection).node.attrs.text as string),
        kind: 'long',
        lang,
        check: (v) => (v ? null : host.msg('footnote_empty')),
      },
    ],
    at !== null,
  );
  if (answer === 'remove' && at !== null) view.dispatch(view.state.tr.delete(at, at + 1));
  else if (answer && answer !== 'remove') {
    const node = nodes.footnote.create({ text: answer.text.replace(/\s+/g, ' ') });
    const tr = view.state.tr;
    if (at !== null) tr.setNodeMarkup(at, null, node.attrs).setSelection(NodeSelection.create(tr.doc, at));
    else {
      const pos = sel.to;
      tr.insert(pos, node);
      tr.setSelection(TextSelection.near(tr.doc.resolve(Math.min(pos + 1, tr.doc.content.size))));
    }
    view.dispatch(tr.scrollIntoView());
  }
  view.focus();
}

export async function editPicture(view: EditorView, host: Host, lang: string): Promise<void> {
  const sel = view.state.selection;
  if (!(sel instanceof NodeSelection) || sel.node.type !== nodes.figure) return;
  const at = sel.from;
  const answer = await host.ask(host.msg('picture_title'), [{ name: 'alt', label: host.msg('picture_alt'), value: sel.node.attrs.alt as string, lang }], true);
  if (answer === 'remove') view.dispatch(view.state.tr.deleteSelection());
  else if (answer) view.dispatch(view.state.tr.setNodeMarkup(at, null, { ...sel.node.attrs, alt: answer.alt }));
  view.focus();
}

/** A table of three columns with a row of headings, with the caret in its first cell. */
export const insertTable: Command = (state, dispatch) => {
  if (inside(state, nodes.table)) return false;
  const row = (type: NodeType) => nodes.table_row.create(null, [0, 1, 2].map(() => type.createAndFill()!));
  const table = nodes.table.create(null, [row(nodes.table_header), row(nodes.table_cell), row(nodes.table_cell)]);
  if (dispatch) {
    const at = state.selection.from;
    const tr = state.tr.replaceSelectionWith(table);
    let cell = -1;
    tr.doc.nodesBetween(Math.max(0, at - 2), tr.doc.content.size, (n, pos) => {
      if (cell < 0 && n.type === nodes.table && pos >= at - 2) cell = pos;
      return cell < 0;
    });
    if (cell >= 0) tr.setSelection(TextSelection.near(tr.doc.resolve(cell + 3)));
    dispatch(tr.scrollIntoView());
  }
  return true;
};

/** The selection of words in a block: blocks are counted from 1, as the server counts them. Words that have moved are looked for. */
export function placeOf(doc: Node, block: number, quote: string): Selection {
  let n = 0;
  let here: Selection | null = null;
  let elsewhere: Selection | null = null;
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true;
    const asked = ++n === block;
    let text = '';
    const at: number[] = [];
    node.forEach((child, offset) => {
      const words = child.isText ? child.text! : child.type === nodes.hard_break ? '\n' : child.type === nodes.fact ? '\ufffc' : '';
      for (let i = 0; i < words.length; i++) at.push(pos + 1 + offset + i);
      text += words;
    });
    const from = quote ? text.indexOf(quote) : -1;
    if (from >= 0 && (asked || !elsewhere)) elsewhere = TextSelection.create(doc, at[from], at[from + quote.length - 1] + 1);
    if (!asked) return false;
    here = from >= 0 ? elsewhere : quote ? null : node.type === nodes.figure ? NodeSelection.create(doc, pos) : TextSelection.create(doc, pos + 1);
    return false;
  });
  return here ?? elsewhere ?? (quote ? Selection.atStart(doc) : Selection.atEnd(doc));
}

/** Puts an empty paragraph before, between and after tables and pictures, so that the caret has a place there. */
export function room(state: EditorState): Transaction | null {
  const bare = (n: Node | null | undefined) => !n || n.type === nodes.table || n.type === nodes.figure;
  const gaps: number[] = [];
  state.doc.forEach((n, pos, i) => {
    if (!bare(n)) return;
    if (bare(i ? state.doc.child(i - 1) : null)) gaps.push(pos);
    if (i === state.doc.childCount - 1) gaps.push(pos + n.nodeSize);
  });
  if (!gaps.length) return null;
  const tr = state.tr.setMeta('addToHistory', false);
  for (const pos of gaps.reverse()) tr.insert(pos, nodes.paragraph.create());
  return tr;
}

export const mark = (name: 'strong' | 'em' | 'sub' | 'sup'): Command => toggleMark(marks[name]);
