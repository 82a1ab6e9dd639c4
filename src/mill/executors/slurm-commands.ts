import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { QuernError } from '../../core/errors.ts'

const execute = promisify(execFile)

/** What squeue says of an array element: its state, and why it is in it. */
export interface JobState {
  readonly state: string
  readonly reason: string
}

/** States that a job does not leave by itself (squeue(1), "JOB STATE CODES"). A job that squeue no longer knows has ended too. */
const ended = new Set(['BOOT_FAIL', 'CANCELLED', 'COMPLETED', 'DEADLINE', 'FAILED', 'NODE_FAIL', 'OUT_OF_MEMORY', 'PREEMPTED', 'REVOKED', 'TIMEOUT'])

export const hasEnded = (state: JobState | undefined): boolean => state === undefined || ended.has(state.state)

/** sbatch options that are the executor's own, or that would take a job out of its sight. */
const reserved = [
  '--array',
  '-a',
  '--output',
  '-o',
  '--error',
  '-e',
  '--chdir',
  '-D',
  '--wrap',
  '--clusters',
  '--cluster',
  '-M',
  '--wait',
  '-W',
  '--test-only',
  '--parsable',
]

/** Throws `bad-usage` for an option that sbatch would take for a script, and for one that is not the user's to give. */
export function checkSlurmOptions(options: readonly string[]): void {
  for (const option of options) {
    if (!/^-[A-Za-z-]/.test(option)) {
      throw new QuernError('bad-usage', `--slurm ${option}: not an option of sbatch`, {
        remedy: 'Write each as one word with its value, such as --slurm=--partition=cpu.',
      })
    }
    const name = option.startsWith('--') ? option.replace(/=.*$/s, '') : option.slice(0, 2)
    if (reserved.includes(name)) throw new QuernError('bad-usage', `--slurm ${option}: ${name} belongs to the executor`, { remedy: 'Leave it out.' })
  }
}

/** Throws `bad-usage` when this machine cannot submit jobs: better before the planning than after it. */
export async function requireSlurm(): Promise<void> {
  await execute('sbatch', ['--version']).catch((cause: unknown) => {
    throw new QuernError('bad-usage', `--executor slurm: running sbatch: ${complaint(cause)}`, {
      remedy: 'Run it where jobs are submitted (a login node of the cluster) with sbatch, squeue and scancel in PATH, or use --executor local.',
      cause,
    })
  })
}

/** Submits one array job and returns its number. A controller that is too busy to answer is asked three times. */
export async function submitArray(options: readonly string[], command: readonly string[]): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { stdout } = await execute('sbatch', ['--parsable', ...options, '--wrap', `exec ${command.join(' ')}`])
      const [, id] = /^([0-9]+)(?:;.*)?\s*$/.exec(stdout) ?? []
      if (id !== undefined) return id
      throw new Error(`it answered ${JSON.stringify(stdout)} instead of a job number`)
    } catch (cause) {
      const why = complaint(cause)
      if (attempt < 3 && /timed out|unable to contact|try again|temporarily/i.test(why)) {
        await sleep(5000)
        continue
      }
      throw new QuernError('bad-usage', `submitting to Slurm: sbatch refused: ${why}`, {
        remedy: 'Check the --slurm options (partition, account, time), and that --workers is not above what the cluster lets you submit.',
        cause,
      })
    }
  }
}

/** States by `<job>_<element>`; undefined when the controller does not answer, which says nothing about the jobs. */
export async function queuedStates(jobs: readonly string[]): Promise<Map<string, JobState> | undefined> {
  const states = new Map<string, JobState>()
  try {
    const { stdout } = await execute('squeue', ['--noheader', '--array', '--states=all', '--format=%i|%T|%r', `--jobs=${jobs.join(',')}`], {
      maxBuffer: 1 << 28,
    })
    for (const line of stdout.split('\n')) {
      const [id = '', state = '', reason = ''] = line.trim().split('|')
      if (id !== '') states.set(id, { state, reason })
    }
    return states
  } catch (error) {
    // When the only job that is asked for was forgotten, squeue calls its number invalid.
    return /invalid job id/i.test(complaint(error)) ? states : undefined
  }
}

/** Ends elements (`<job>_<element>`); those that have ended already are no mistake. */
export async function cancel(elements: readonly string[]): Promise<void> {
  for (let at = 0; at < elements.length; at += 500) await execute('scancel', ['--quiet', ...elements.slice(at, at + 500)]).catch(() => undefined)
}

/** A word of a shell command that stands for itself, whatever is in it. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function complaint(error: unknown): string {
  const { code, stderr, message } = error as { readonly code?: unknown; readonly stderr?: string; readonly message: string }
  if (code === 'ENOENT') return 'the command is not on this machine'
  return stderr?.trim() || message
}
