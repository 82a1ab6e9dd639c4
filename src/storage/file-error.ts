import { QuernError } from '../core/errors.ts'

const notWritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EXDEV', 'ENOTSUP', 'ENOSYS', 'EMLINK'])

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** What a failed system call means to the person who waits for it. Coded errors pass through. */
export function fileError(act: 'reading' | 'writing' | 'listing' | 'deleting', key: string, root: string, cause: unknown): Error {
  if (cause instanceof QuernError || !(cause instanceof Error)) return cause as Error
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  const doing = `${act} ${key} in ${root}`
  if (act === 'reading' && code === 'ENOENT')
    return new QuernError('damaged-dataset', `${doing}: it does not exist`, { remedy: 'Run quern verify on the dataset.', cause })
  if (code === 'EXDEV')
    return new QuernError('output-not-writable', `${doing}: a folder of the dataset lies on another file system`, {
      remedy: 'Keep the dataset on one file system.',
      cause,
    })
  if (act !== 'reading' && notWritable.has(code))
    return new QuernError('output-not-writable', `${doing}: ${cause.message}`, {
      remedy: 'Choose a folder that you may write to, on a file system with hard links.',
      cause,
    })
  return new QuernError('store-failed', `${doing}: ${cause.message}`, {
    remedy: remedies[code] ?? 'Look at the disk, then run the command again.',
    cause,
  })
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, then run the same command again; it goes on where it stopped.',
  EDQUOT: 'Your quota on the disk is used up: make room, then run the same command again; it goes on where it stopped.',
  EMFILE: 'Too many files are open: raise the limit (ulimit -n 4096).',
  EIO: 'The disk reports an error: look at the system log.',
}
