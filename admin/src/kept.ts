// The browser's own store of what is typed and not yet on the server: a record per account, page and tab.

import type { Group, Groups } from './keeper';

export interface Kept {
  key: string;
  account: string;
  /** Address of the form: path, and language. */
  page: string;
  tab: string;
  seq: number;
  at: number;
  /** Versions of the parts that it was typed on. */
  bases: Group;
  groups: Groups;
  /** It was sent while the page went away: the server may have it. */
  leaving: boolean;
}

const DAYS = 30;
const NAME = 'kept';
const PREFIX = 'plenary-kept:';

let opening: Promise<IDBDatabase | null> | undefined;
let queue: Promise<unknown> = Promise.resolve();

function open(): Promise<IDBDatabase | null> {
  return (opening ??= new Promise((resolve) => {
    try {
      const ask = indexedDB.open('plenary', 1);
      ask.onupgradeneeded = () => ask.result.createObjectStore(NAME, { keyPath: 'key' });
      ask.onsuccess = () => resolve(ask.result);
      ask.onerror = ask.onblocked = () => resolve(null);
    } catch {
      resolve(null); // forbidden by the browser's settings
    }
  }));
}

/** One after another: a record that is taken away must not come back. */
function inTurn<T>(f: (db: IDBDatabase | null) => Promise<T>): Promise<T> {
  const next = queue.then(async () => f(await open()));
  queue = next.catch(() => {});
  return next;
}

function done<T>(ask: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = () => reject(ask.error ?? new Error('store'));
  });
}

export const put = (k: Kept): Promise<unknown> =>
  inTurn(async (db) => (db ? done(db.transaction(NAME, 'readwrite').objectStore(NAME).put(k)) : localStorage.setItem(PREFIX + k.key, JSON.stringify(k)))).catch(() => {});

export const remove = (key: string): Promise<unknown> =>
  inTurn(async (db) => (db ? done(db.transaction(NAME, 'readwrite').objectStore(NAME).delete(key)) : localStorage.removeItem(PREFIX + key))).catch(() => {});

/** What one account has typed. What is too old is thrown away, whoever typed it. */
export async function list(account: string): Promise<Kept[]> {
  const all = await inTurn(async (db) => {
    if (db) return done(db.transaction(NAME).objectStore(NAME).getAll() as IDBRequest<Kept[]>);
    return Object.keys(localStorage).filter((k) => k.startsWith(PREFIX)).map((k) => JSON.parse(localStorage.getItem(k)!) as Kept);
  }).catch(() => [] as Kept[]);
  const old = Date.now() - DAYS * 86_400_000;
  for (const k of all) if (k.at < old) void remove(k.key);
  return all.filter((k) => k.account === account && k.at >= old);
}
