// Help beside a unit of a translation: what memory, terms and typography say of it. It is asked for when it is opened.

import type { Place } from './lead';
import { msg } from './messages';
import { mount, onElements } from './mount';
import { fetchHTML } from './trusted';

type Field = HTMLInputElement | HTMLTextAreaElement;

onElements('form[data-helps] .tu', (unit) => {
  const form = unit.closest('form')!;
  const field = unit.closest('.unit')?.querySelector<Field>('.target textarea,.target input[type=text],.target input:not([type])');
  if (!field?.id || field.readOnly) return;
  const box = document.createElement('details');
  box.className = 'helps';
  const name = document.createElement('summary');
  name.textContent = msg('unit_help');
  const said = document.createElement('div');
  said.setAttribute('aria-live', 'polite');
  box.append(name, said);
  unit.append(box);
  const index = Number(unit.dataset.index);

  async function ask(): Promise<void> {
    const body = new URLSearchParams({ lang: form.dataset.lang!, path: unit.dataset.unit!, index: String(index), into: field!.id, words: field!.value });
    let help: Element | null = null;
    try {
      const { res, doc } = await fetchHTML(form.dataset.helps!, { method: 'POST', body });
      help = res.ok ? doc.querySelector('[data-unit-help]') : null;
    } catch {
      // said below
    }
    said.replaceChildren(help?.childElementCount ? document.adoptNode(help) : msg(help ? 'unit_help_none' : 'swap_network'));
    mount(said);
  }
  box.addEventListener('toggle', () => box.open && void ask());
  said.addEventListener('click', (e) => {
    const button = (e.target as Element).closest<HTMLElement>('[data-put]');
    if (!button) return;
    put(field, index, button.dataset.put!, said.querySelector<HTMLElement>('[data-unit-help]')?.dataset.now ?? '');
    void ask();
  });
});

/** Puts words into a field. In running text, where they are HTML, they take the place of the block, whose words are now; where it is not there yet they are added. */
function put(field: Field, index: number, words: string, now: string): void {
  const place: Place = { block: index + 1, quote: now };
  const taken = !field.dispatchEvent(new CustomEvent<Place>('plenary:lead', { detail: place, cancelable: true })); // by an editor
  const editor = taken && field.closest('.target')?.querySelector<HTMLElement>('.doc[contenteditable]');
  if (editor) {
    const data = new DataTransfer();
    data.setData('text/html', now || !editor.textContent?.trim() ? words : `<p>\u00a0</p><p>${words}</p>`);
    editor.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    return;
  }
  field.value = words;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.focus();
}
