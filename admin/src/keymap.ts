// Keys that work by themselves, and the map of all keys. Who speaks to the computer, or whose hands shake, turns the former off
// (WCAG 2.1.4): the server says so on the page.

import { fetchHTML } from './trusted';

/** Says whether a key is pressed by itself where nobody types, and such keys are wanted. */
export function single(e: KeyboardEvent): boolean {
  const at = e.target as HTMLElement;
  return !(
    document.body.dataset.keys === 'off' || e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey ||
    at.isContentEditable || at.matches?.('textarea,select,input:not([type=checkbox])') || document.querySelector('dialog[open]')
  );
}

/** "?" shows the keys as the page of help lists them. */
export function startKeymap(): void {
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) apple(document);
  const dialog = document.getElementById('keymap');
  if (!(dialog instanceof HTMLDialogElement)) return;
  document.addEventListener('keydown', async (e) => {
    if (e.key !== '?' || !single(e)) return;
    e.preventDefault();
    if (!dialog.querySelector('dl')) {
      try {
        const keys = (await fetchHTML(dialog.dataset.url!)).doc.getElementById('keys');
        if (!keys) throw new Error();
        dialog.prepend(document.adoptNode(keys));
        if (/Mac|iP(hone|ad)/.test(navigator.platform)) apple(dialog);
      } catch {
        return location.assign(dialog.dataset.url!);
      }
    }
    if (!dialog.open) dialog.showModal();
    // Not the first link, which stands below.
    const h = dialog.querySelector<HTMLElement>('h2')!;
    h.tabIndex = -1;
    h.focus();
  });
  dialog.addEventListener('click', (e) => e.target === dialog && dialog.close());
}

/** Keyboards of Apple's have other words on these keys. */
function apple(root: ParentNode): void {
  for (const k of root.querySelectorAll('kbd')) k.textContent = k.textContent!.replace('Ctrl', '⌘').replace('Alt', '⌥').replace('Shift', '⇧');
}
