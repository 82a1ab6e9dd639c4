import { describe, expect, test } from 'vitest'
import { checkRedactionTokens } from '../../src/config/redaction-tokens.ts'
import { registry } from '../../src/mill/registry.ts'

const component = (name: string) => registry.stages[name]!

function mistakes(redaction: object | undefined, tokens: unknown): readonly string[] {
  const found: string[] = []
  const stages = [
    ...(redaction === undefined
      ? []
      : [{ component: component('redact-personal-data'), config: component('redact-personal-data').config.parse(redaction) }]),
    { component: component('tokenize'), config: component('tokenize').config.parse({ tokenizer: 'x.json', 'redaction-tokens': tokens }) },
  ]
  checkRedactionTokens(stages, (index, message, remedy) => found.push(`${index}: ${message} ${remedy}`))
  return found
}

describe('ids for placeholders', () => {
  test('need a stage that writes them', () => {
    expect(mistakes(undefined, ['email'])).toEqual([expect.stringMatching(/^0: .*a page that spells one would write a special token/)])
    expect(mistakes({}, ['email', 'iban'])).toEqual([])
    expect(mistakes(undefined, 'none')).toEqual([])
  })

  test('need one that writes placeholders of these types', () => {
    expect(mistakes({ replace: 'documentation' }, ['email'])).toEqual([expect.stringContaining('writes values and no placeholders')])
    expect(mistakes({ mode: 'datatrove' }, ['email'])).toEqual([expect.stringContaining('writes values and no placeholders')])
    expect(mistakes({ types: ['iban'] }, ['email', 'iban'])).toEqual([expect.stringContaining('does not look for email')])
  })
})
