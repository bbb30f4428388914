/** The models of one isolate: which versions the registry names, which of them are loaded, and what stands in for which. */
import type { MlRanker } from '../../core/ranking/ml-ranker.ts';
import type { ServingVersion } from '../../core/registry/status.ts';
import { raiseAlert } from '../database/alerts.ts';
import { formerProductions } from '../database/former-productions.ts';
import { servingVersions } from '../database/model-registry.ts';
import { BUNDLED_MODELS } from './bundled-models.ts';
import { ModelRefused } from './check-model.ts';
import { type LearnedArbiter, servedArbiter } from './learned-arbiter.ts';
import { servedUserTower } from './ml-rankers/two-tower.ts';
import { type Lease, ModelCache } from './model-cache.ts';
import { readModelFile, type VersionFiles } from './model-files.ts';
import { createSession } from './ort-runtime.ts';
import { openModel, type ServedModel } from './served-model.ts';
import { DEFAULT_RANKER, SERVED_RANKERS } from './served-models.ts';
import type { ChallengerVersion, ServingContext, ServingModels, TrainedRetrieval } from './serving-models.ts';

/** How old what the registry said may be when a request begins; the next one finds it new. */
const FRESH_MS = 5_000;
/** Longer than any request. */
const LEASE_MS = 30_000;
/** Who reads the registry for so long was cancelled. */
const REFRESH_GONE_MS = 10_000;

const keyOf = ({ name, version }: ChallengerVersion) => `${name}@${version}`;

/** What can serve: by name, the rankers, and what comes with the Worker. */
export interface Served {
  rankers: Readonly<Record<string, ServedModel<MlRanker>>>;
  userTower: ServedModel<TrainedRetrieval>;
  arbiter: ServedModel<LearnedArbiter>;
  bundled: Readonly<Record<string, { version: string }>>;
}

const SERVED: Served = {
  rankers: SERVED_RANKERS,
  userTower: servedUserTower,
  arbiter: servedArbiter,
  bundled: BUNDLED_MODELS,
};

/** Of a key of the cache: what its model is to the request. */
const USER_PART = 'user';
const ARBITER_PART = 'arbiter';

export class IsolateModels {
  readonly cache = new ModelCache();
  readonly served: Served;
  #registry: { versions: readonly ServingVersion[]; readAt: number } | null = null;
  #refreshingSince: number | null = null;
  /** Of each name, the version that last served: it goes on where its successor is refused. */
  readonly #working = new Map<string, VersionFiles>();
  readonly #alerted = new Set<string>();

  constructor(served = SERVED) {
    this.served = served;
  }

  async take(context: ServingContext, { refresh = false } = {}): Promise<ServingModels> {
    if (!this.#registry || refresh) await this.#refresh(context);
    else if (context.now() - this.#registry.readAt >= FRESH_MS) this.#refreshLater(context);
    return new RequestModels(this, context, this.#registry!.versions);
  }

  #refreshLater(context: ServingContext): void {
    const now = context.now();
    if (this.#refreshingSince !== null && now - this.#refreshingSince < REFRESH_GONE_MS) return;
    this.#refreshingSince = now;
    const work = this.#refresh(context).finally(() => {
      this.#refreshingSince = null;
    });
    context.waitUntil(work);
  }

  /** Never rejects: without a registry, what was known goes on. */
  async #refresh(context: ServingContext): Promise<void> {
    const { database, environment, log } = context;
    const readAt = context.now();
    const read = await servingVersions(database, environment).catch((error: unknown) => {
      log('registry_unreadable', { error: String(error) });
      return null;
    });
    const before = this.#registry;
    if (before && (!read || before.readAt > readAt)) return;
    const versions = environment === 'development' ? this.#withBundled(read ?? []) : (read ?? []);
    const lease = leaseOf(context);
    if (before) await this.#loadSuccessors(context, lease, versions);
    this.#registry = { versions, readAt };
    await this.cache.want(this.#wanted(versions), context.now());
    await this.cache.release(lease);
  }

  /** What is in use here is there before it is asked for. */
  async #loadSuccessors(context: ServingContext, lease: Lease, versions: readonly ServingVersion[]): Promise<void> {
    for (const key of this.cache.loaded) {
      const [current, part = ''] = key.split('/') as [string, string?];
      const name = current.slice(0, current.lastIndexOf('@'));
      const next = versions.find((version) => version.name === name && version.status === 'production');
      const parts: Record<string, ServedModel<unknown> | undefined> = {
        [USER_PART]: this.served.userTower,
        [ARBITER_PART]: this.served.arbiter,
      };
      const model = parts[part] ?? this.served.rankers[name];
      if (next && keyOf(next) !== current && model) await this.open(context, lease, next, model, part).catch(() => {});
    }
  }

  #bundled(name: string): VersionFiles | undefined {
    const version = this.served.bundled[name]?.version;
    return version === undefined ? undefined : { name, version, artifactPath: null };
  }

  /** In development, what comes with the Worker serves where the registry has nothing of the name. */
  #withBundled(versions: readonly ServingVersion[]): readonly ServingVersion[] {
    const served = new Set(versions.flatMap(({ name, status }) => (status === 'production' ? [name] : [])));
    const missing = Object.keys(this.served.bundled).filter((name) => !served.has(name));
    return [...versions, ...missing.map((name): ServingVersion => ({ ...this.#bundled(name)!, status: 'production' }))];
  }

  /** What the registry names, and of those whose production is refused what stands in for it. */
  #wanted(versions: readonly ServingVersion[]): Set<string> {
    const wanted = new Set(versions.map(keyOf));
    for (const [name, working] of this.#working) {
      const production = versions.find((version) => version.name === name && version.status === 'production');
      if (production && this.cache.isRefused(keyOf(production))) wanted.add(keyOf(working));
    }
    return wanted;
  }

  /** @throws ModelRefused, after an alert; Error where the files cannot be read */
  async open<Serves>(
    context: ServingContext,
    lease: Lease,
    version: VersionFiles,
    model: ServedModel<Serves>,
    part: string,
  ): Promise<Serves> {
    const key = part === '' ? keyOf(version) : `${keyOf(version)}/${part}`;
    try {
      return await this.cache.get(key, lease, () =>
        openModel(model, {
          version: version.version,
          read: (file) => readModelFile(context.env, version, file),
          createSession,
        }),
      );
    } catch (error) {
      if (error instanceof ModelRefused) this.#alert(context, error);
      else context.log('model_unreadable', { model: keyOf(version), error: String(error) });
      throw error;
    }
  }

  #alert({ database, log, now, waitUntil }: ServingContext, { code, model, file, message }: ModelRefused): void {
    const occasion = `${file}/${code}`;
    if (this.#alerted.has(`${model}/${occasion}`)) return;
    this.#alerted.add(`${model}/${occasion}`);
    log('model_refused', { model, file, code });
    const alert = { kind: 'model_refused', subject: model, occasion, detail: { file, code, message } };
    waitUntil(
      raiseAlert(database, alert, new Date(now())).catch((error: unknown) => {
        this.#alerted.delete(`${model}/${occasion}`);
        log('alert_not_written', { model, error: String(error) });
      }),
    );
  }

  /** The version in production, or what comes before it, the first that can be opened. */
  async production<Serves>(
    context: ServingContext,
    lease: Lease,
    versions: readonly ServingVersion[],
    model: ServedModel<Serves>,
    part: string,
  ): Promise<Serves | null> {
    const { name } = model;
    const tried = new Set<string>();
    const attempt = async (version: VersionFiles | undefined): Promise<Serves | null> => {
      if (!version || tried.has(version.version)) return null;
      tried.add(version.version);
      try {
        const serves = await this.open(context, lease, version, model, part);
        this.#working.set(name, version);
        return serves;
      } catch {
        return null;
      }
    };
    const current = versions.find((version) => version.name === name && version.status === 'production');
    if (!current) return null;
    const found = (await attempt(current)) ?? (await attempt(this.#working.get(name)));
    if (found) return found;
    const former = await formerProductions(context.database, name, context.environment).catch(() => []);
    for (const version of former) {
      const serves = await attempt(version);
      if (serves) return serves;
    }
    return context.environment === 'development' ? attempt(this.#bundled(name)) : null;
  }
}

const leaseOf = ({ now }: ServingContext): Lease => ({ until: now() + LEASE_MS, now });

class RequestModels implements ServingModels {
  readonly production: Readonly<Record<string, string>>;
  readonly canary: Readonly<Record<string, string>>;
  readonly shadow: readonly ChallengerVersion[];
  readonly #isolate: IsolateModels;
  readonly #context: ServingContext;
  readonly #versions: readonly ServingVersion[];
  readonly #lease: Lease;
  /** What was asked for once stays what it is, also where it was something else's stand-in. */
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(isolate: IsolateModels, context: ServingContext, versions: readonly ServingVersion[]) {
    const of = (status: ServingVersion['status']) => versions.filter((version) => version.status === status);
    const byName = (status: ServingVersion['status']) =>
      Object.fromEntries(of(status).map(({ name, version }) => [name, version]));
    this.production = byName('production');
    this.canary = byName('canary');
    this.shadow = of('shadow').map(({ name, version }) => ({ name, version }));
    this.#isolate = isolate;
    this.#context = context;
    this.#versions = versions;
    this.#lease = leaseOf(context);
  }

  ranker(name = DEFAULT_RANKER): Promise<MlRanker | null> {
    const model = this.#isolate.served.rankers[name];
    return model ? this.#production(model, '') : Promise.resolve(null);
  }

  retrieval(): Promise<TrainedRetrieval | null> {
    return this.#production(this.#isolate.served.userTower, USER_PART);
  }

  arbiter(): Promise<LearnedArbiter | null> {
    return this.#production(this.#isolate.served.arbiter, ARBITER_PART);
  }

  #production<Serves>(model: ServedModel<Serves>, part: string): Promise<Serves | null> {
    return this.#once(`${model.name}/${part}`, () =>
      this.#isolate.production(this.#context, this.#lease, this.#versions, model, part),
    );
  }

  challenger({ name, version }: ChallengerVersion): Promise<MlRanker | null> {
    const model = this.#isolate.served.rankers[name];
    const found = this.#versions.find(
      (each) => each.name === name && each.version === version && each.status !== 'production',
    );
    if (!model || !found) return Promise.resolve(null);
    return this.#once(keyOf(found), () =>
      this.#isolate.open(this.#context, this.#lease, found, model, '').catch(() => null),
    );
  }

  #once<Serves>(what: string, open: () => Promise<Serves | null>): Promise<Serves | null> {
    const asked = this.#asked.get(what) as Promise<Serves | null> | undefined;
    if (asked) return asked;
    const opening = open();
    this.#asked.set(what, opening);
    return opening;
  }

  release(): void {
    this.#context.waitUntil(this.#isolate.cache.release(this.#lease));
  }
}
