import { expect, test } from 'vitest'
import * as z from 'zod'
import { placedStage } from '../../src/config/placed-stage.ts'
import { applySettings } from '../../src/config/settings.ts'
import { parseYaml } from '../../src/config/yaml-file.ts'
import { definePressStage } from '../../src/core/component.ts'
import { QuernError } from '../../src/core/errors.ts'

const text = `stages:
  - use: speak
    keep: [de, qq]
    model: lid.bin
    limits:
      de: low
`
const file = applySettings(parseYaml('p.yaml', text), [])
const context = { file: (path: string) => `/data/${path}`, language: () => undefined }

async function placed(error: Error): Promise<string> {
  const stage = definePressStage({
    name: 'speak',
    group: 'tokenize',
    summary: 'Speaks.',
    version: 1,
    config: z.strictObject({}),
    reads: [],
    writes: [],
    measures: {},
    rules: {},
    open: async () => {
      throw error
    },
  })
  const written = (file.value as { stages: Record<string, unknown>[] }).stages[0]!
  const { use: _, ...own } = written
  const opened = placedStage(stage, file, ['stages', 0], own)
  return (opened as typeof stage).open({}, context).then(String, String)
}

/** What components say, and where a reader is sent. */
test.each([
  ['bad-config', 'speak: keep: the model lid.bin does not know qq', 'p.yaml:3:16 stages.0.keep.1: the model lid.bin does not know qq [bad-config]'],
  ['bad-config', 'the language "qq" is not known', 'p.yaml:3:16 stages.0.keep.1: the language "qq" is not known [bad-config]'],
  ['missing-file', 'reading /data/lid.bin: no such file', 'p.yaml:4:12 stages.0.model: reading /data/lid.bin: no such file [missing-file]'],
  ['bad-config', 'limits: a limit is no number', 'p.yaml:6:7 stages.0.limits: a limit is no number [bad-config]'],
  ['unsupported-model', 'the file is no model', 'p.yaml:4:12 stages.0.model: the file is no model [unsupported-model]'],
  ['unsupported-tokenizer', 'nothing that the file names', 'p.yaml:2:5 speak: nothing that the file names [unsupported-tokenizer]'],
  ['bad-config', 'decoding: a prefix of a word is not the word', 'p.yaml:2:5 speak: decoding: a prefix of a word is not the word [bad-config]'],
] as const)('%s, %s', async (code, message, told) => {
  expect(await placed(new QuernError(code, message))).toBe(told)
})

test('a bug is passed on as it is', async () => {
  expect(await placed(new TypeError('x'))).toBe('TypeError: x')
})
