/**
 * The models that this isolate holds, by `name@version`, or `name@version/part` where several things are made of a version's
 * files. Requests share plain state only: workerd cancels what a request
 * waits for when it ends, so that nobody waits for another's promise. Who needs a model that another request is loading
 * looks again after a short while, and loads it itself where the other has been gone for too long.
 */
import { ModelRefused } from './check-model.ts';
import type { OpenedModel } from './served-model.ts';

/** A request's hold on the models that it uses. */
export interface Lease {
  /** Milliseconds since the epoch: no request lives longer, released or not. */
  until: number;
  now(): number;
}

type Entry =
  | { state: 'loading'; since: number }
  | { state: 'ready'; opened: OpenedModel<unknown>; leases: Set<Lease> }
  | { state: 'refused'; error: ModelRefused; at: number };

const LOOK_AGAIN_MS = 5;
/** Loading takes a fifth of a second; who took so long was cancelled. */
const GONE_AFTER_MS = 3_000;
/** A refused version is tried again: its files may have been put right. */
const REFUSED_FOR_MS = 60_000;

const versionOf = (key: string) => key.split('/')[0]!;

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));

export class ModelCache {
  readonly #entries = new Map<string, Entry>();
  #wanted: ReadonlySet<string> = new Set();

  /** The keys of those that are loaded. */
  get loaded(): string[] {
    return [...this.#entries].filter(([, { state }]) => state === 'ready').map(([key]) => key);
  }

  /** Of the ONNX files of what is loaded. */
  get bytes(): number {
    let sum = 0;
    for (const entry of this.#entries.values()) if (entry.state === 'ready') sum += entry.opened.bytes;
    return sum;
  }

  /** Whether anything that is made of this version's files was. */
  isRefused(version: string): boolean {
    return [...this.#entries].some(([key, { state }]) => state === 'refused' && versionOf(key) === version);
  }

  /** @throws ModelRefused, also for a while after; what `load` throws where the store fails */
  async get<Serves>(key: string, lease: Lease, load: () => Promise<OpenedModel<Serves>>): Promise<Serves> {
    for (;;) {
      const entry = this.#entries.get(key);
      if (entry?.state === 'ready') {
        entry.leases.add(lease);
        return entry.opened.serves as Serves;
      }
      if (entry?.state === 'refused' && lease.now() - entry.at < REFUSED_FOR_MS) throw entry.error;
      if (entry?.state !== 'loading' || lease.now() - entry.since > GONE_AFTER_MS) return this.#load(key, lease, load);
      await soon();
    }
  }

  async #load<Serves>(key: string, lease: Lease, load: () => Promise<OpenedModel<Serves>>): Promise<Serves> {
    const mine: Entry = { state: 'loading', since: lease.now() };
    this.#entries.set(key, mine);
    try {
      const opened = await load();
      const there = this.#entries.get(key);
      if (there?.state === 'ready') {
        // Somebody who thought that this request was gone came first.
        await opened.close();
        there.leases.add(lease);
        return there.opened.serves as Serves;
      }
      this.#entries.set(key, { state: 'ready', opened, leases: new Set([lease]) });
      return opened.serves;
    } catch (error) {
      if (this.#entries.get(key) === mine) {
        if (error instanceof ModelRefused) this.#entries.set(key, { state: 'refused', error, at: lease.now() });
        else this.#entries.delete(key);
      }
      throw error;
    }
  }

  /** From now on only these (`name@version`) stay; others go as soon as no request holds them. */
  async want(versions: Iterable<string>, now: number): Promise<void> {
    this.#wanted = new Set(versions);
    await this.#sweep(now);
  }

  async release(lease: Lease): Promise<void> {
    for (const entry of this.#entries.values()) if (entry.state === 'ready') entry.leases.delete(lease);
    await this.#sweep(lease.now());
  }

  async #sweep(now: number): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (this.#wanted.has(versionOf(key))) continue;
      if (entry.state === 'refused' && now - entry.at >= REFUSED_FOR_MS) this.#entries.delete(key);
      if (entry.state !== 'ready') continue;
      for (const lease of entry.leases) if (lease.until <= now) entry.leases.delete(lease);
      if (entry.leases.size > 0) continue;
      this.#entries.delete(key);
      await entry.opened.close();
    }
  }
}
