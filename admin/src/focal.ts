// The focal point of a picture: a click, a drag or the arrow keys set two percentages. It is physical: left stays left
// in right-to-left pages too.

import { announce } from './announce';
import { touch } from './form';
import { msg } from './messages';
import { onElements } from './mount';

onElements('[data-focal]', (pic) => {
  const dot = pic.querySelector<HTMLButtonElement>('.focal');
  const fx = pic.querySelector<HTMLInputElement>('input[name$="focus_x"]');
  const fy = pic.querySelector<HTMLInputElement>('input[name$="focus_y"]');
  if (!dot || !fx || !fy) return;
  const read = (i: HTMLInputElement) => (i.value === '' || isNaN(+i.value) ? 50 : Math.min(100, Math.max(0, Math.round(+i.value))));
  const draw = () => {
    dot.style.left = `${read(fx)}%`;
    dot.style.top = `${read(fy)}%`;
  };
  const set = (x: number, y: number) => {
    fx.value = String(Math.min(100, Math.max(0, Math.round(x))));
    fy.value = String(Math.min(100, Math.max(0, Math.round(y))));
    draw();
    touch(fx);
  };
  draw();
  const at = (e: PointerEvent) => {
    const r = pic.getBoundingClientRect();
    set(((e.clientX - r.left) / r.width) * 100, ((e.clientY - r.top) / r.height) * 100);
  };
  pic.addEventListener('pointerdown', (e) => {
    if (e.button) return;
    e.preventDefault();
    dot.focus();
    pic.setPointerCapture(e.pointerId);
    at(e);
  });
  pic.addEventListener('pointermove', (e) => pic.hasPointerCapture(e.pointerId) && at(e));
  dot.addEventListener('keydown', (e) => {
    const by = e.shiftKey ? 10 : 2;
    const d = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[e.key];
    if (!d || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    set(read(fx) + d[0], read(fy) + d[1]);
    announce(msg('focal_at', { x: read(fx), y: read(fy) }));
  });
});
