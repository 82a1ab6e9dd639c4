import { expect, test } from 'vitest'
import { allFieldsOf } from '../../src/config/fields.ts'
import { pipelineSchema } from '../../src/config/pipeline-schema.ts'

test('every option of a pipeline file is told, of blocks in blocks, choices and lists too', () => {
  const fields = new Map(allFieldsOf(pipelineSchema).map((field) => [field.name, field]))
  expect(fields.get('output.alarms.share')).toMatchObject({ default: '0.6', required: false, says: expect.stringMatching(/may lose/) })
  expect(fields.get('output.dataset')).toMatchObject({ required: true })
  expect(fields.get('tests.dropped-by')).toMatchObject({ takes: 'text' })
  for (const { name, says } of fields.values()) expect(says, name).not.toBe('')
})
