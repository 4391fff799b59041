// Scripts attach to elements by selector, now and whenever a part of the page is replaced.

type Attach = (el: HTMLElement) => void | (() => void);
const kinds: [string, Attach][] = [];
const attached = new WeakMap<HTMLElement, Map<Attach, void | (() => void)>>();

/** Registers what to do with every element that matches; the answer, if any, undoes it when the element is taken away. */
export function onElements(selector: string, attach: Attach): void {
  kinds.push([selector, attach]);
}

/** Attaches to root and everything in it that has not been attached to yet. */
export function mount(root: ParentNode): void {
  for (const [selector, attach] of kinds) {
    const found = [...root.querySelectorAll<HTMLElement>(selector)];
    if (root instanceof HTMLElement && root.matches(selector)) found.unshift(root);
    for (const el of found) {
      const done = attached.get(el) ?? new Map();
      if (done.has(attach)) continue;
      attached.set(el, done);
      done.set(attach, attach(el));
    }
  }
}

/** Undoes what mount did, for root and everything in it. */
export function unmount(root: HTMLElement): void {
  for (const el of [root, ...root.querySelectorAll<HTMLElement>('*')]) {
    for (const undo of attached.get(el)?.values() ?? []) undo?.();
    attached.delete(el);
  }
}
