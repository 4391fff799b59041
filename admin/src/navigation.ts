// The panel's frame: menu on phones, section map, command palette.

import { onElements } from './mount';
import { combobox } from './picker';

export function startNavigation(): void {
  const app = document.querySelector<HTMLElement>('.app');
  const toggle = document.querySelector<HTMLButtonElement>('.mtog');
  const side = document.querySelector<HTMLElement>('.side');
  if (app && toggle && side) {
    const set = (open: boolean) => {
      app.classList.toggle('open', open);
      toggle.setAttribute('aria-expanded', String(open));
    };
    side.id ||= 'side';
    toggle.setAttribute('aria-controls', side.id);
    set(false);
    toggle.addEventListener('click', (e) => {
      e.preventDefault();
      const open = !app.classList.contains('open');
      set(open);
      if (open) side.querySelector<HTMLElement>('a,button')?.focus();
    });
    document.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || !app.classList.contains('open')) return;
      set(false);
      toggle.focus();
    });
    side.addEventListener('click', (e) => (e.target as Element).closest('a') && set(false));
    // Leaving the open menu by Tab or by a press elsewhere closes it.
    document.addEventListener('focusin', (e) => {
      if (app.classList.contains('open') && !side.contains(e.target as Node) && e.target !== toggle) set(false);
    });
    document.addEventListener('pointerdown', (e) => {
      const at = e.target as Node;
      if (app.classList.contains('open') && !side.contains(at) && !toggle.contains(at)) set(false);
    });
  }
  startPalette();
}

// The section that is being read is marked in the map.
onElements('.sub', (map) => {
  const links = new Map<Element, HTMLAnchorElement>();
  for (const a of map.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
    const target = document.getElementById(decodeURIComponent(a.hash.slice(1)));
    if (target) links.set(target.closest('section') ?? target, a);
  }
  if (!links.size) return;
  const seen = new Set<Element>();
  const watch = new IntersectionObserver(
    (changes) => {
      for (const c of changes) c.isIntersecting ? seen.add(c.target) : seen.delete(c.target);
      const first = [...links.keys()].find((s) => seen.has(s));
      if (!first) return;
      for (const [s, a] of links) s === first ? a.setAttribute('aria-current', 'true') : a.removeAttribute('aria-current');
    },
    { rootMargin: '-80px 0px -55% 0px' },
  );
  links.forEach((_, section) => watch.observe(section));
  return () => watch.disconnect();
});

function startPalette(): void {
  const dialog = document.getElementById('palette');
  if (!(dialog instanceof HTMLDialogElement)) return;
  const input = dialog.querySelector('input');
  const list = dialog.querySelector<HTMLElement>('ul,ol,[role=listbox]');
  if (!input || !list) return;
  input.dataset.local = '';
  for (const a of document.querySelectorAll('.kbar,.kbar-s')) {
    a.setAttribute('role', 'button');
    a.setAttribute('aria-haspopup', 'dialog');
    a.setAttribute('aria-keyshortcuts', 'Control+K');
  }
  let started = false;
  const open = () => {
    if (dialog.open) return dialog.close();
    dialog.showModal();
    input.value = '';
    input.focus();
    if (!started) {
      started = true;
      combobox(input, list, () => `${dialog.dataset.url}?at=${encodeURIComponent(location.pathname + location.search)}`, (o) => {
        const href = o.dataset.href ?? o.querySelector('a')?.getAttribute('href');
        dialog.close();
        // The guard of an unsaved form applies here: the reader leaves by a choice that may be a slip.
        if (href) location.assign(href);
      }, true);
    } else input.dispatchEvent(new Event('input'));
  };
  document.addEventListener('keydown', (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === 'k' && !e.defaultPrevented) {
      e.preventDefault();
      open();
    }
    // A link that acts as a button: buttons answer to Space too.
    if (e.key === ' ' && (e.target as Element).matches?.('.kbar,.kbar-s')) {
      e.preventDefault();
      open();
    }
  });
  document.addEventListener('click', (e) => {
    if (!(e.target as Element).closest?.('.kbar,.kbar-s')) return;
    e.preventDefault();
    open();
  });
  // A press beside the box closes it.
  dialog.addEventListener('click', (e) => e.target === dialog && dialog.close());
}

