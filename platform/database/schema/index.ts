export * from './catalogue.ts';
export * from './models.ts';
export * from './operations.ts';
export * from './people.ts';
export * from './signals.ts';
export * from './trips.ts';
