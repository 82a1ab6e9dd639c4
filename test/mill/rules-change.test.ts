import { describe, expect, it } from 'vitest'
import { changedRules } from '../../src/mill/rules-change.ts'

const rules = (tokenizer: string, limit: number) => ({
  stages: [
    { use: 'words', phase: 'prepare', version: 1, config: { least: limit }, assets: [] },
    { use: 'tokenize', phase: 'press', version: 1, config: { tokenizer: 'tokenizer.json' }, assets: [tokenizer] },
  ],
  languages: {},
  sources: [],
  output: { retainDropped: 'all', shardBytes: 1 },
})
const [one, other] = ['a'.repeat(64), 'b'.repeat(64)]

describe('changedRules', () => {
  it('finds nothing where nothing changed', () => {
    expect(changedRules(rules(one, 3), rules(one, 3))).toEqual([])
  })

  it('names both hashes of another tokenizer, which new input alone cannot take', () => {
    const [change, ...more] = changedRules(rules(one, 3), rules(other, 3))
    expect(more).toEqual([])
    expect(change?.press).toBe(true)
    expect(change?.sentence).toContain(`was ["${one}"], is ["${other}"]`)
  })

  it('leaves a changed limit to --evolve', () => {
    expect(changedRules(rules(one, 3), rules(one, 4))).toEqual([{ sentence: 'stage "words", config, least: was 3, is 4', press: false }])
  })
})
