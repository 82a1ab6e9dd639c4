import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writePages, writePipeline } from '../laws/pages.ts'
import { quern, quernJson, root, scratch, type RunSummary } from '../quern.ts'

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

describe('a dataset made with another tokenizer', () => {
  test('is refused with both hashes, and a new dataset is not', () => {
    const folder = scratch()
    const sample = join(root, 'data-samples/tokenizer.json')
    const other = join(folder, 'other.json')
    // The same ids, and yet another file: nobody has to prove that.
    writeFileSync(other, `${readFileSync(sample, 'utf8')}\n`)
    writePages(join(folder, 'pages.jsonl'), 0, 40)
    const out = join(folder, 'dataset')
    const pipeline = writePipeline(folder, 'one', ['*.jsonl'])
    quernJson<RunSummary>(['run', pipeline, '--out', out])
    writePages(join(folder, 'more.jsonl'), 40, 40)
    const changed = join(folder, 'changed.yaml')
    writeFileSync(changed, readFileSync(pipeline, 'utf8').replace(sample, other))
    for (const evolve of [[], ['--evolve']]) {
      const refused = quern(['run', changed, '--out', out, ...evolve])
      expect(refused.status).not.toBe(0)
      expect(refused.err).toContain(sha256(sample))
      expect(refused.err).toContain(sha256(other))
    }
    expect(quernJson<RunSummary>(['run', changed, '--out', join(folder, 'new')]).snapshot).toBe(1)
  })
})
