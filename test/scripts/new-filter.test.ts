import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { generatedModules, generatedPages } from '../../scripts/generate/generated.ts'
import { textColumn } from '../../src/core/batch.ts'
import type { PrepareStage } from '../../src/core/component.ts'
import { judge, ruleName } from '../../src/mill/judge.ts'
import { root, scratch } from '../quern.ts'

/** A house with nothing in it but the vocabulary. */
function emptyHouse(): string {
  const house = scratch()
  for (const folder of ['scripts', 'src/stages/filters']) mkdirSync(join(house, folder), { recursive: true })
  for (const shared of ['node_modules', 'src/core', 'package.json']) symlinkSync(join(root, shared), join(house, shared))
  copyFileSync(join(root, 'scripts/new-filter.ts'), join(house, 'scripts/new-filter.ts'))
  copyFileSync(join(root, '.oxfmtrc.json'), join(house, '.oxfmtrc.json'))
  return house
}

test('npm run new:filter writes a filter whose examples hold', async () => {
  const house = emptyHouse()
  const said = execFileSync(process.execPath, [join(house, 'scripts/new-filter.ts'), 'digit-share'], { encoding: 'utf8' })
  expect(said).toContain('Wrote src/stages/filters/digit-share.ts')
  const component = ((await import(pathToFileURL(join(house, 'src/stages/filters/digit-share.ts')).href)) as { default: PrepareStage }).default
  const stage = { component, run: await component.open(component.config.parse({}), { file: String, language: () => undefined }) }
  const judgement = judge({ rows: 2, columns: { text: textColumn(component.examples.map(({ text }) => text ?? '')) } }, [stage])
  expect([0, 1].map((row) => ruleName(judgement, [stage], row))).toEqual(['digit-share/too-many-digits', undefined])

  expect(generatedModules(house).get('src/mill/registry.ts')).toContain("'digit-share': digitShareStage,")
  const pages = await generatedPages(house)
  expect(pages.get('docs/reference/digit-share.md')).toContain('| `max-share` | a number from 0 to 1 | `0.3` |')
  expect(pages.get('docs/reference/measures.md')).toContain('| `digit_share_digits` | [digit-share](digit-share.md) |')
  expect(pages.get('schemas/pipeline.schema.json')).toContain('"const": "digit-share"')
})

test('a name that cannot be one, and a filter that is there, are refused', () => {
  const house = emptyHouse()
  const make = (name: string) => spawnSync(process.execPath, [join(house, 'scripts/new-filter.ts'), name], { encoding: 'utf8' })
  expect(make('Digit_Share')).toMatchObject({ status: 2, stderr: expect.stringContaining('lower-case') })
  expect(make('digits').status).toBe(0)
  expect(make('digits')).toMatchObject({ status: 2, stderr: expect.stringContaining('is there already') })
})

test('a house without components has a registry, and a component with another name than its file is refused', async () => {
  const house = emptyHouse()
  expect(generatedModules(house).get('src/mill/registry.ts')).toContain('sources: {},\n  stages: {},')
  expect((await generatedPages(house)).has('docs/reference/README.md')).toBe(true)
  writeFileSync(join(house, 'src/stages/filters/x.ts'), "export default { name: 'y', kind: 'stage', group: 'filters' }\n")
  await expect(generatedPages(house)).rejects.toThrow(/src\/stages\/filters\/x\.ts: the component is named "y"/)
})
