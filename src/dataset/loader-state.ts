import { createHash } from 'node:crypto'
import * as z from 'zod'
import { QuernError } from '../core/errors.ts'
import type { Store } from '../storage/store.ts'
import { readFormat } from './format.ts'
import { parseObject } from './parse-object.ts'
import { type FoundSnapshot, readSnapshot } from './snapshot.ts'
import { mixBlock, type MixSegment } from './sample-order.ts'

const count = z.int().nonnegative()

/** What `state_dict()` of quern-loader gives; `python/src/quern_loader/state.py` writes it. */
export const LoaderState = z.looseObject({
  v: z.literal(1),
  algorithm: z.literal('quern-order/1'),
  /** Empty for a pulled folder, which does not know its dataset's id. */
  dataset: z.string(),
  snapshot: z.int().positive(),
  snapshot_sha256: z.string(),
  seed: count,
  seq_len: z.int().positive(),
  packing: z.string(),
  shuffle_block: count,
  shuffle_window: count,
  plan_sha256: z.string(),
  cursor: count,
})

export type LoaderState = z.infer<typeof LoaderState>

/** How the run was opened, as far as its state names it by a hash alone. */
export interface RunChoice {
  /** Undefined for all. */
  readonly languages: readonly string[] | undefined
  /** Of languages; undefined for one stream of everything. */
  readonly weights: readonly MixSegment[] | undefined
}

/** The state of a run and the snapshot that it counts in. */
export interface TracedRun extends FoundSnapshot {
  readonly state: LoaderState
  readonly languages: readonly string[]
  /** Streams that have a weight at some time, and the weights over them. */
  readonly mix: { readonly names: readonly string[]; readonly segments: readonly MixSegment[] } | undefined
}

/** Checks that a state belongs to this dataset and to a run that was opened so. `bad-usage` when its order cannot be computed from that. */
export async function openLoaderState(store: Store, content: Uint8Array, file: string, choice: RunChoice): Promise<TracedRun> {
  let state: LoaderState
  try {
    state = parseObject(LoaderState, content, file)
  } catch (error) {
    throw new QuernError('bad-usage', `reading ${file}: it is no state of quern-loader`, {
      remedy: 'Give a file with state_dict() of quern-loader as JSON, and nothing around it.',
      cause: error,
    })
  }
  const { datasetId } = await readFormat(store)
  if (state.dataset !== '' && state.dataset !== datasetId)
    throw new QuernError('bad-usage', `tracing ${file}: it is the state of a run on dataset ${state.dataset}, and ${store.url} is ${datasetId}`, {
      remedy: 'Give the dataset that the run was trained on.',
    })
  const found = await readSnapshot(store, state.snapshot)
  if (found.sha256 !== state.snapshot_sha256)
    throw new QuernError(
      'bad-usage',
      `tracing ${file}: its snapshot ${state.snapshot} has SHA-256 ${state.snapshot_sha256}, and here it is ${found.sha256}`,
      {
        remedy: 'Give the dataset that the run was trained on.',
      },
    )
  const known = Object.keys(found.snapshot.shards).sort(byCodePoint)
  const languages = choice.languages === undefined ? known : [...new Set(choice.languages)].sort(byCodePoint)
  const mix = choice.weights === undefined ? undefined : used(languages, choice.weights)
  if (state.packing !== 'concat' || planOf(languages, mix) !== state.plan_sha256)
    throw new QuernError('bad-usage', `tracing ${file}: the run was opened with other languages, weights or another packing`, {
      remedy:
        'Give --languages and --weights as the run had them. Runs with packing="best-fit", hidden="skip" or mix="source" lay plans that ' +
        'only the loader has: there, ask dataset.documents(i) for i below the cursor.',
    })
  return { ...found, state, languages, mix }
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function used(languages: readonly string[], segments: readonly MixSegment[]): NonNullable<TracedRun['mix']> {
  const names = languages.filter((name) => segments.some(({ weights }) => (weights[name] ?? 0) > 0))
  return { names, segments: segments.map(({ from, weights }) => ({ from: Math.ceil(from / mixBlock) * mixBlock, weights })) }
}

/** SHA-256 of what `json.dumps` makes of languages and weights. */
function planOf(languages: readonly string[], mix: TracedRun['mix']): string {
  const list = (items: readonly string[]): string => `[${items.join(', ')}]`
  const weights =
    mix === undefined
      ? 'null'
      : list([
          '"language"',
          list(mix.segments.map((segment) => list([String(segment.from), list(mix.names.map((name) => pythonFloat(segment.weights[name] ?? 0)))]))),
        ])
  return createHash('sha256')
    .update(list([list(languages.map((name) => JSON.stringify(name))), weights, '{}']))
    .digest('hex')
}

/** A float as Python's `repr` writes it: JavaScript has the same digits, and other places for the exponent. */
function pythonFloat(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return Number.isInteger(value) ? `${value}.0` : String(value)
}
