// The editor's toolbar: one stop for Tab, arrow keys inside (WAI-ARIA toolbar), mirrored in right-to-left pages.

import { redo, undo } from 'prosemirror-history';
import type { Command, EditorState } from 'prosemirror-state';
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, isInTable, toggleHeaderColumn, toggleHeaderRow } from 'prosemirror-tables';
import type { EditorView } from 'prosemirror-view';
import * as c from './commands';
import type { Host } from './prose';
import { schema } from './schema';

const { nodes, marks } = schema;

interface Tool {
  icon: string;
  label: string;
  run: Command;
  on?(state: EditorState): boolean;
  off?(state: EditorState): boolean;
  shown?(state: EditorState): boolean;
  flip?: boolean;
}

export interface Toolbar {
  dom: HTMLElement;
  update(view: EditorView): void;
  focus(): void;
}

export interface Acts {
  link: Command;
  footnote: Command;
}

export function toolbar(host: Host, getView: () => EditorView, label: string, lang: string, languages: [string, string][], facts: [string, string][], acts: Acts): Toolbar {
  const { msg } = host;
  const dom = document.createElement('div');
  dom.className = 'tools';
  dom.setAttribute('role', 'toolbar');
  dom.setAttribute('aria-label', msg('rte_toolbar', { label }));
  const controls: HTMLElement[] = [];
  const tools: { tool: Tool; b: HTMLButtonElement }[] = [];

  const separator = () => {
    const s = document.createElement('span');
    s.className = 'sep';
    dom.append(s);
  };
  const select = (name: string, options: [string, string][], run: (value: string) => Command) => {
    const s = document.createElement('select');
    s.dataset.local = '';
    s.setAttribute('aria-label', name);
    s.title = name;
    for (const [v, l] of options) s.add(new Option(l, v));
    s.addEventListener('change', () => {
      const view = getView();
      run(s.value)(view.state, view.dispatch, view);
      view.focus();
    });
    controls.push(s);
    dom.append(s);
    return s;
  };
  const add = (...list: Tool[]) => {
    for (const tool of list) {
      const b = host.iconButton(tool.icon, tool.label, 'ib', tool.flip ? 'flip' : '');
      b.addEventListener('mousedown', (e) => e.preventDefault()); // the selection stays
      b.addEventListener('click', () => {
        const view = getView();
        if (b.getAttribute('aria-disabled') === 'true') return;
        view.focus();
        tool.run(view.state, view.dispatch, view);
      });
      controls.push(b);
      tools.push({ tool, b });
      dom.append(b);
    }
  };

  const style = select(
    msg('rte_style'),
    [['p', msg('rte_paragraph')], ['2', msg('rte_heading')], ['3', msg('rte_subheading')], ['4', msg('rte_minor_heading')]],
    c.setStyle,
  );
  separator();
  add(
    { icon: 'bold', label: msg('rte_bold'), run: c.mark('strong'), on: (s) => !!c.markAt(s, marks.strong) },
    { icon: 'italic', label: msg('rte_italic'), run: c.mark('em'), on: (s) => !!c.markAt(s, marks.em) },
    { icon: 'sub', label: msg('rte_sub'), run: c.mark('sub'), on: (s) => !!c.markAt(s, marks.sub) },
    { icon: 'sup', label: msg('rte_sup'), run: c.mark('sup'), on: (s) => !!c.markAt(s, marks.sup) },
    { icon: 'link', label: msg('rte_link'), run: acts.link, on: (s) => !!c.markAt(s, marks.link) },
  );
  separator();
  add(
    { icon: 'ul', label: msg('rte_bullets'), run: c.toggleList(nodes.bullet_list), on: (s) => c.listType(s) === nodes.bullet_list, flip: true },
    { icon: 'ol', label: msg('rte_numbers'), run: c.toggleList(nodes.ordered_list), on: (s) => c.listType(s) === nodes.ordered_list, flip: true },
    { icon: 'quote', label: msg('rte_quote'), run: c.toggleQuote, on: (s) => c.inside(s, nodes.blockquote) },
  );
  separator();
  const inTable = (s: EditorState) => isInTable(s);
  add(
    { icon: 'table', label: msg('rte_table'), run: c.insertTable, off: inTable },
    { icon: 'rowAdd', label: msg('rte_row_add'), run: addRowAfter, shown: inTable },
    { icon: 'rowDel', label: msg('rte_row_delete'), run: deleteRow, shown: inTable },
    { icon: 'colAdd', label: msg('rte_column_add'), run: addColumnAfter, shown: inTable, flip: true },
    { icon: 'colDel', label: msg('rte_column_delete'), run: deleteColumn, shown: inTable, flip: true },
    { icon: 'header', label: msg('rte_header_row'), run: toggleHeaderRow, shown: inTable },
    { icon: 'headerCol', label: msg('rte_header_column'), run: toggleHeaderColumn, shown: inTable, flip: true },
    { icon: 'tableDel', label: msg('rte_table_delete'), run: deleteTable, shown: inTable },
    { icon: 'footnote', label: msg('rte_footnote'), run: acts.footnote },
  );
  separator();
  add(
    { icon: 'rtl', label: msg('rte_rtl'), run: c.setDirection('rtl'), on: (s) => c.directionAt(s) === 'rtl' },
    { icon: 'ltr', label: msg('rte_ltr'), run: c.setDirection('ltr'), on: (s) => c.directionAt(s) === 'ltr' },
  );
  const language = select(msg('rte_language'), languages, (v) => c.setLanguage(v, lang));
  if (facts.length) {
    const fact = select(msg('rte_fact'), [['', msg('rte_fact')], ...facts], (name) => (state, dispatch) => {
      fact.value = '';
      if (name) dispatch?.(state.tr.replaceSelectionWith(nodes.fact.create({ name }), true).scrollIntoView());
      return true;
    });
  }
  separator();
  add(
    { icon: 'undo', label: msg('undo'), run: undo, off: (s) => !undo(s), flip: true },
    { icon: 'redo', label: msg('redo'), run: redo, off: (s) => !redo(s), flip: true },
  );

  const visible = () => controls.filter((x) => !x.hidden);
  let current = controls[0];
  const rove = (to: HTMLElement) => {
    current = to;
    controls.forEach((x) => (x.tabIndex = x === to ? 0 : -1));
  };
  rove(current);
  dom.addEventListener('focusin', (e) => controls.includes(e.target as HTMLElement) && rove(e.target as HTMLElement));
  dom.addEventListener('keydown', (e) => {
    if (e.altKey || e.ctrlKey || e.metaKey) return;
    const list = visible();
    const at = list.indexOf(e.target as HTMLElement);
    const rtl = getComputedStyle(dom).direction === 'rtl';
    const on = e.key === (rtl ? 'ArrowLeft' : 'ArrowRight');
    const back = e.key === (rtl ? 'ArrowRight' : 'ArrowLeft');
    let to: HTMLElement | undefined;
    if (on) to = list[(at + 1) % list.length];
    else if (back) to = list[(at - 1 + list.length) % list.length];
    else if (e.key === 'Home') to = list[0];
    else if (e.key === 'End') to = list[list.length - 1];
    else if (e.key === 'Escape') {
      getView().focus();
      e.preventDefault();
      return;
    } else return;
    e.preventDefault();
    to.focus();
  });

  return {
    dom,
    focus: () => current.focus(),
    update(view) {
      const { state } = view;
      style.value = c.styleOf(state);
      const now = (c.markAt(state, marks.lang)?.attrs.lang as string | undefined) ?? '';
      if (now && ![...language.options].some((o) => o.value === now)) language.add(new Option(now, now));
      language.value = now;
      for (const { tool, b } of tools) {
        if (tool.on) b.setAttribute('aria-pressed', String(tool.on(state)));
        if (tool.off) b.setAttribute('aria-disabled', String(tool.off(state)));
        if (tool.shown) b.hidden = !tool.shown(state);
      }
      if (current.hidden) rove(controls[0]);
    },
  };
}
