// Lists of items: moved by buttons, by Alt+arrows and by pointer, taken out with a way back. The order is what the
// hidden fields say in document order, so nothing needs to be sent until the form is saved.

import { announce } from './announce';
import { touch } from './form';
import { msg } from './messages';
import { onElements } from './mount';

const itemsOf = (list: Element) => [...list.children].filter((c): c is HTMLElement => c instanceof HTMLElement && 'item' in c.dataset && !c.hidden);

function labelOf(li: HTMLElement): string {
  if (li.dataset.label) return li.dataset.label;
  const field = li.querySelector<HTMLInputElement>('input[type=text],textarea');
  return (li.querySelector('h3,h4,b')?.textContent || field?.value || String(itemsOf(li.parentElement!).indexOf(li) + 1)).trim();
}

function tell(li: HTMLElement): void {
  const all = itemsOf(li.parentElement!);
  announce(msg('list_moved', { label: labelOf(li), n: all.indexOf(li) + 1, total: all.length }));
}

/** Puts li before another item of its list, or last, and keeps the focus where it was. */
export function place(li: HTMLElement, before: HTMLElement | null): void {
  const list = li.parentElement!;
  const all = itemsOf(list);
  const focused = li.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  if (before) before.before(li);
  else all[all.length - 1].after(li);
  focused?.focus({ preventScroll: true });
  li.scrollIntoView({ block: 'nearest' });
  touch(list);
  tell(li);
}

function step(li: HTMLElement, by: 1 | -1): void {
  const all = itemsOf(li.parentElement!);
  const to = all.indexOf(li) + by;
  if (to < 0 || to >= all.length) return tell(li);
  place(li, by < 0 ? all[to] : (all[to + 1] ?? null));
}

function takeOut(li: HTMLElement): void {
  const label = labelOf(li);
  const off = [...li.querySelectorAll<HTMLInputElement>('input,textarea,select,button')].filter((c) => !c.disabled);
  const row = document.createElement('li');
  row.className = 'undo';
  const text = document.createElement('span');
  text.textContent = msg('list_removed', { label });
  const back = document.createElement('button');
  back.type = 'button';
  back.className = 'btn sm';
  back.textContent = msg('undo');
  row.append(text, back);
  back.addEventListener('click', () => {
    off.forEach((c) => (c.disabled = false));
    li.classList.remove('removed');
    li.hidden = false;
    row.remove();
    touch(li);
    (li.querySelector<HTMLElement>('[data-remove]') ?? li).focus();
    announce(msg('list_restored', { label }));
  });
  li.after(row);
  off.forEach((c) => (c.disabled = true));
  li.classList.add('removed');
  li.hidden = true;
  touch(li.parentElement!);
  back.focus();
  announce(msg('list_removed', { label }));
}

onElements('[data-list]', (list) => {
  const mine = (e: Event) => {
    const li = (e.target as Element).closest<HTMLElement>('[data-item]');
    return li?.parentElement === list ? li : null;
  };
  list.addEventListener('click', (e) => {
    const b = (e.target as Element).closest<HTMLButtonElement>('[data-move],[data-remove]');
    const li = mine(e);
    if (!b || !li || e.defaultPrevented) return;
    e.preventDefault();
    if (b.dataset.move) step(li, b.dataset.move === 'up' ? -1 : 1);
    else takeOut(li);
  });
  list.addEventListener('keydown', (e) => {
    const by = e.key === 'ArrowUp' ? -1 : e.key === 'ArrowDown' ? 1 : 0;
    const at = e.target as HTMLElement;
    const li = mine(e);
    // In these, Alt+arrow already means something else.
    if (!by || !e.altKey || e.ctrlKey || e.metaKey || !li || e.defaultPrevented || at.matches('select,[role=combobox]') || at.isContentEditable) return;
    e.preventDefault();
    step(li, by);
  });
  list.addEventListener('pointerdown', (e) => {
    const grip = (e.target as Element).closest('.grip');
    const li = mine(e);
    if (grip && li && e.button === 0) drag(list, li, e);
  });
});

/**
 * Drags li within its list. The item moves only when it is let go: moving the pressed element while a finger is
 * on it would end the pointer's stream of events. A line shows where it will go.
 */
function drag(list: HTMLElement, li: HTMLElement, start: PointerEvent): void {
  let moving = false;
  let before: HTMLElement | null = null;
  let y = start.clientY;
  let timer = 0;
  const marks = () => itemsOf(list).forEach((i) => i.classList.remove('drop-before', 'drop-after'));

  const aim = () => {
    const others = itemsOf(list).filter((i) => i !== li);
    before = others.find((i) => {
      const r = i.getBoundingClientRect();
      return y < r.top + r.height / 2;
    }) ?? null;
    marks();
    if (before) before.classList.add('drop-before');
    else others[others.length - 1]?.classList.add('drop-after');
  };
  const scroll = () => {
    const edge = 72;
    const dy = y < edge ? y - edge : y > innerHeight - edge ? y - innerHeight + edge : 0;
    if (dy) {
      scrollBy({ top: dy / 6, behavior: 'instant' });
      aim();
    }
    timer = requestAnimationFrame(scroll);
  };
  const move = (e: PointerEvent) => {
    if (e.pointerId !== start.pointerId) return;
    y = e.clientY;
    if (!moving && Math.abs(y - start.clientY) > 4) {
      moving = true;
      li.classList.add('drag');
      document.documentElement.classList.add('dragging');
      timer = requestAnimationFrame(scroll);
    }
    if (moving) aim();
  };
  const stop = (e: Event) => {
    if (e instanceof KeyboardEvent ? e.key !== 'Escape' : e instanceof PointerEvent && e.pointerId !== start.pointerId) return;
    cancelAnimationFrame(timer);
    for (const [type, f] of handlers) document.removeEventListener(type, f as EventListener, true);
    marks();
    li.classList.remove('drag');
    document.documentElement.classList.remove('dragging');
    if (!moving) return;
    e.preventDefault();
    // The press that ended the drag is no click on what is under it.
    const swallow = (c: Event) => c.isTrusted && (c.preventDefault(), c.stopPropagation());
    document.addEventListener('click', swallow, true);
    setTimeout(() => document.removeEventListener('click', swallow, true), 0);
    const all = itemsOf(list);
    const next = all[all.indexOf(li) + 1] ?? null;
    if (e.type === 'pointerup' && before !== next) place(li, before);
  };
  const handlers: [string, unknown][] = [['pointermove', move], ['pointerup', stop], ['pointercancel', stop], ['keydown', stop]];
  for (const [type, f] of handlers) document.addEventListener(type, f as EventListener, true);
}
