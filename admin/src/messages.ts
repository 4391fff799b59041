// The words of the scripts, in the editor's language, as the server put them into <template id="messages">.

let words: Record<string, string> | undefined;

function load(): Record<string, string> {
  const t = document.getElementById('messages');
  const text = (t instanceof HTMLTemplateElement ? t.content.textContent : t?.textContent) || '{}';
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}

export type Values = Record<string, string | number>;

/** The message for a key, with {name} replaced. An unknown key shows itself, so that a test or a reader finds it. */
export function msg(key: string, values: Values = {}): string {
  words ??= load();
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const v = values[name];
    return typeof v === 'number' ? v.toLocaleString(locale()) : (v ?? whole);
  });
}

/** The page's language. Arabic is shown with 0–9, as in the rest of the panel. */
export function locale(): string {
  const lang = document.documentElement.lang || 'en';
  return lang.startsWith('ar') ? 'ar-u-nu-latn' : lang;
}

/** "a, b and c" in the page's language. */
export function listed(parts: string[]): string {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(parts);
}
