import { readFile, stat } from 'node:fs/promises'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { type Place, QuernError, QuernErrors } from '../core/errors.ts'
import { formatSize } from '../core/sizes.ts'

export type ConfigPath = readonly (string | number)[]

/** A YAML file as plain values, with the place of each. */
export interface YamlFile {
  readonly file: string
  readonly value: unknown
  /** Where the value at `path` stands, or the nearest one around it. */
  readonly place: (path: ConfigPath) => Place
  /** Where the key that ends `path` stands: for keys that should not be there. */
  readonly keyPlace: (path: ConfigPath) => Place
}

/** Far above any file that people write; a data file given by mistake is refused before it is parsed. */
const largest = 4 * 2 ** 20

/** Values an alias may unfold into altogether: enough for shared lists, far too few for a bomb. */
const maxAliasCount = 100

/** What the parser's codes mean to somebody who wrote the file. */
const remedies: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'The same key stands twice in one block; remove one of them.',
  TAB_AS_INDENT: 'YAML is indented with spaces; replace the tab.',
  MULTIPLE_DOCS: 'Keep one document a file: remove what follows the line of three dashes.',
  BLOCK_AS_IMPLICIT_KEY: 'A value that holds ": " needs quotes around it.',
  MISSING_CHAR: 'Close the quote or bracket that is opened on this line or above.',
  TAG_RESOLVE_FAILED: 'Remove the tag (the word that starts with "!"), or quote the value.',
}

/** Reads and parses one YAML file; every mistake of form is thrown at once, as QuernErrors. */
export async function readYaml(file: string): Promise<YamlFile> {
  return parseYaml(file, await readText(file))
}

async function readText(file: string): Promise<string> {
  let bytes: Uint8Array
  try {
    const { size } = await stat(file)
    if (size > largest)
      throw new QuernError('bad-config', `reading ${file}: it has ${formatSize(size)}, more than the ${formatSize(largest)} of any configuration`, {
        remedy: 'Give the YAML file of the pipeline, not its input.',
      })
    bytes = await readFile(file)
  } catch (cause) {
    if (cause instanceof QuernError) throw cause
    const code = (cause as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : `it cannot be read (${code})`
    throw new QuernError('missing-file', `reading ${file}: ${why}`, { remedy: 'Check the path; it is relative to the current folder.', cause })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new QuernError('bad-config', `reading ${file}: it is not UTF-8 text`, {
      place: { file, line: 1, column: 1 },
      remedy: 'Save it as UTF-8, or give the YAML file instead of the data it names.',
      cause,
    })
  }
}

export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter()
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const mistakes = worthTelling([...document.errors, ...document.warnings]).map(
    ({ code, message, pos }) =>
      new QuernError('bad-config', `not YAML: ${message.replace(/;.*/s, '')}`, {
        place: at(pos[0]),
        remedy: remedies[code] ?? 'Mend the line, or quote the value.',
      }),
  )
  if (mistakes.length > 0) throw new QuernErrors(mistakes)
  const wrong = (offset: number, message: string, remedy: string): never => {
    throw new QuernErrors([new QuernError('bad-config', message, { place: at(offset), remedy })])
  }
  const root = document.contents
  if (root === null || (isScalar(root) && root.value === null)) wrong(0, 'the file is empty', 'Write at least: name, sources, stages, output.')
  if (!isMap(root)) return wrong(0, 'the file is not a block of "key: value" lines', 'Start with a line such as "name: nightly".')
  refuseOddNodes(document, wrong)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount })
  } catch (cause) {
    wrong(0, `aliases: ${(cause as Error).message.replace(/;.*/s, '')}`, 'Write the values out, or use fewer aliases (*name) of anchors (&name).')
  }
  const end = (path: ConfigPath) => descend(root, path)
  return {
    file,
    value,
    place: (path) => at(end(path).value?.range?.[0] ?? 0),
    keyPlace: (path) => {
      const { key, value: found } = end(path)
      return at((key ?? found)?.range?.[0] ?? 0)
    },
  }
}

/**
 * Of the parser's findings those that stand for themselves: after a wrong tab, or another break of form, the lines that follow
 * are read wrongly too. Warnings are unknown tags and the like: the value would silently be another one than written.
 */
function worthTelling<T extends { readonly code: string }>(findings: readonly T[]): readonly T[] {
  const tabs = findings.filter(({ code }) => code === 'TAB_AS_INDENT')
  if (tabs.length > 0) return tabs
  const broken = findings.find(({ code }) => code !== 'DUPLICATE_KEY' && code !== 'TAG_RESOLVE_FAILED')
  return broken === undefined ? findings : [broken]
}

/** Keys that are no plain words cannot be option names, `__proto__` would vanish on its way into an object, an alias needs its anchor. */
function refuseOddNodes(document: Document.Parsed, wrong: (offset: number, message: string, remedy: string) => never): void {
  visit(document, {
    Pair(_, { key }) {
      const offset = (key as Node | null)?.range?.[0] ?? 0
      if (!isScalar(key) || key.value === null) wrong(offset, 'a key is not a plain word', 'Write "key: value" with a word as the key.')
      else if (key.value === '__proto__') wrong(offset, 'unknown key "__proto__"', 'Remove it.')
      else if (key.value === '<<') wrong(offset, 'merge keys (<<) are not part of YAML 1.2', 'Write the options out.')
    },
    Alias(_, alias) {
      if (alias.resolve(document) === undefined)
        wrong(
          alias.range?.[0] ?? 0,
          `the alias *${alias.source} has no anchor above it`,
          `Quote the value, or mark what the alias means with &${alias.source}.`,
        )
    },
  })
}

/** Follows `path` from `root` as far as the file goes; `key` only when the last step was found. */
function descend(root: Node, path: ConfigPath): { key: Node | undefined; value: Node | undefined } {
  let value: Node = root
  let key: Node | undefined
  for (const step of path) {
    key = undefined
    if (isMap(value)) {
      const pair = value.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      if (pair === undefined) return { key: undefined, value }
      key = pair.key as Node
      value = (pair.value as Node | null) ?? key
    } else if (isSeq(value)) {
      const item = value.items[Number(step)] as Node | undefined
      if (item === undefined) return { key: undefined, value }
      value = item
    } else return { key: undefined, value }
  }
  return { key, value }
}
