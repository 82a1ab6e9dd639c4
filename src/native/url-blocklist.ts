import type { TextColumn } from '../core/batch.ts'
import { QuernError } from '../core/errors.ts'
import { binding } from './binding.ts'
import { checkOffsets, kernel } from './kernel.ts'

export const listContents = ['domains', 'urls', 'words', 'soft-words', 'sub-words'] as const

export type ListContents = (typeof listContents)[number]

/** A list: the path of a file, plain or gzip, or entries. */
export interface BlockedList {
  readonly from: string | readonly string[]
  readonly holds: ListContents
}

/** In the order of the kernel. */
const names = ['url_domain_listed', 'url_subdomain_listed', 'url_listed', 'url_banned_words', 'url_soft_words', 'url_banned_sub_words'] as const

/** A value a row, words counted and the others 1 or 0; NaN for an empty address. */
export type UrlFindings = Readonly<Record<(typeof names)[number], Float64Array>>

/** Reads lists; workers that give the same key share them, so it must tell the files' contents apart. */
export function openBlocklist(key: string, like: 'quern' | 'datatrove', lists: readonly BlockedList[]): (urls: TextColumn) => UrlFindings {
  const native = read(key, like, lists)
  return (urls) => {
    const rows = urls.offsets.length - 1
    checkOffsets('url', urls.values, urls.offsets, rows)
    const all = kernel('comparing addresses with lists', () => native.judge(urls.values, urls.offsets))
    return Object.fromEntries(names.map((name, i) => [name, all.subarray(i * rows, (i + 1) * rows)])) as UrlFindings
  }
}

function read(key: string, like: 'quern' | 'datatrove', lists: readonly BlockedList[]) {
  const sources = lists.map(({ from, holds }) => ({
    path: typeof from === 'string' ? from : '',
    entries: typeof from === 'string' ? [] : [...from],
    holds: listContents.indexOf(holds),
  }))
  try {
    return new binding.UrlBlocklist(key, like === 'datatrove', sources)
  } catch (cause) {
    throw new QuernError('unsupported-input', `reading a list of addresses: ${cause instanceof Error ? cause.message : String(cause)}`, {
      remedy: 'A list is a text file with an entry a line, plain or packed by gzip.',
      cause,
    })
  }
}
