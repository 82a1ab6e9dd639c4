import { createHash } from 'node:crypto'
import { QuernError } from '../../core/errors.ts'
import type { ObjectFacts, Store } from '../../storage/store.ts'

/** What a check found. `problems` has at most a thousand sentences, the last of which then counts the others. */
export interface Verdict {
  readonly ok: boolean
  readonly checks: number
  readonly problems: readonly string[]
}

/** Collects what is wrong; nothing here throws for damage. */
export interface Findings {
  /** Counts one check; the sentence is made only when it fails. Returns `holds`. */
  check(holds: boolean, problem: () => string): boolean
  /** Counts `n` checks that were done in a loop and held. */
  counted(n: number): void
  /** Runs a step; damage that it throws becomes a problem and the answer undefined. */
  attempt<T>(step: () => Promise<T>): Promise<T | undefined>
  verdict(): Verdict
}

const mostProblems = 1000

/** Damage of the dataset is a finding; anything else (a full disk, a bug) stops the check. */
const damage = new Set(['damaged-dataset', 'not-found', 'store-failed'])

export function openFindings(): Findings {
  const problems: string[] = []
  let failed = 0
  let checks = 0
  function fail(problem: string): void {
    failed++
    if (problems.length < mostProblems) problems.push(problem)
  }
  return {
    check(holds, problem) {
      checks++
      if (!holds) fail(problem())
      return holds
    },
    counted(n) {
      checks += n
    },
    async attempt(step) {
      try {
        return await step()
      } catch (error) {
        if (!(error instanceof QuernError) || !damage.has(error.code)) throw error
        checks++
        fail(error.message)
        return undefined
      }
    },
    verdict: () => ({
      ok: failed === 0,
      checks,
      problems: failed > problems.length ? [...problems, `and ${failed - problems.length} more`] : problems,
    }),
  }
}

/** Read in pieces, so that an object of any size costs the same memory. */
const pieceBytes = 8 << 20

/** An object's size and SHA-256 against what a manifest says of it. True when both are right. */
export async function checkObject(store: Store, facts: ObjectFacts, findings: Findings, onBytes: (bytes: number) => void): Promise<boolean> {
  const found = await store.stat(facts.path)
  if (!findings.check(found !== undefined, () => `${facts.path} is missing`)) return false
  if (!findings.check(found?.bytes === facts.bytes, () => `${facts.path} has ${found?.bytes} bytes, and its manifest says ${facts.bytes}`))
    return false
  const hash = createHash('sha256')
  for (let offset = 0; offset < facts.bytes; offset += pieceBytes) {
    const length = Math.min(pieceBytes, facts.bytes - offset)
    hash.update(await store.get(facts.path, { offset, length }))
    onBytes(length)
  }
  const sha256 = hash.digest('hex')
  return findings.check(sha256 === facts.sha256, () => `${facts.path} has SHA-256 ${sha256}, and its manifest says ${facts.sha256}`)
}
