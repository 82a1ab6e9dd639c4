import { expect, test } from 'vitest'
import { closest } from '../../src/core/closest.ts'

test('a suggestion is near, or there is none', () => {
  expect(closest('similarty', ['keep', 'similarity'])).toBe('similarity')
  expect(closest('kepe', ['keep', 'kept'])).toBe('keep')
  expect(closest('Keep', ['keep'])).toBe('keep')
  expect(closest('xyz', ['keep', 'use'])).toBeUndefined()
  expect(closest('', [])).toBeUndefined()
})
