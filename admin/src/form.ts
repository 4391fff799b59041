// The entry form: knows whether something typed is not stored yet, guards against losing it, and its keys.

import { onElements } from './mount';
import { announce } from './announce';
import type { Groups } from './keeper';
import { msg } from './messages';

/** What looks after the text of an entry's form while other scripts send the form. */
export interface Keeping {
  /** Ends when nothing is under way; gives what of others has come into the page by it, a clash before all else. */
  pause(): Promise<HTMLElement | undefined>;
  carryOn(stored?: Groups): void;
  read(form: HTMLFormElement): Groups;
  signedOut(): void;
}

export const keepers = new WeakMap<HTMLFormElement, Keeping>();

let leaving = false;

/** Tells the form round el that its values differ from what is stored. */
export function touch(el: Element): void {
  const form = (el as HTMLInputElement).form ?? el.closest<HTMLFormElement>('form');
  if (form && 'entry' in form.dataset) form.dataset.unsaved = '';
}

/** The form's values are stored (or the reader leaves on purpose). */
export function settled(form: HTMLFormElement): void {
  delete form.dataset.unsaved;
}

/** A navigation that the script itself starts must not ask whether to leave. */
export function go(url: string): void {
  leaving = true;
  location.assign(url);
}

export function reload(): void {
  leaving = true;
  location.reload();
}

export function unsaved(): boolean {
  return !leaving && !!document.querySelector('form[data-entry][data-unsaved]');
}

const entry = () => document.querySelector<HTMLFormElement>('form[data-entry]');

function press(selector: string): boolean {
  const b = document.querySelector<HTMLButtonElement>(selector);
  if (!b || b.disabled) return false;
  b.click();
  return true;
}

export function startForms(): void {
  document.addEventListener('input', (e) => e.target instanceof Element && !e.target.closest('[data-local]') && touch(e.target));
  document.addEventListener('change', (e) => e.target instanceof Element && !e.target.closest('[data-local]') && touch(e.target));
  addEventListener('beforeunload', (e) => {
    if (unsaved()) e.preventDefault();
  });
  // Runs after the swaps' own listener: a submit that the browser carries out itself leaves the page on purpose. When it fails, the page is still there
  // and the guard must be back.
  document.addEventListener('submit', (e) => {
    if (e.defaultPrevented || (e.target as HTMLFormElement).method === 'dialog') return;
    leaving = true;
    setTimeout(() => (leaving = false), 10_000);
  });
  addEventListener('pageshow', () => (leaving = false));

  document.addEventListener('keydown', (e) => {
    if (e.defaultPrevented) return;
    const mod = e.ctrlKey || e.metaKey;
    if (mod && !e.altKey && !e.shiftKey && e.key.toLowerCase() === 's' && entry()) {
      e.preventDefault();
      if (!press('#save') && !press('button[name=op][value=save]')) announce(msg('save_unavailable'));
    } else if (mod && !e.altKey && e.key === 'Enter') {
      const primary = '[data-primary]:not([hidden])';
      if (document.querySelector('dialog[open]')) return;
      if (press(primary)) e.preventDefault();
    } else if (
      // Enter in a one-line field would press the first button of the form, whichever that is.
      e.key === 'Enter' && !mod && !e.isComposing &&
      e.target instanceof HTMLInputElement && e.target.form && 'entry' in e.target.form.dataset &&
      !/^(submit|button|image|reset|file|checkbox|radio)$/.test(e.target.type)
    ) {
      e.preventDefault();
    }
  });
}

onElements('details[data-menu]', (menu) => {
  const shut = (e: Event) => {
    const d = menu as HTMLDetailsElement;
    if (!d.open) return;
    if (e instanceof KeyboardEvent) {
      if (e.key !== 'Escape') return;
      if (d.contains(document.activeElement)) d.querySelector('summary')?.focus();
    } else if (d.contains(e.target as Node)) return;
    d.open = false;
  };
  document.addEventListener('pointerdown', shut);
  document.addEventListener('keydown', shut);
  return () => {
    document.removeEventListener('pointerdown', shut);
    document.removeEventListener('keydown', shut);
  };
});
