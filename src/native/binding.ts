import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { QuernError } from '../core/errors.ts'
import { watch, watching } from '../core/stopwatch.ts'
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
export const binding = watching ? watched(load()) : load()

type Callable = (...args: never[]) => unknown

/** Every function and method of the core under a span of its name, so that a profile tells its time from TypeScript's. */
function watched(core: typeof Binding): typeof Binding {
  const span = (name: string, call: Callable): Callable =>
    function (this: unknown, ...args: never[]) {
      return watch(`native ${name}`, () => Reflect.apply(call, this, args))
    }
  const wrapped = Object.entries(core as unknown as Record<string, unknown>).map(([name, value]) => {
    if (typeof value !== 'function') return [name, value]
    const methods = Object.entries(Object.getOwnPropertyDescriptors(value.prototype ?? {})).filter(([method]) => method !== 'constructor')
    if (methods.length === 0) return [name, span(name, value as Callable)]
    for (const [method, descriptor] of methods)
      if (typeof descriptor.value === 'function')
        Object.defineProperty(value.prototype, method, { ...descriptor, value: span(`${name}.${method}`, descriptor.value as Callable) })
    return [name, new Proxy(value, { construct: (made, args) => watch(`native ${name}`, () => Reflect.construct(made, args) as object) })]
  })
  return Object.fromEntries(wrapped) as typeof Binding
}
