// The fields beside a file that was chosen begin with what the media library says of it, where they are empty.

import { announce } from './announce';
import { touch } from './form';
import { msg } from './messages';
import { fetchHTML } from './trusted';

/** Fills what stands beside the file field called name: image.file has image.alt@en and image.credit beside it. */
export async function fillFrom(id: string, name: string): Promise<void> {
  const beside = name.slice(0, name.lastIndexOf('.') + 1);
  const empty = (key: string) =>
    [...document.getElementsByName(beside + key)].find((e): e is HTMLInputElement | HTMLTextAreaElement => (e instanceof HTMLInputElement || e instanceof HTMLTextAreaElement) && !e.disabled && !e.readOnly && !e.value.trim());
  try {
    const { res, doc } = await fetchHTML(`/admin/media/${encodeURIComponent(id)}/words`);
    if (!res.ok) return;
    let filled = false;
    for (const word of doc.querySelectorAll<HTMLElement>('[data-fill]')) {
      const field = empty(word.dataset.fill!);
      if (!field) continue;
      field.value = word.textContent!;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      touch(field);
      filled = true;
    }
    if (filled) announce(msg('library_filled'));
  } catch {
    // Without a network the fields stay empty, as they are without what the library says.
  }
}
