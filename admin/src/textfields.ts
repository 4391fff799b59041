// Text fields: how many characters are left, and growing with their text where the browser does not do it.

import { announce } from './announce';
import { msg } from './messages';
import { onElements } from './mount';

/** Characters as a reader counts them: é is one, however it is stored. */
function length(text: string): number {
  return [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].length;
}

onElements('[data-count]', (field) => {
  const f = field as HTMLInputElement | HTMLTextAreaElement;
  const max = Number(f.dataset.max || f.getAttribute('maxlength')) || 0;
  const out = document.getElementById(f.dataset.countTo ?? '');
  if (!out) return;
  let timer = 0;
  const show = (speak: boolean) => {
    const n = length(f.value);
    const over = max > 0 && n > max;
    out.textContent = max ? msg('count_of', { n, max }) : msg('count', { n });
    out.classList.toggle('over', over);
    clearTimeout(timer);
    if (speak && max && n > max * 0.9) timer = window.setTimeout(() => announce(out.textContent!), 1000);
  };
  f.addEventListener('input', () => show(true));
  show(false);
});

if (!CSS.supports('field-sizing', 'content')) {
  onElements('textarea:not([data-prose])', (el) => {
    const area = el as HTMLTextAreaElement;
    const grow = () => {
      if (!area.checkVisibility()) return;
      area.style.height = 'auto';
      area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
    };
    area.addEventListener('input', grow);
    area.addEventListener('focus', grow);
    grow();
  });
}
