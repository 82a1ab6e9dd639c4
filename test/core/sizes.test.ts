import { expect, test } from 'vitest'
import { byteSize, formatSize, parseSize } from '../../src/core/sizes.ts'

test('sizes are read as people write them', () => {
  expect(['64MiB', '1.5 GiB', '10MB', '7', '2kB'].map(parseSize)).toEqual([64 * 2 ** 20, 1.5 * 2 ** 30, 10e6, 7, 2000])
  expect(['', 'MiB', '-1', '1 mib', '1e3', '0x10', ' 1'].map(parseSize)).toEqual(Array(7).fill(undefined))
})

test('sizes are written as people read them', () => {
  expect([0, 312, 1024, 1536, 128 * 2 ** 20, 2 ** 40 * 5000].map(formatSize)).toEqual(['0 B', '312 B', '1 KiB', '1.5 KiB', '128 MiB', '5000 TiB'])
})

test('a size option keeps its bounds', () => {
  const option = byteSize({ min: 1024, max: 4096, default: 2048 })
  expect([option.parse(undefined), option.parse('2KiB'), option.parse(4096)]).toEqual([2048, 2048, 4096])
  for (const wrong of [1023, 4097, '1.0001KiB ', 1500.5, NaN, true]) expect(option.safeParse(wrong).success).toBe(false)
})
