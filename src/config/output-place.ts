import { access, constants, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { QuernError } from '../core/errors.ts'
import { isS3Url, parseS3Url, s3Url } from '../storage/s3-place.ts'

/** The absolute path or URL of a dataset as written in a pipeline (relative to `folder`) or on the command line. */
export function outputPlace(written: string, folder: string): { place: string } | { wrong: string; remedy: string } {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase()
  if (scheme === undefined) return { place: resolve(folder, written) }
  if (scheme === 's3') {
    try {
      return { place: s3Url(parseS3Url(written)) }
    } catch (error) {
      if (!(error instanceof QuernError)) throw error
      return { wrong: error.message, remedy: error.remedy ?? '' }
    }
  }
  if (scheme !== 'file') return { wrong: `datasets cannot be written to ${scheme}://`, remedy: 'Give a folder, a file:// URL or s3://bucket/prefix.' }
  try {
    return { place: fileURLToPath(written) }
  } catch {
    return { wrong: `${written} is no URL of a local folder`, remedy: 'Write it with three slashes: file:///data/dataset.' }
  }
}

/**
 * Why a dataset cannot be made or continued at a local path: a file in the way, or a folder without permission.
 * Undefined when nothing speaks against it; nothing is created.
 */
export async function whyNotWritable(place: string): Promise<{ wrong: string; remedy: string } | undefined> {
  if (isS3Url(place)) return undefined // only asking the store tells: its probe does
  for (let at = place; ; at = dirname(at)) {
    let found
    try {
      found = await stat(at)
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code
      // A file in the middle of the path makes the rest ENOTDIR: go up until that file is met.
      if ((code === 'ENOENT' || code === 'ENOTDIR') && at !== dirname(at)) continue
      return { wrong: `${at} cannot be entered (${code})`, remedy: 'Choose another folder with output.dataset or --out.' }
    }
    if (!found.isDirectory())
      return { wrong: `${at} is a file, not a folder`, remedy: 'Move it away, or choose another folder with output.dataset or --out.' }
    try {
      await access(at, constants.W_OK | constants.X_OK)
      return undefined
    } catch {
      return {
        wrong: `${at} is a folder that you may not write into`,
        remedy: 'Change its permissions, or choose another folder with output.dataset or --out.',
      }
    }
  }
}
