import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { QuernError } from '../core/errors.ts'
import type * as Binding from './binding.d.cts'

const path = fileURLToPath(new URL('../../native/quern.node', import.meta.url))

function load(): typeof Binding {
  try {
    return createRequire(import.meta.url)(path) as typeof Binding
  } catch (cause) {
    throw new QuernError('native-missing', 'loading the native core: it is not built or does not fit this machine', {
      remedy: 'Run: npm run build:native',
      cause,
    })
  }
}

/** The generated surface of the Rust core. Only files of this folder import it. */
export const binding = load()
