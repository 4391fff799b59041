// Icons drawn by scripts. They are paths, not HTML text, so no Trusted Types exception is needed.

const paths: Record<string, string> = {
  x: 'M7 7l10 10M17 7L7 17',
  bold: 'M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z',
  italic: 'M10 5h7M7 19h7M14 5l-4 14',
  sub: 'M4 6l8 10M12 6L4 16M16 16.5c0-2 4-2 4 0 0 1.5-4 2.5-4 4.5h4',
  sup: 'M4 9l8 10M12 9L4 19M16 4.5c0-2 4-2 4 0 0 1.5-4 2.5-4 4.5h4',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17',
  ul: 'M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01',
  ol: 'M10 6h10M10 12h10M10 18h10M4 4.5h1V8M4 14h2.5L4 17.5h2.5',
  quote: 'M9 7c-3 1-4 3-4 6v4h5v-5H7M19 7c-3 1-4 3-4 6v4h5v-5h-3',
  table: 'M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14',
  rowAdd: 'M4 4h16v6H4zM12 14v7M8.5 17.5h7',
  rowDel: 'M4 4h16v6H4zM8.5 17.5h7',
  colAdd: 'M4 4h6v16H4zM14 12h7M17.5 8.5v7',
  colDel: 'M4 4h6v16H4zM14 12h7',
  header: 'M4 5h16v14H4zM4 10h16M4 7.5h16M10 10v9',
  headerCol: 'M4 5h16v14H4zM10 5v14M7 5v14M10 10h10',
  tableDel: 'M4 5h16v14H4zM9 9.5l6 5.5M15 9.5l-6 5.5',
  footnote: 'M4 8l7 9M11 8l-7 9M16 6l2-1.5V11',
  rtl: 'M13 4v10M17 4v10M17 4h-6a3 3 0 0 0 0 6h2M20 18.5H5M8 15.5l-3 3 3 3',
  ltr: 'M13 4v10M17 4v10M17 4h-6a3 3 0 0 0 0 6h2M4 18.5h15M16 15.5l3 3-3 3',
  undo: 'M9 7L4 12l5 5M4 12h10a5 5 0 0 1 0 10',
  redo: 'M15 7l5 5-5 5M20 12H10a5 5 0 0 0 0 10',
  doc: 'M6 3h8l4 4v14H6zM14 3v4h4M9 13h6M9 17h4',
  retry: 'M5 12a7 7 0 1 0 2.3-5.2M7 3v4h4',
};

const SVG = 'http://www.w3.org/2000/svg';

/** A decorative icon in the panel's style; size "s" is the small one, "flip" mirrors it in right-to-left pages. */
export function icon(name: string, classes = ''): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `i ${classes}`.trim());
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', paths[name] ?? '');
  svg.append(path);
  return svg;
}

/** A button that shows only an icon: its name is spoken and shown on hover. */
export function iconButton(name: string, label: string, classes = 'ib', flip = ''): HTMLButtonElement {
  const b = document.createElement('button');
  b.type = 'button';
  b.className = classes;
  b.title = label;
  b.setAttribute('aria-label', label);
  b.append(icon(name, flip));
  return b;
}
