// Rich text: ProseMirror in place of a textarea, which stays in the form and always holds the HTML.

import { baseKeymap, chainCommands, exitCode } from 'prosemirror-commands';
import { closeHistory, history, redo, undo } from 'prosemirror-history';
import { InputRule, inputRules, wrappingInputRule } from 'prosemirror-inputrules';
import { keymap } from 'prosemirror-keymap';
import { DOMParser, type Node } from 'prosemirror-model';
import { liftListItem, sinkListItem, splitListItem } from 'prosemirror-schema-list';
import { EditorState, NodeSelection, Plugin, type Command } from 'prosemirror-state';
import { goToNextCell, tableEditing } from 'prosemirror-tables';
import { EditorView, type NodeView } from 'prosemirror-view';
import * as c from './commands';
import type { Place } from './lead';
import type { Host } from './prose';
import { directionOf, safeHref, schema, toHTML } from './schema';
import { toolbar } from './toolbar';
import { cleanPaste, textToHTML, type Pasted } from './wordpaste';

const { nodes } = schema;
const LOCALES = ['ar', 'zh', 'en', 'fr', 'ru', 'es', 'ko', 'pt', 'sw'];

/** Puts an editor over the textarea; the answer takes it away again. */
export function edit(area: HTMLTextAreaElement, host: Host): () => void {
  const { msg } = host;
  const lang = area.lang || area.closest('[lang]')?.getAttribute('lang') || 'en';
  const dir = /^(rtl|ltr)$/.test(area.dir) ? (area.dir as 'rtl' | 'ltr') : directionOf(lang);
  const label = area.labels?.[0] ?? null;
  const name = area.getAttribute('aria-label') ?? label?.textContent?.trim() ?? '';
  const locales = document.body.dataset.locales?.split(/[\s,]+/).filter(Boolean) ?? LOCALES;
  const names = new Intl.DisplayNames(host.locale(), { type: 'language' });
  const languages: [string, string][] = [['', msg('rte_language_own')], ...locales.map((l): [string, string] => [l, names.of(l) ?? l])];

  const link: Command = (_s, dispatch, view) => {
    if (dispatch && view) void c.editLink(view, host, [['', msg('link_language_same')], ...languages.slice(1)]);
    return true;
  };
  const footnote: Command = (_s, dispatch, view) => {
    if (dispatch && view) void c.editFootnote(view, host, lang);
    return true;
  };
  const openSelected: Command = (state, dispatch, view) => {
    const { selection } = state;
    if (!(selection instanceof NodeSelection) || !view) return false;
    if (selection.node.type === nodes.footnote) return footnote(state, dispatch, view);
    if (selection.node.type !== nodes.figure) return false;
    if (dispatch) void c.editPicture(view, host, lang);
    return true;
  };
  const linkKey: Command = (state, dispatch, view) => (state.selection.empty && !c.markAt(state, schema.marks.link) ? false : link(state, dispatch, view));
  // Tab is for leaving the field; only at the start of an item, and between cells, it does what everybody expects.
  const atItemStart = (cmd: Command): Command => (state, dispatch, view) =>
    state.selection.empty && state.selection.$from.parentOffset === 0 ? cmd(state, dispatch, view) : false;
  const lineBreak: Command = chainCommands(exitCode, (state, dispatch) => {
    dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
    return true;
  });

  const bar = toolbar(host, () => view, name, lang, languages, host.facts(), { link, footnote });
  const foot = footer(host, lang);
  const cleaning = { parse: host.parse, lang, dir, directionOf, safeHref };
  let report: Pasted | null = null;
  let beforePaste: Node | null = null;

  let state = EditorState.create({
    doc: DOMParser.fromSchema(schema).parse(host.parse(area.value).body),
    plugins: [
      inputRules({
        rules: [
          wrappingInputRule(/^\s*[-•]\s$/, nodes.bullet_list),
          wrappingInputRule(/^(\d{1,3})[.)]\s$/, nodes.ordered_list, (m) => ({ start: Number(m[1]) }), (m, n) => n.childCount + (n.attrs.start as number) === Number(m[1])),
          new InputRule(/--$/, '–'),
        ],
      }),
      history(),
      keymap({
        'Mod-z': undo,
        'Mod-y': redo,
        'Shift-Mod-z': redo,
        'Mod-b': c.mark('strong'),
        'Mod-i': c.mark('em'),
        'Mod-.': c.mark('sup'),
        'Mod-,': c.mark('sub'),
        'Mod-k': linkKey,
        'Shift-Mod-7': c.toggleList(nodes.ordered_list),
        'Shift-Mod-8': c.toggleList(nodes.bullet_list),
        'Mod-]': sinkListItem(nodes.list_item),
        'Mod-[': liftListItem(nodes.list_item),
        Tab: chainCommands(goToNextCell(1), atItemStart(sinkListItem(nodes.list_item))),
        'Shift-Tab': chainCommands(goToNextCell(-1), atItemStart(liftListItem(nodes.list_item))),
        Enter: chainCommands(openSelected, splitListItem(nodes.list_item)),
        'Shift-Enter': lineBreak,
        'Alt-F10': () => {
          setTimeout(bar.focus, 20); // a selection made by the key just before is still on its way
          return true;
        },
        // Belongs to the page: the primary button.
        'Mod-Enter': () => false,
      }),
      keymap(baseKeymapForForms()),
      new Plugin({ appendTransaction: (_trs, _old, now) => c.room(now) }),
      tableEditing(),
    ],
  });

  const fix = c.room(state);
  if (fix) state = state.apply(fix);

  const attributes: Record<string, string> = { class: 'doc', role: 'textbox', 'aria-multiline': 'true', lang, dir };
  if (area.hasAttribute('aria-label') || !label) attributes['aria-label'] = name;
  else attributes['aria-labelledby'] = label.id ||= `${area.id}-label`;
  for (const a of ['aria-describedby', 'aria-invalid', 'aria-required']) {
    const v = area.getAttribute(a);
    if (v !== null) attributes[a] = v;
  }

  const view: EditorView = new EditorView(null, {
    state,
    attributes,
    editable: () => !area.readOnly && !area.matches(':disabled'),
    nodeViews: { footnote: (node) => footnoteView(node, host), fact: (node) => factView(node, host) },
    transformPastedHTML(html) {
      report = null;
      if (/data-pm-slice/.test(html)) return html;
      report = cleanPaste(html, cleaning);
      return report.html;
    },
    // Plain text has lists too, drawn with signs. A piece of a line, and what is asked for as it stands, goes in unchanged.
    clipboardTextParser: (text, $context, plain) =>
      plain || !/[\r\n]/.test(text.trim()) ? null! : DOMParser.fromSchema(schema).parseSlice(host.parse(cleanPaste(textToHTML(text), cleaning).html).body, { context: $context }),
    handleDoubleClickOn: (v, _pos, node) => (node.type === nodes.footnote || node.type === nodes.figure) && openSelected(v.state, v.dispatch, v),
    dispatchTransaction(tr) {
      const pasting = tr.getMeta('paste') || tr.getMeta('uiEvent') === 'drop';
      if (pasting) {
        beforePaste = view.state.doc;
        closeHistory(tr);
      }
      view.updateState(view.state.apply(tr));
      bar.update(view);
      if (!tr.docChanged) return;
      area.value = toHTML(view.state.doc);
      area.dispatchEvent(new Event('input', { bubbles: true }));
      foot.count(view.state.doc);
      if (pasting && report) foot.pasted(report, restore);
      else if (!pasting) foot.clear();
      report = null;
    },
  });
  const restore = () => {
    for (let i = 0; i < 20 && beforePaste && !view.state.doc.eq(beforePaste) && undo(view.state, view.dispatch); i++);
    foot.clear();
    view.focus();
    host.announce(msg('paste_undone'));
  };

  const rte = area.closest<HTMLElement>('.rte') ?? area.parentElement!;
  area.hidden = true;
  area.required = false;
  rte.classList.add('on');
  rte.append(bar.dom, view.dom, foot.dom);
  view.dom.id = `${area.id || area.name}-doc`;
  bar.dom.setAttribute('aria-controls', view.dom.id);
  bar.update(view);
  foot.count(view.state.doc);
  const focus = () => view.focus();
  label?.addEventListener('click', focus);
  // Links from the list of problems lead to the textarea's id.
  const follow = () => location.hash && decodeURIComponent(location.hash.slice(1)) === area.id && view.focus();
  addEventListener('hashchange', follow);
  const lead = (e: Event) => {
    e.preventDefault();
    const { block, quote } = (e as CustomEvent<Place>).detail;
    view.dispatch(view.state.tr.setSelection(c.placeOf(view.state.doc, block, quote)).scrollIntoView());
    view.focus();
  };
  area.addEventListener('plenary:lead', lead);
  area.dispatchEvent(new Event('plenary:ready', { bubbles: true }));

  return () => {
    removeEventListener('hashchange', follow);
    area.removeEventListener('plenary:lead', lead);
    label?.removeEventListener('click', focus);
    view.destroy();
    bar.dom.remove();
    foot.dom.remove();
    area.hidden = false;
  };
}

/** ProseMirror's keys without Mod-Enter, which would split the block where the page means "publish". */
function baseKeymapForForms(): Record<string, Command> {
  const keys = { ...baseKeymap };
  delete keys['Mod-Enter'];
  return keys;
}

/** A note in the text: its number is drawn by the style sheet from where it stands; its words are its name. */
function footnoteView(node: Node, host: Host): NodeView {
  const dom = document.createElement('span');
  dom.className = 'fn';
  dom.setAttribute('role', 'img');
  const show = (n: Node) => {
    const text = (n.attrs.text as string) || host.msg('footnote_missing');
    dom.classList.toggle('missing', !n.attrs.text);
    dom.setAttribute('aria-label', host.msg('footnote_label', { text }));
    dom.title = text;
  };
  show(node);
  return {
    dom,
    update(n) {
      if (n.type !== nodes.footnote) return false;
      show(n);
      return true;
    },
  };
}

/** A fact in the text. Its words come from the page, and are put there again when the page learns others. */
function factView(node: Node, host: Host): NodeView {
  const dom = document.createElement('data');
  dom.value = node.attrs.name as string;
  host.showFact(dom);
  return { dom };
}

function footer(host: Host, lang: string) {
  const { msg } = host;
  const dom = document.createElement('div');
  dom.className = 'rtefoot';
  // Only the report is spoken; a count that speaks at every key would drown what is typed.
  const status = document.createElement('span');
  status.setAttribute('role', 'status');
  const back = document.createElement('button');
  back.type = 'button';
  back.className = 'btn ghost sm';
  back.textContent = msg('undo');
  back.hidden = true;
  const words = document.createElement('span');
  words.className = 'end';
  const notes = document.createElement('span');
  dom.append(status, back, words, notes);
  const segmenter = new Intl.Segmenter(lang, { granularity: 'word' });
  let timer = 0;
  let act = () => {};
  back.addEventListener('click', () => act());

  const tally = (counts: Record<string, number>) => Object.entries(counts).flatMap(([k, n]) => (n ? [msg(`paste_${k}`, { n })] : []));

  return {
    dom,
    clear() {
      status.textContent = '';
      back.hidden = true;
    },
    count(doc: Node) {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        let n = 0;
        for (const s of segmenter.segment(doc.textBetween(0, doc.content.size, ' ', ' '))) if (s.isWordLike) n++;
        let fn = 0;
        doc.descendants((node) => {
          if (node.type === nodes.footnote) fn++;
        });
        words.textContent = msg('rte_words', { n });
        notes.textContent = fn ? msg('rte_footnotes', { n: fn }) : '';
      }, 300);
    },
    pasted(r: Pasted, restore: () => void) {
      const kept = tally(r.kept);
      const left = [...tally(r.left), msg('paste_looks')];
      const parts = [msg(`paste_from_${r.source}`)];
      if (kept.length) parts.push(msg('paste_kept', { list: host.listed(kept) }));
      parts.push(msg('paste_left', { list: host.listed(left) }));
      if (r.emptyNotes) parts.push(msg('paste_empty_notes', { n: r.emptyNotes }));
      status.textContent = parts.join(' ');
      act = restore;
      back.hidden = false;
    },
  };
}
