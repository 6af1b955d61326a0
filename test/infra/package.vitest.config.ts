// `npm run test:package`: what needs a package registry and minutes, apart from `npm test`.
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: resolve(import.meta.dirname, '../..'),
    include: ['test/infra/*.deployed.ts'],
    env: { METADATA_SERVER_DETECTION: 'none' },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
