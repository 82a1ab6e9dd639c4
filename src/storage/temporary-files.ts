import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { readdir, stat, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isMissing } from './file-error.ts'

/** Writers of another machine are taken for dead when they have not written for this long. */
export const staleAfter = 7 * 24 * 3600 * 1000

/** Process numbers mean something within one machine's one process-number space only, so both are in the name. */
export function owner(): string {
  let space = ''
  try {
    space = readlinkSync('/proc/self/ns/pid')
  } catch {
    // not Linux: the machine's name alone
  }
  return createHash('sha256').update(`${hostname()} ${space}`).digest('hex').slice(0, 12)
}

/** Removes the files of writers that are dead. */
export async function cleanTemporary(folder: string): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  let removed = 0
  for (const name of names) {
    const [who, pid] = name.split('-')
    const file = join(folder, name)
    const age = await stat(file).then(
      (facts) => Date.now() - facts.mtimeMs,
      () => 0, // its writer has just finished
    )
    if (age < staleAfter && !isGone(who ?? '', Number(pid))) continue
    await unlink(file).then(
      () => removed++,
      () => undefined,
    )
  }
  return removed
}

/** Whether a process that gave its `owner` is certainly gone; one of another machine may always be alive. */
export function isGone(who: string, pid: number): boolean {
  return who === owner() && !isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
