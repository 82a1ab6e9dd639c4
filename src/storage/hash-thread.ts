import { Worker } from 'node:worker_threads'

/** A SHA-256 that another thread computes. */
export interface ThreadHash {
  /** The bytes must stay as they are until it resolves. Those of shared memory are not copied. */
  update(bytes: Uint8Array): Promise<void>
  /** In hex; nothing can be added after it. */
  digest(): Promise<string>
}

export interface HashThread {
  open(): ThreadHash
  /** What is not answered yet is given up. */
  close(): Promise<void>
}

/** As text, since a file of its own would have to be found beside the bundle too. One answer to each message, in order. */
const program = `
const { createHash } = require('node:crypto')
const { parentPort } = require('node:worker_threads')
const hashes = new Map()
parentPort.on('message', ({ id, bytes }) => {
  const hash = hashes.get(id) ?? createHash('sha256')
  hashes.set(id, hash)
  if (bytes !== undefined) return parentPort.postMessage(hash.update(bytes) === undefined)
  hashes.delete(id)
  parentPort.postMessage(hash.digest('hex'))
})
`

interface Question {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/**
 * Hashes beside the thread that moves the bytes: at the speed of a local store SHA-256 takes as long as everything else of a
 * pull. The thread starts with the first bytes (30 ms).
 */
export function startHashThread(): HashThread {
  let worker: Worker | undefined
  let broken: Error | undefined
  const questions: Question[] = []
  let hashes = 0

  function lose(error: Error): void {
    broken ??= error
    for (const question of questions.splice(0)) question.reject(error)
  }

  function start(): Worker {
    return new Worker(program, { eval: true })
      .on('message', (answer: unknown) => questions.shift()?.resolve(answer))
      .on('error', lose)
      .on('exit', () => lose(new Error('the thread that hashes has ended')))
  }

  function ask(message: { readonly id: number; readonly bytes?: Uint8Array }): Promise<unknown> {
    if (broken !== undefined) return Promise.reject(broken)
    worker ??= start()
    const asked = worker
    return new Promise((resolve, reject) => {
      questions.push({ resolve, reject })
      asked.postMessage(message)
    })
  }

  return {
    open() {
      const id = hashes++
      return {
        update: async (bytes) => void (await ask({ id, bytes })),
        digest: async () => String(await ask({ id })),
      }
    },
    async close() {
      await worker?.terminate()
    },
  }
}
