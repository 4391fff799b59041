// What is typed in an entry's form, from the last key until the server has it. It knows neither page nor network nor clock:
// those are the world it is given, so that a test can play them.

/** The controls of one leaf, as they are sent. */
export type Group = [name: string, value: string][];
/** By leaf: "summary@en", "when", "sessions.k3f9.title@en", the order of a list. */
export type Groups = Record<string, Group>;

export type Answer =
  | {
      kind: 'saved';
      /** Leaves that the server could not take. */
      held: string[];
      /** What others have changed, as it stands in the page now. */
      fresh: Groups;
      /** Something that others changed could not be put into the page: the same is to be asked again. */
      again: boolean;
    }
  | { kind: 'offline' | 'unreachable' | 'signed_out' | 'refused' };

export type State = 'saving' | 'saved' | 'held' | 'offline' | 'unreachable' | 'signed_out' | 'refused';

export interface World {
  /** What the form holds now. */
  read(): Groups;
  /** Leaves that wait for a decision between two texts. */
  clashing(leaf: string): boolean;
  /** Nothing of the entry is stored yet: all of the form is sent. */
  isNew(): boolean;
  send(groups: Groups): Promise<Answer>;
  /** Keeps what the server has not got in the browser; null: it has everything. */
  keep(groups: Groups | null, leaving: boolean): void;
  say(state: State, waiting: number): void;
  later(ms: number, f: () => void): number;
  cancel(timer: number): void;
}

/** Quiet time before what was typed is sent, and before it is kept in the browser, in ms. */
export const QUIET = 5000;
export const KEEP = 400;
const RETRY = [5000, 10_000, 20_000, 30_000];

export const leafOf = (name: string): string => (name.includes('@') ? name : name.split(':')[0]);
const same = (a: Group | undefined, b: Group | undefined): boolean => JSON.stringify(a ?? []) === JSON.stringify(b ?? []);
/** Dates depend on each other: sessions without a day are on the event's. */
const dated = (g: Group): boolean => g.some(([name]) => /:(date|start_date|zone)$/.test(name));

export class Keeper {
  private known: Groups;
  private refusedAs: Groups = {};
  private sending: Promise<void> | null = null;
  private paused = 0;
  private failed = 0;
  private quiet = 0;
  private soon = 0;
  private stopped = false;

  constructor(private readonly world: World) {
    this.known = world.read();
  }

  /** Leaves that differ from what the server has. */
  changed(now = this.world.read()): Groups {
    return Object.fromEntries(Object.entries(now).filter(([leaf, g]) => !same(g, this.known[leaf])));
  }

  /** Whether a leaf differs from what the server has, or was sent. */
  dirty(leaf: string, now: Groups, sent: Groups = {}): boolean {
    return !same(now[leaf], sent[leaf] ?? this.known[leaf]);
  }

  /** Something was typed. */
  touched(): void {
    this.world.cancel(this.soon);
    this.soon = this.world.later(KEEP, () => this.keep());
    this.sendIn(QUIET);
  }

  /** The page is put aside: it may not come back. */
  aside(): void {
    this.keep();
    void this.flush(false);
  }

  /** The page goes away. */
  leave(): void {
    this.keep(true);
    void this.flush(true);
  }

  /** There is a network again, somebody has signed in, or others have saved. */
  resume(force = false): Promise<void> {
    this.stopped = false;
    this.failed = 0;
    return this.flush(false, force);
  }

  /** An explicit save begins; what is under way arrives first. */
  async pause(): Promise<void> {
    this.paused++;
    while (this.sending) await this.sending;
  }

  /** It has ended. With groups the server has those now. */
  carryOn(stored?: Groups): void {
    this.paused--;
    if (stored) {
      this.known = stored;
      this.refusedAs = {};
      this.stopped = false;
      this.failed = 0;
    }
    this.keep();
    if (Object.keys(this.sendable()).length) this.sendIn(QUIET);
  }

  /** What flush would send. */
  sendable(): Groups {
    const now = this.world.read();
    const free = (leaf: string) => !this.world.clashing(leaf) && !(leaf in this.refusedAs && same(now[leaf], this.refusedAs[leaf]));
    const out = Object.fromEntries(Object.entries(this.changed(now)).filter(([leaf]) => free(leaf)));
    if (!Object.keys(out).length) return out;
    if (this.world.isNew()) return now;
    if (Object.values(out).some(dated)) for (const [leaf, g] of Object.entries(now)) if (g.some(([n]) => n.includes(':')) && free(leaf)) out[leaf] = g;
    return out;
  }

  private sendIn(ms: number): void {
    this.world.cancel(this.quiet);
    this.quiet = this.world.later(ms, () => void this.flush(false));
  }

  private keep(leaving = false): void {
    this.world.cancel(this.soon);
    const all = this.world.read();
    const open = this.changed(all);
    this.world.keep(Object.keys(open).length ? (this.world.isNew() ? all : open) : null, leaving);
  }

  private async flush(leaving: boolean, force = false): Promise<void> {
    if (this.stopped && !leaving) {
      // Signed out: nothing is sent until somebody signs in, and the first to know is who types on.
      return this.world.say('signed_out', 0);
    }
    if ((this.sending || this.paused) && !leaving) return this.sendIn(500);
    const groups = this.sendable();
    if (!Object.keys(groups).length && !force) return;
    if (leaving) {
      void this.world.send(groups);
      return;
    }
    this.world.cancel(this.quiet);
    this.world.say('saving', 0);
    let done = () => {};
    this.sending = new Promise((r) => (done = r));
    let answer: Answer;
    try {
      answer = await this.world.send(groups);
    } finally {
      this.sending = null;
      done();
    }
    if (answer.kind === 'saved') return this.arrived(groups, answer);
    this.keep();
    this.world.say(answer.kind, 0);
    if (answer.kind === 'signed_out') this.stopped = true;
    else if (answer.kind === 'refused') for (const [leaf, g] of Object.entries(groups)) this.refusedAs[leaf] = g;
    else this.sendIn(RETRY[Math.min(this.failed++, RETRY.length - 1)]);
  }

  private arrived(sent: Groups, answer: Extract<Answer, { kind: 'saved' }>): void {
    this.failed = 0;
    for (const [leaf, g] of Object.entries(sent)) {
      if (answer.held.includes(leaf)) this.refusedAs[leaf] = g;
      else if (!this.world.clashing(leaf)) {
        this.known[leaf] = g;
        delete this.refusedAs[leaf];
      }
    }
    Object.assign(this.known, answer.fresh);
    this.keep();
    const open = Object.keys(this.changed());
    const waiting = open.filter((leaf) => leaf in this.refusedAs || this.world.clashing(leaf)).length;
    this.world.say(waiting ? 'held' : 'saved', waiting);
    if (answer.again) this.sendIn(0);
    else if (Object.keys(this.sendable()).length) this.sendIn(QUIET);
  }
}
