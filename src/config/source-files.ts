import { glob, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { QuernError } from '../core/errors.ts'
import { isS3Url } from '../storage/s3-place.ts'
import type { PipelineSource } from '../core/pipeline.ts'

/** A file that a source's globs match, before it is fingerprinted. */
export interface MatchedFile {
  /** Below the fixed part of the glob, with `/`. */
  readonly path: string
  /** An absolute path, or s3://bucket/key. */
  readonly location: string
  readonly bytes: number
  /** What tells cheaply that an object on S3 is the one that was hashed before: its list says it, so that nobody asks for each. */
  readonly stamp: string | undefined
}

const magic = /[*?[{\\]|[!+@]\(/

/**
 * A path or glob as written in a pipeline of `folder`: the absolute folder before its first wildcard, and the absolute
 * pattern. Only what was written is looked at for wildcards: a bracket in the pipeline's own folder is a plain name.
 */
export function splitGlob(written: string, folder: string): { readonly base: string; readonly pattern: string } {
  const parts = written.split('/')
  const first = parts.findIndex((part) => magic.test(part))
  const fixed = first === -1 ? parts.length - 1 : first
  if (isS3Url(written)) return { base: parts.slice(0, Math.max(3, fixed)).join('/'), pattern: written }
  const base = resolve(folder, fixed === 1 && parts[0] === '' ? '/' : parts.slice(0, fixed).join('/'))
  return { base, pattern: join(base, '/').concat(parts.slice(fixed).join('/')) }
}

/**
 * The files of a source: patterns in the order written, each pattern's files in code-unit order of their path; a file that
 * two patterns match counts where it came first. Throws `missing-file` for a pattern that matches nothing, and
 * `bad-pipeline` when two different files would have the same path inside the source, and so the same documents' ids.
 */
export async function sourceFiles(source: PipelineSource): Promise<readonly MatchedFile[]> {
  const files: MatchedFile[] = []
  const byLocation = new Set<string>()
  const byPath = new Map<string, string>()
  for (const { pattern, base, place } of source.paths) {
    const matched = (await matches(base, pattern)).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    if (matched.length === 0 && source.component.mayBeEmpty !== true) {
      const folder = await isFolder(pattern)
      throw new QuernError('missing-file', `source "${source.name}": ${folder ? `${pattern} is a folder` : `no file matches ${pattern}`}`, {
        place,
        remedy: folder
          ? `Write ${pattern}/* for the files in it.`
          : 'Check the path; it is relative to the pipeline file, and * does not cross a "/" (write ** for that).',
      })
    }
    for (const file of matched) {
      if (byLocation.has(file.location)) continue
      const other = byPath.get(file.path)
      if (other !== undefined)
        throw new QuernError('bad-pipeline', `source "${source.name}": ${other} and ${file.location} are both "${file.path}" to it`, {
          place,
          remedy: 'Match both with one pattern that begins above them (for example ../crawls/**/*.warc.gz), or make them two sources.',
        })
      byLocation.add(file.location)
      byPath.set(file.path, file.location)
      files.push(file)
    }
  }
  return files
}

async function matches(base: string, pattern: string): Promise<MatchedFile[]> {
  if (isS3Url(pattern)) return matchesInS3(base, pattern)
  const rest = pattern.slice(join(base, '/').length)
  // No wildcard: asked for by name, so that a folder or a missing file is reported as what it is.
  const locations: string[] = []
  if (!magic.test(rest)) locations.push(pattern)
  else for await (const path of glob(rest, { cwd: base })) locations.push(join(base, path))
  const found = await Promise.all(
    locations.map(async (location) => {
      const is = await stat(location).catch(() => undefined)
      return is?.isFile() === true ? { path: relative(base, location).split(sep).join('/'), location, bytes: is.size, stamp: undefined } : undefined
    }),
  )
  return found.filter((file) => file !== undefined)
}

/** The SDK takes long to load: only a pipeline that names S3 pays for it. */
async function matchesInS3(base: string, pattern: string): Promise<MatchedFile[]> {
  const { matchObjects } = await import('../storage/s3-input.ts')
  const found = await matchObjects(pattern, base, magic.test(pattern.slice(base.length)))
  return found.map(({ location, bytes, etag, modified }) => ({
    path: location.slice(base.length + 1),
    location,
    bytes,
    stamp: `${etag}\0${modified}`,
  }))
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}
