// Rich text is a chunk of its own, fetched only by pages that have such a field.

import { announce } from './announce';
import { ask } from './dialogs';
import { touch } from './form';
import { icon, iconButton } from './icons';
import { listed, locale, msg } from './messages';
import { onElements } from './mount';
import { parse } from './trusted';

/** The facts that running text can hold, in the page's words: name and label. */
const facts = (): [string, string][] => [...document.querySelectorAll<HTMLElement>('#facts [data-fact]')].map((e) => [e.dataset.fact!, e.dataset.label!]);

/** Puts a fact's words, or its name where there are none, into the element that stands for it. */
function showFact(dom: HTMLDataElement): void {
  const known = document.querySelector<HTMLElement>(`#facts [data-fact="${dom.value}"]`);
  const label = known?.dataset.label ?? dom.value;
  const words = known?.textContent ?? '';
  dom.textContent = words || `[${label}]`;
  dom.title = msg('fact_label', { name: label });
  dom.classList.toggle('missing', !words);
}

// A save brings what the facts say now.
onElements('#facts', () => document.querySelectorAll<HTMLDataElement>('.doc data').forEach(showFact));

/** What the editor chunk is given by the first script, so that neither policy nor words exist twice. */
export const host = { announce, ask, facts, showFact, touch, icon, iconButton, listed, locale, msg, parse };
export type Host = typeof host;

onElements('textarea[data-prose]', (area) => {
  const url = document.body.dataset.editor;
  if (!url) return;
  let undo: (() => void) | null = null;
  let gone = false;
  import(url).then(
    (chunk: typeof import('./editor')) => {
      if (!gone) undo = chunk.edit(area as HTMLTextAreaElement, host);
    },
    () => {}, // the plain field with its HTML stays usable
  );
  return () => {
    gone = true;
    undo?.();
  };
});
