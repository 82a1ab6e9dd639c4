// npm run new:filter NAME: writes a filter that works and passes conformance, then says what to do with it.
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const name = process.argv[2] ?? ''
const path = fileURLToPath(new URL(`../src/stages/filters/${name}.ts`, import.meta.url))

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) fail('a filter needs a name of lower-case words joined by "-"', 'npm run new:filter digit-share')
if (existsSync(path)) fail(`src/stages/filters/${name}.ts is there already`, 'Choose another name.')

const measure = `${name.replaceAll('-', '_')}_digits`

writeFileSync(
  path,
  `import * as z from 'zod'
import { emptyVerdict, textOf } from '../../core/batch.ts'
import { definePrepareStage } from '../../core/component.ts'

export default definePrepareStage<{ 'max-share': number }>({
  name: '${name}',
  group: 'filters',
  summary: 'Drops documents that are mostly digits.',
  version: 1,
  config: z.strictObject({
    'max-share': z.number().min(0).max(1).default(0.3).describe('Largest share of digits among the bytes of a kept document.'),
  }),
  reads: ['text'],
  writes: [],
  measures: { ${measure}: 'Share of ASCII digits among the bytes of the text, 0 to 1.' },
  rules: { 'too-many-digits': 'A larger share of digits than \`max-share\`.' },
  examples: [{ text: '0800 123 456 789', drops: 'too-many-digits' }, { text: 'Am 3. Oktober ist die Mühle geschlossen.' }],
  open: async ({ 'max-share': limit }) => (batch) => {
    const { values, offsets } = textOf(batch, 'text')
    const share = new Float64Array(batch.rows)
    const verdict = emptyVerdict(batch.rows)
    for (let row = 0; row < batch.rows; row++) {
      const start = offsets[row]!
      const end = offsets[row + 1]!
      let digits = 0
      for (let at = start; at < end; at++) if (values[at]! >= 0x30 && values[at]! <= 0x39) digits++
      share[row] = end === start ? 0 : digits / (end - start)
      if (share[row]! <= limit) continue
      verdict.rule[row] = 0 // the index of the rule in \`rules\`
      verdict.measured[row] = share[row]!
      verdict.limit[row] = limit
    }
    return { measures: { ${measure}: share }, verdict }
  },
})
`,
)
// A long name moves the line breaks.
execFileSync(fileURLToPath(new URL('../node_modules/.bin/oxfmt', import.meta.url)), [path], { stdio: 'pipe' })
console.log(`Wrote src/stages/filters/${name}.ts, a filter that works. Next:
  1. Change summary, config, measures, rules and examples to what you need; each rule needs an example that it drops.
  2. npm run generate                                     registry, schema and reference page
  3. npx vitest run test/conformance -t ${name.padEnd(17)} examples and hostile text
  4. Add "- use: ${name}" to a pipeline, and npx quern check it.
Where every byte of the text counts and this is too slow, a kernel in native/src/kernels/ measures instead.`)

function fail(what: string, remedy: string): never {
  console.error(`quern: ${what}\n  ${remedy}`)
  process.exit(2)
}
