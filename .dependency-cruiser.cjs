/** Imports point one way: core <- platform <- entry points. */
const ENTRY_POINTS = '^(worker|durable-objects|queues|cli)/';

module.exports = {
  forbidden: [
    {
      name: 'core-imports-nothing-of-ours',
      comment: 'core/ is pure: it knows core/ and data/, and of libraries only calendars, schemas, name-based ids.',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', '^data/', 'node_modules/(zod|temporal-polyfill|uuid)/'] },
    },
    {
      name: 'platform-does-not-know-its-callers',
      severity: 'error',
      from: { path: '^platform/' },
      to: { path: [ENTRY_POINTS, '^tests/'] },
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
