// The one place where text becomes HTML. Pages that enforce Trusted Types (P37) refuse every string that did not
// pass this policy; it accepts what our own server sent or what is only parsed into an inert document.

type Policy = { createHTML(html: string): string };
const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;
const policy: Policy = factory?.createPolicy('plenary', { createHTML: (html) => html }) ?? { createHTML: (html) => html };

/** Parses HTML into a document without a window: no script runs, no picture loads. */
export function parse(html: string): Document {
  return new DOMParser().parseFromString(policy.createHTML(html), 'text/html');
}

/** Asks our own server for HTML. Rejects on network failure only; the caller looks at the status. */
export async function fetchHTML(url: string, init: RequestInit = {}): Promise<{ res: Response; doc: Document }> {
  const res = await fetch(url, {
    credentials: 'same-origin',
    ...init,
    headers: { Accept: 'text/html', ...(init.headers as Record<string, string>) },
  });
  return { res, doc: parse(await res.text()) };
}
