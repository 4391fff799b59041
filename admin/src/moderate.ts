// The queue of posts by keyboard: J and K move, A approves, H hides, U undoes, X ticks. The keys press the buttons that stand
// there anyway.

import { single } from './keymap';
import { onElements } from './mount';

/** Which post had the focus when a decision was sent: the one that takes its place gets it. */
let at = -1;

onElements('[data-moderate]', (queue) => {
  const posts = () => [...queue.querySelectorAll<HTMLElement>('[data-post]')];
  const go = (i: number) => {
    const all = posts();
    const post = all[Math.max(0, Math.min(i, all.length - 1))];
    if (!post) { // the last one is decided
      queue.tabIndex = -1;
      return queue.focus({ preventScroll: true });
    }
    post.focus({ preventScroll: true });
    post.scrollIntoView({ block: 'nearest' });
  };
  if (document.body.dataset.keys !== 'off') queue.querySelector<HTMLElement>('[data-keys]')?.removeAttribute('hidden');
  if (at >= 0) go(at);
  at = -1;

  // A post's own buttons take it away as its keys do.
  const decide = (e: SubmitEvent) => {
    const post = e.submitter?.closest<HTMLElement>('[data-post]');
    at = post?.contains(document.activeElement) ? posts().indexOf(post) : -1;
  };
  queue.addEventListener('submit', decide);

  const press = (e: KeyboardEvent) => {
    const from = e.target as HTMLElement;
    if (!single(e)) return;
    const key = e.key.toLowerCase();
    const post = from.closest<HTMLElement>('[data-post]');
    const here = post ? posts().indexOf(post) : -1;
    if (key === 'j' || key === 'k') {
      e.preventDefault();
      return go(here < 0 ? 0 : here + (key === 'j' ? 1 : -1));
    }
    if (!post) return;
    if (key === 'x') {
      e.preventDefault();
      return post.querySelector<HTMLInputElement>('input[name=id]')?.click();
    }
    const button = post.querySelector<HTMLButtonElement>(`button[data-key="${CSS.escape(key)}"]`);
    if (!button) return;
    e.preventDefault();
    button.click();
  };
  document.addEventListener('keydown', press);
  return () => document.removeEventListener('keydown', press);
});
