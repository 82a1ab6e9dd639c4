import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startHashThread } from '../../src/storage/hash-thread.ts'

const sha256 = (pieces: readonly Uint8Array[]): string => {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

test('streams that come through each other have the hashes of their bytes, shared memory or not', async () => {
  const hashes = startHashThread()
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (streams, shared) => {
        const told = await Promise.all(
          streams.map(async (pieces) => {
            const hash = hashes.open()
            // One memory for all pieces of a stream: it may change as soon as a piece is taken.
            const memory = new Uint8Array(shared ? new SharedArrayBuffer(300) : new ArrayBuffer(300))
            for (const piece of pieces) {
              memory.set(piece)
              await hash.update(memory.subarray(0, piece.byteLength))
            }
            return hash.digest()
          }),
        )
        expect(told).toEqual(streams.map(sha256))
      },
    ),
    { numRuns: 50 },
  )
  await hashes.close()
})

test('a thread that is gone is an error, not a wait for ever', async () => {
  const hashes = startHashThread()
  const hash = hashes.open()
  await hash.update(new Uint8Array(3))
  const late = hash.digest().catch(String)
  await hashes.close()
  expect(await late).toMatch(/^(?:[0-9a-f]{64}|Error: the thread that hashes has ended)$/)
  await expect(hash.digest()).rejects.toThrow('the thread that hashes has ended')
})

test('one that was never used starts no thread', async () => {
  await startHashThread().close()
})
