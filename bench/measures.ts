import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Batch } from '../src/core/batch.ts'
import { judge, openStages } from '../src/mill/judge.ts'
import { registry } from '../src/mill/registry.ts'
import { codes } from '../test/peers/agreement.ts'
import { declarationPages, officialLanguages } from '../test/peers/declaration.ts'
import { batchOf, context } from '../test/stages/run-stage.ts'
import { type Document, readDocuments } from './input/documents.ts'
import { peerPython } from './peers/python.ts'
import type { Bench } from './run.ts'

const batchBytes = 4 << 20
const seconds = 5
/** The peer is a thousand times slower: it gets a part of the texts. */
const peerBytes = 400_000

const bench: Bench = {
  name: 'measures',
  summary: 'All measures of Gopher, C4 and FineWeb over the same texts on one thread: ours in one pass, datatrove with its four filters in a row.',
  async measure({ input, say }) {
    const documents = documentsOf(input).filter(({ language }) => codes[language] !== undefined && language !== 'mt')
    const bytes = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
    const rate = async (names: readonly string[]) => {
      const found = await ours(names, documents)
      say(`${names.join(', ')}: ${found.toFixed(1)} MB/s`)
      return found
    }
    const all = await rate(['gopher-repetition', 'gopher-quality', 'c4', 'fineweb'])
    // C4 writes text, so that what follows it is measured anew: the three others see one text and are measured together.
    const together = await rate(['fineweb', 'gopher-repetition', 'gopher-quality', 'c4'])
    const alone = {
      repetition: await rate(['gopher-repetition']),
      quality: await rate(['gopher-quality']),
      fineweb: await rate(['fineweb']),
      c4: await rate(['c4']),
    }
    const peer = peerRate(documents)
    say(`datatrove: ${peer.toFixed(3)} MB/s`)
    return {
      input: { documents: documents.length, bytes },
      ours: { onePass: together, finewebAfterC4: all, ...alone },
      peers: { datatrove: { megabytesPerSecond: peer } },
      ratio: { datatrove: together / peer },
    }
  },
}

export default bench

/** Megabytes of text a second of this process's CPU time. */
async function ours(names: readonly string[], documents: readonly Document[]): Promise<number> {
  const stages = await openStages({
    stages: names.map((name) => ({ component: registry.stages[name]!, config: registry.stages[name]!.config.parse({}) })),
    context,
  })
  // Fresh columns for every round: what was measured of a text is remembered with it.
  const round = (): { readonly used: number; readonly bytes: number } => {
    let used = 0
    let bytes = 0
    for (const batch of batches(documents)) {
      const started = process.cpuUsage()
      judge(batch, stages)
      const { user, system } = process.cpuUsage(started)
      used += (user + system) / 1e6
      bytes += (batch.columns['text'] as { values: Uint8Array }).values.byteLength
    }
    return { used, bytes }
  }
  round()
  let total = { used: 0, bytes: 0 }
  while (total.used < seconds) {
    const { used, bytes } = round()
    total = { used: total.used + used, bytes: total.bytes + bytes }
  }
  return total.bytes / 1e6 / total.used
}

function* batches(documents: readonly Document[]): Generator<Batch> {
  let rows: Document[] = []
  let bytes = 0
  for (const document of documents) {
    rows.push(document)
    bytes += document.text.length
    if (bytes < batchBytes) continue
    yield batchOf(rows)
    rows = []
    bytes = 0
  }
  if (rows.length > 0) yield batchOf(rows)
}

function peerRate(documents: readonly Document[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'quern-bench-'))
  try {
    const file = join(folder, 'texts.jsonl')
    // Every so-manieth text, so that all languages are among them.
    const total = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
    const step = Math.max(1, Math.round(total / peerBytes))
    writeFileSync(
      file,
      documents
        .filter((_, i) => i % step === 0)
        .map((document) => JSON.stringify(document))
        .join('\n'),
    )
    const script = fileURLToPath(new URL('peers/datatrove_measures.py', import.meta.url))
    const out = execFileSync(peerPython('datatrove'), [script, file, JSON.stringify(codes)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const { seconds, bytes } = JSON.parse(out) as { seconds: number; bytes: number }
    return bytes / 1e6 / seconds
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Without a file the declaration of human rights in the official languages. */
function documentsOf(path: string | undefined): readonly Document[] {
  if (path !== undefined) return readDocuments(path)
  return officialLanguages.flatMap((language) => declarationPages(language).map((text) => ({ language, text })))
}
