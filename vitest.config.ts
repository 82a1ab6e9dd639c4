import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // By itself it takes one core fewer than there are: on two, half of the machine waits for the other half.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
