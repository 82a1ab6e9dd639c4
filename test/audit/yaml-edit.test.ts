import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { setInYaml } from '../../src/audit/yaml-edit.ts'

const pipeline = `name: sample
stages:
  # The first.
  - use: extract-html

  - { use: gopher-quality, min-words: 50 }   # flow
  - use: gopher-repetition
    # between
    max-top-2-gram: 0.2 # here
  - use: language
    limits:
      de: 0.5
output: { dataset: out }
`

test.each([
  [['stages', 1, 'min-words'], 60, 'min-words: 50', 'min-words: 60'],
  [['stages', 1, 'max-words'], 9, 'min-words: 50 }', 'min-words: 50, max-words: 9 }'],
  [['stages', 2, 'max-top-2-gram'], 0.3, 'max-top-2-gram: 0.2 # here', 'max-top-2-gram: 0.3 # here'],
  [['stages', 2, 'max-top-3-gram'], 0.1, '0.2 # here\n', '0.2 # here\n    max-top-3-gram: 0.1\n'],
  [['stages', 3, 'limits', 'mt'], 0.4, '      de: 0.5\n', '      de: 0.5\n      mt: 0.4\n'],
  [['stages', 0, 'limits', 'mt'], 0.4, '  - use: extract-html\n', '  - use: extract-html\n    limits:\n      mt: 0.4\n'],
] as const)('%j becomes %j, and no other byte changes', (path, value, was, is) => {
  expect(pipeline.split(was)).toHaveLength(2)
  expect(setInYaml(pipeline, path, value)).toBe(pipeline.replace(was, is))
})

test('a file that lacks the way gets it, an empty one too', () => {
  expect(setInYaml('language: de\n', ['filters', 'c4', 'min'], 'off')).toBe('language: de\nfilters:\n  c4:\n    min: off\n')
  expect(setInYaml('', ['a', 'b'], 1)).toBe('a:\n  b: 1\n')
  expect(() => setInYaml('a: [', ['a'], 1)).toThrow('no YAML')
})

test('what is read back is the value set and everything else as it was', () => {
  const tree = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.integer(),
      fc.constantFrom('word', 'two words', "it's"),
      fc.dictionary(fc.stringMatching(/^[a-d]{1,2}$/), tie('node'), { minKeys: 1, maxKeys: 3 }),
    ),
  })).node
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-d]{1,2}$/), tree, { minKeys: 1, maxKeys: 4 }),
      fc.array(fc.stringMatching(/^[a-d]{1,2}$/), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (object, path, flow) => {
        const expected = structuredClone(object) as Record<string, unknown>
        let at = expected
        for (const key of path.slice(0, -1)) {
          const next = at[key]
          // A path through a plain value, or to a map, is not what a limit is.
          fc.pre(next === undefined || (typeof next === 'object' && next !== null))
          at = (at[key] ??= {}) as Record<string, unknown>
        }
        const last = path.at(-1)!
        fc.pre(typeof at[last] !== 'object')
        at[last] = 0.25
        const text = stringify(object, { collectionStyle: flow ? 'flow' : 'block', lineWidth: 0 })
        expect(parse(setInYaml(text, path, 0.25))).toEqual(expected)
      },
    ),
    { numRuns: 500 },
  )
})
