// What a screen reader is told without moving the focus (WCAG 4.1.3).

/** Speaks through the page's live region; the same text twice in a row is spoken twice. */
export function announce(text: string): void {
  if (!text) return;
  let live = document.getElementById('live');
  if (!live) {
    live = document.createElement('div');
    live.id = 'live';
    live.className = 'vh';
    live.setAttribute('role', 'status');
    document.body.append(live);
  }
  const region = live;
  region.textContent = '';
  setTimeout(() => (region.textContent = text), 60);
}
