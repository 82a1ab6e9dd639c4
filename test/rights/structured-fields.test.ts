import { expect, test } from 'vitest'
import { parseDictionary } from '../../src/rights/structured-fields.ts'

const keys = (text: string) => {
  const found = parseDictionary(text)
  return found === undefined
    ? 'fails'
    : [...found].map(([key, item]) => `${key}=${item === 'list' ? 'list' : `${item.type}:${item.value}`}`).join(' ')
}

test.each([
  ['', ''],
  ['train-ai=n', 'train-ai=token:n'],
  ['  a=1 ,\tb=-2.5', 'a=number:1 b=number:-2.5'],
  ['a, b;x=1;y, c=?0', 'a=boolean:true b=boolean:true c=boolean:false'],
  ['a=(1 "x";p tok) , b=:aGk=:', 'a=list b=bytes:aGk='],
  ['a="q\\"\\\\"', 'a=string:q"\\'],
  ['a=@1659578233, b=%"f%c3%bc"', 'a=date:1659578233 b=display:f%c3%bc'],
  ['a=1, b=2, a=3', 'a=number:3 b=number:2'],
  ['a=1,', 'fails'],
  ['a=1 b=2', 'fails'],
  ['A=1', 'fails'],
  ['a=', 'fails'],
  ['a=1.2345', 'fails'],
  ['a=1234567890123456', 'fails'],
  ['a="\u00fc"', 'fails'],
  ['a="open', 'fails'],
  ['a=(1', 'fails'],
  ['a=(1"x")', 'fails'],
  ['=1', 'fails'],
])('%j', (text, expected) => {
  expect(keys(text)).toBe(expected)
})
