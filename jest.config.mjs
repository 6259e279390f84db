const each = {
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.streamside/'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  testEnvironment: 'node',
  runner: '<rootDir>/test/lanes.mjs',
  // `source` makes `#log/…` mean libs/*.ts, as it does for tsc.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  transform: {
    '\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', tsx: false, decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

/** Beside another such suite each takes more than twice as long. */
const heavy = [
  'acceptance/journey',
  'guarantees/chaos',
  'guarantees/orders-killed',
  'guarantees/versions',
];

/** Specs (`*.spec.ts`, pure) live beside the code; tests (`test/`) have a broker and a database. */
export default {
  projects: [
    {
      ...each,
      displayName: 'together',
      testMatch: [
        '<rootDir>/{apps,libs,tools,bench}/**/*.spec.{ts,tsx}',
        '<rootDir>/test/**/*.test.ts',
      ],
      testPathIgnorePatterns: [
        ...each.testPathIgnorePatterns,
        `<rootDir>/test/(${heavy.join('|')})\\.test\\.ts`,
      ],
    },
    {
      ...each,
      displayName: 'alone',
      testMatch: [`<rootDir>/test/{${heavy.join(',')}}.test.ts`],
    },
  ],
  testTimeout: 120_000,
  maxWorkers: 2,
};
