import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeShards } from './input/shards.ts'
import { peerPython, runPeerScript } from './peers/python.ts'
import type { Bench } from './run.ts'

const tokens = 100e6
const sequence = 2048
const rounds = 3
const fractions = [0.1, 0.5, 0.99]

/** They require torch with its gigabytes; `torch_stub.py` stands for it, so they come without what they require. */
const withoutTorch = ['mosaicml-streaming==0.13.0', 'litdata==0.2.76']

interface Epoch {
  readonly seconds: number
  readonly cpu: number
  readonly tokens: number
  readonly peakMiB: number
}

const bench: Bench = {
  name: 'loader',
  summary: `Shuffled samples of ${sequence} tokens as int64 ids from local disk, one process; tokens a second of CPU, and the time to the first sample after a resume.`,
  async measure({ input, say }) {
    const work = mkdtempSync(join(tmpdir(), 'quern-bench-loader-'))
    try {
      const dataset = input ?? join(work, 'dataset')
      if (input === undefined) {
        say('writing shards')
        await writeShards(dataset, tokens)
      }
      const python = peerPython('loader')
      execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', ...withoutTorch], { stdio: 'inherit' })
      const run = <T>(who: string, what: string): T => runPeerScript<T>('loader', 'loader_peers.py', [who, what, dataset, work, String(sequence)])
      say('writing the same samples for the peers')
      const { samples } = run<{ samples: number }>('prepare', 'all')
      const all = ['ours', 'ours-ids', 'streaming', 'litdata', 'datasets']
      const best: Record<string, Epoch> = {}
      for (let round = 0; round < rounds; round++)
        for (const who of all) {
          // The slow ones once: their minutes say nothing that one round does not.
          if (round > 0 && who === 'datasets') continue
          const epoch = run<Epoch>(who, 'epoch')
          say(`${who}: ${(epoch.tokens / epoch.cpu / 1e6).toFixed(0)} million tokens a CPU second`)
          if (epoch.cpu < (best[who]?.cpu ?? Infinity)) best[who] = epoch
        }
      const resume: Record<string, Record<string, number>> = {}
      for (const who of ['ours', 'streaming', 'datasets'])
        resume[who] = Object.fromEntries(
          fractions.map((fraction) => [`${fraction * 100} %`, 1000 * run<{ seconds: number }>(who, String(fraction)).seconds]),
        )
      const rate = (who: string): number => (best[who]?.tokens ?? 0) / (best[who]?.cpu ?? Infinity)
      const figures = (who: string): Record<string, unknown> => ({
        'tokens a CPU second': rate(who),
        'tokens a second': (best[who]?.tokens ?? 0) / (best[who]?.seconds ?? Infinity),
        'peak MiB, mapped pages included': best[who]?.peakMiB,
        ...(resume[who] === undefined ? {} : { 'milliseconds to the first sample after a resume at': resume[who] }),
      })
      const peers = ['streaming', 'litdata', 'datasets']
      return {
        input: { samples, tokens: samples * sequence, sequence },
        ours: { 'all fields': figures('ours'), 'input_ids alone, as the peers': figures('ours-ids') },
        peers: Object.fromEntries(peers.map((who) => [who, figures(who)])),
        ratio: Object.fromEntries(
          peers.flatMap((who) => [
            [`${who}, ids alone`, rate('ours-ids') / rate(who)],
            [`${who}, ours with all fields`, rate('ours') / rate(who)],
          ]),
        ),
      }
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  },
}

export default bench
