// Rich text is a chunk of its own, fetched only by pages that have such a field.

import { announce } from './announce';
import { ask } from './dialogs';
import { touch } from './form';
import { icon, iconButton } from './icons';
import { listed, locale, msg } from './messages';
import { onElements } from './mount';
import { parse } from './trusted';

/** What the editor chunk is given by the first script, so that neither policy nor words exist twice. */
export const host = { announce, ask, touch, icon, iconButton, listed, locale, msg, parse };
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
