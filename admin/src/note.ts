// A concept note that is pasted: what the clipboard has of its shape goes along unseen, as long as nobody types into the
// words. A file can be dropped on its field.

import { onElements } from './mount';

onElements('[data-note]', (form) => {
  const text = form.querySelector<HTMLTextAreaElement>('textarea')!;
  const html = form.querySelector<HTMLInputElement>('input[name=html]')!;
  const kept = form.querySelector<HTMLElement>('[data-kept]')!;
  let pasted = '';
  const forget = () => {
    html.value = pasted = '';
    kept.hidden = true;
  };
  text.addEventListener('paste', (e) => {
    const rich = e.clipboardData?.getData('text/html') ?? '';
    const whole = text.selectionStart === 0 && text.selectionEnd === text.value.length;
    if (!rich || !whole || rich.length > 4e6) return;
    setTimeout(() => {
      html.value = rich;
      pasted = text.value;
      kept.hidden = false;
    });
  });
  text.addEventListener('input', (e) => {
    if ((e as InputEvent).inputType !== 'insertFromPaste' && text.value !== pasted) forget();
  });
  const drop = form.querySelector<HTMLElement>('[data-drop]')!;
  const file = drop.querySelector<HTMLInputElement>('input')!;
  for (const [name, over] of [['dragover', true], ['dragleave', false], ['drop', false]] as const)
    drop.addEventListener(name, (e) => {
      e.preventDefault();
      drop.classList.toggle('over', over);
      const files = (e as DragEvent).dataTransfer?.files;
      if (name === 'drop' && files?.length) file.files = files;
    });
});

/** A note that is pasted on the start page is read at once. */
onElements('[data-notepaste]', (el) => {
  const form = el as HTMLFormElement;
  const part = <T extends HTMLElement>(selector: string) => form.querySelector<T>(selector)!;
  const paste = (e: ClipboardEvent) => {
    const { target, clipboardData } = e;
    if (!clipboardData || (target instanceof HTMLElement && (target.isContentEditable || target.matches('input,textarea,select') || target.closest('dialog')))) return;
    const text = clipboardData.getData('text/plain');
    const rich = clipboardData.getData('text/html');
    const { files } = clipboardData;
    // A word that was copied elsewhere is no note.
    if (!files.length && text.trim().length < 200) return;
    e.preventDefault();
    if (files.length && !text) part<HTMLInputElement>('[name=file]').files = files;
    else {
      part<HTMLInputElement>('[name=text]').value = text; // a hidden field keeps its lines
      if (rich.length <= 4e6) part<HTMLInputElement>('[name=html]').value = rich;
    }
    form.submit();
  };
  document.addEventListener('paste', paste);
  return () => document.removeEventListener('paste', paste);
});
