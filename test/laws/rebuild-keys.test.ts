import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quernJson, reachable, scratch } from '../quern.ts'
import { page, random, writePipeline } from './pages.ts'

const perNight = 60

/** Pages of several paragraphs; some come again by address, by text, or with a paragraph of an earlier page. */
function writeNight(file: string, night: number): void {
  const next = random(night + 3)
  const rows = Array.from({ length: perNight }, (_, i) => {
    const number = night * perNight + i
    const earlier = Math.floor(next() * number)
    const kind = next()
    const own = [page(number + 9000, 60), page(number + 8000, 60), page(number + 7000, 60)]
    const paragraphs = kind < 0.3 ? [own[0], page(earlier + 8000, 60), own[2]] : own
    const text = kind > 0.8 ? page(earlier + 9000, 60).toUpperCase() : paragraphs.join('\n\n')
    const url = kind > 0.7 && kind < 0.8 ? `http://pages.example:80/${earlier}` : `https://pages.example/${number}`
    return JSON.stringify({ url, text })
  })
  writeFileSync(file, `${rows.join('\n')}\n`)
}

function pipelineOf(folder: string, stages: string, nights: number): string {
  const paths = Array.from({ length: nights }, (_, i) => `night-${i}.jsonl`)
  const file = writePipeline(folder, `until-${nights}`, paths)
  const text = readFileSync(file, 'utf8').replace('  - use: exact-duplicates\n', stages)
  // Signatures are of texts before a cut: where something was cut, no kept text gives them again.
  const cuts = /duplicate-(lines|paragraphs)/.test(stages)
  writeFileSync(
    file,
    cuts ? text.replace(/ {2}- use: near-duplicates\n(?: {4}.*\n)*/, '') : text.replace('similarity: 0.8', 'similarity: 0.8\n    merge-runs: 2'),
  )
  return file
}

test.for([
  ['addresses and folded texts', '  - use: url-duplicates\n  - use: exact-duplicates\n    normalise: fold\n'],
  ['lines', '  - use: duplicate-lines\n'],
  ['paragraphs', '  - use: duplicate-paragraphs\n'],
] as const)('an index deleted and rebuilt gives the same bytes and the same next night: %s', { timeout: 600_000 }, ([, stages]) => {
  const folder = scratch()
  for (let night = 0; night < 4; night += 1) writeNight(join(folder, `night-${night}.jsonl`), night)
  const whole = join(folder, 'whole')
  for (let nights = 1; nights <= 3; nights += 1) quernJson(['run', pipelineOf(folder, stages, nights), '--out', whole])
  const lost = join(folder, 'lost')
  cpSync(whole, lost, { recursive: true })
  rmSync(join(lost, 'index'), { recursive: true })
  const { restored, runs } = quernJson<{ runs: number; restored: unknown[] }>(['rebuild-index', lost])
  expect(restored).toHaveLength(runs)
  expect(reachable(lost)).toEqual(reachable(whole))
  for (const out of [whole, lost]) quernJson(['run', pipelineOf(folder, stages, 4), '--out', out])
  expect(reachable(lost)).toEqual(reachable(whole))
})
