import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fiveWords, sign, type OwnBands } from '../src/native/minhash.ts'
import { benchTexts } from './input/texts.ts'
import { runPeerScript } from './peers/python.ts'
import type { Bench } from './run.ts'

const ourBytes = 64 << 20
const peerBytes = 1 << 20

const bench: Bench = {
  name: 'signature',
  summary: 'Raw text to 14 x 8 MinHash signatures, one thread: ours with sketch and digest, datatrove, and rensa on ready shingles.',
  async measure({ input, say }) {
    const { column, texts, bytes } = await benchTexts(input, ourBytes)
    say(`ours, ${(bytes / 1e6).toFixed(0)} MB`)
    const megabytesPerSecond = (bands: OwnBands): number => {
      sign(column, bands)
      const before = process.threadCpuUsage()
      sign(column, bands)
      const { user, system } = process.threadCpuUsage(before)
      return bytes / (user + system)
    }
    const ours = megabytesPerSecond(fiveWords)
    const characters = megabytesPerSecond({ ...fiveWords, unit: 'characters', size: 24 })

    const few = await benchTexts(input, peerBytes)
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-'))
    try {
      const file = join(work, 'texts.jsonl')
      writeFileSync(file, few.texts.map((text) => JSON.stringify({ text })).join('\n'))
      say(`datatrove and rensa, the first ${(few.bytes / 1e6).toFixed(0)} MB`)
      const peers = runPeerScript<Record<'datatrove' | 'rensa', { seconds: number }> & { bytes: number }>('signature', 'signature_peers.py', [file])
      const rate = (seconds: number): number => peers.bytes / seconds / 1e6
      return {
        input: { documents: texts.length, bytes },
        ours: { megabytesPerSecond: ours, '24 characters': { megabytesPerSecond: characters } },
        peers: {
          datatrove: { megabytesPerSecond: rate(peers.datatrove.seconds) },
          'rensa, ready shingles': { megabytesPerSecond: rate(peers.rensa.seconds) },
        },
        ratio: { datatrove: ours / rate(peers.datatrove.seconds), 'rensa, ready shingles': ours / rate(peers.rensa.seconds) },
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench
