/** Imports point one way: core <- platform <- entry points; offline, training and simulation between them. */
const ENTRY_POINTS = '^(worker|durable-objects|queues|cli)/';
const OFFLINE = '^(training|models|simulation)/';
/** What of a model is pure: how it is fed, and how it is configured. */
const PURE_MODEL_FILES = '^models/(configs|[^/]+/(inputs|serving-inputs|config))\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'core-imports-nothing-of-ours',
      comment:
        'core/ is pure: it knows core/ and data/, and of libraries only calendars, schemas, name-based ids, seeded randomness.',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', '^data/', 'node_modules/(zod|temporal-polyfill|uuid|pure-rand)/'] },
    },
    {
      name: 'platform-does-not-know-its-callers',
      severity: 'error',
      from: { path: '^platform/' },
      to: { path: [ENTRY_POINTS, OFFLINE, '^tests/'], pathNot: [PURE_MODEL_FILES, '^models/artifacts/'] },
    },
    {
      name: 'the-edge-does-not-know-the-cli',
      severity: 'error',
      from: { path: '^(worker|durable-objects|queues)/' },
      to: { path: '^(cli|tests)/' },
    },
    {
      name: 'queues-and-objects-do-not-know-the-routes',
      severity: 'error',
      from: { path: '^(durable-objects|queues)/' },
      to: { path: '^worker/' },
    },
    {
      name: 'training-does-not-know-its-models-nor-its-callers',
      severity: 'error',
      from: { path: '^training/' },
      to: { path: [ENTRY_POINTS, '^(models|simulation|tests)/'] },
    },
    {
      name: 'models-know-only-what-trains-them',
      severity: 'error',
      from: { path: '^models/' },
      to: { path: [ENTRY_POINTS, '^(simulation|tests)/'] },
    },
    {
      name: 'what-feeds-a-model-is-pure',
      comment: 'The Worker feeds models with the same code that training does.',
      severity: 'error',
      from: { path: PURE_MODEL_FILES },
      to: {
        pathNot: ['^(core|data)/', PURE_MODEL_FILES, '^training/(split-names|trees/config)\\.ts$', 'node_modules/zod/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'simulation-does-not-know-training',
      comment: 'What travellers hide from rankers must not leak into them.',
      severity: 'error',
      from: { path: '^simulation/' },
      to: { path: [ENTRY_POINTS, '^(training|models|tests)/'] },
    },
    {
      name: 'the-edge-does-not-train',
      severity: 'error',
      from: { path: '^(worker|durable-objects|queues)/' },
      to: {
        path: '^(training|models)/',
        pathNot: [PURE_MODEL_FILES, '^models/artifacts/', '^training/split-names\\.ts$'],
      },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: ['\\.d\\.ts$'] }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
