// What the browser does with passkeys: forms that carry options ask it, and are sent with its answer. A page of its own asks at
// once, and by its button again; nothing is read or kept here.

const forms = document.querySelectorAll<HTMLFormElement>('form[data-passkey]');
const able = 'PublicKeyCredential' in globalThis && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

async function ask(form: HTMLFormElement): Promise<void> {
  const failed = form.querySelector<HTMLElement>('[data-failed]');
  if (failed) failed.hidden = true;
  form.setAttribute('aria-busy', 'true');
  try {
    const options = JSON.parse(form.dataset.passkey ?? '');
    const credential = form.dataset.does === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.querySelector<HTMLInputElement>('[name=answer]')!.value = JSON.stringify((credential as PublicKeyCredential).toJSON());
    form.submit();
  } catch {
    // Whether somebody said no, nothing fitted or time ran out, the browser does not tell.
    form.removeAttribute('aria-busy');
    if (failed) {
      failed.hidden = false;
      failed.focus();
    }
  }
}

for (const form of forms) {
  const unable = form.querySelector<HTMLElement>('[data-unable]');
  if (!able) {
    if (unable) unable.hidden = false;
    continue;
  }
  form.querySelector<HTMLButtonElement>('button[data-ask]')!.hidden = false;
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    if (form.getAttribute('aria-busy') !== 'true') void ask(form);
  });
  if ('now' in form.dataset) void ask(form);
}
