// One runner for every test; files under test/ mirror the rooms.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Google's clients would look for a metadata server outside this machine.
    env: { METADATA_SERVER_DETECTION: 'none' },
    // The long ones wait for processes and sockets more than they compute.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
