// Links that lead to a place in a text: <a href="#field" data-block="3" data-quote="some words">, or a page's address with
// block and quote. Without this script they lead to the field.

/** The place that was asked for: the number of the block, and words that stand in it. */
export interface Place {
  block: number;
  quote: string;
}

/** Goes to a place of the field with an id. An editor listens for the event on its textarea. */
function lead(id: string, place: Place): boolean {
  const field = document.getElementById(id);
  if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return false;
  for (let d = field.closest('details'); d; d = d.parentElement?.closest('details') ?? null) d.open = true;
  if (!field.dispatchEvent(new CustomEvent<Place>('plenary:lead', { detail: place, cancelable: true }))) return true;
  const at = place.quote ? field.value.indexOf(place.quote) : -1;
  field.focus();
  if (at >= 0) field.setSelectionRange(at, at + place.quote.length);
  return true;
}

export function startLeads(): void {
  document.addEventListener('click', (e) => {
    const a = (e.target as Element).closest?.<HTMLAnchorElement>('a[data-quote]');
    if (!a || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    if (lead(decodeURIComponent(a.hash.slice(1)), { block: Number(a.dataset.block), quote: a.dataset.quote! })) e.preventDefault();
  });
  const q = new URLSearchParams(location.search);
  if (!q.has('quote') || !location.hash) return;
  const id = decodeURIComponent(location.hash.slice(1));
  const go = () => lead(id, { block: Number(q.get('block')), quote: q.get('quote')! });
  if (document.querySelector(`#${CSS.escape(id)}[data-prose]`)) document.addEventListener('plenary:ready', (e) => (e.target as Element).id === id && go());
  else go();
}
