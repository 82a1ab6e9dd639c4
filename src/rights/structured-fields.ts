/** A bare item of RFC 9651; tokens and strings differ. */
export type BareItem =
  | { readonly type: 'token' | 'string' | 'display'; readonly value: string }
  | { readonly type: 'number' | 'date'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'bytes'; readonly value: string }

/** Members of a dictionary in order of first appearance; an inner list has no bare item. Parameters are read and left out. */
export type Dictionary = ReadonlyMap<string, BareItem | 'list'>

/** A dictionary by RFC 9651 (which RFC 8941 is a part of); undefined when it does not parse, for then no part of it counts. */
export function parseDictionary(text: string): Dictionary | undefined {
  const reader: Reader = { text: text.replaceAll(/^ +| +$/g, ''), at: 0 }
  const members = new Map<string, BareItem | 'list'>()
  try {
    while (reader.at < reader.text.length) {
      const key = readKey(reader)
      // Of a repeated key the last value counts, at the place of the first.
      members.set(key, take(reader, '=') ? readMember(reader) : { type: 'boolean', value: true })
      readParameters(reader)
      skip(reader, /[ \t]*/y)
      if (reader.at === reader.text.length) break
      if (!take(reader, ',')) return undefined
      skip(reader, /[ \t]*/y)
      if (reader.at === reader.text.length) return undefined
    }
    return members
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

interface Reader {
  readonly text: string
  at: number
}

function skip(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)?.[0]
  reader.at += found?.length ?? 0
  return found
}

function take(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false
  reader.at += 1
  return true
}

/** What the pattern finds here, or no structured field at all. */
function need(reader: Reader, pattern: RegExp): string {
  const found = skip(reader, pattern)
  if (found === undefined) throw new SyntaxError(`at ${reader.at}`)
  return found
}

const readKey = (reader: Reader): string => need(reader, /[a-z*][a-z0-9_.*-]*/y)

function readMember(reader: Reader): BareItem | 'list' {
  if (!take(reader, '(')) return readBare(reader)
  for (;;) {
    skip(reader, / */y)
    if (take(reader, ')')) return 'list'
    readBare(reader)
    readParameters(reader)
    if (!/[ )]/.test(reader.text[reader.at] ?? '')) throw new SyntaxError(`at ${reader.at}`)
  }
}

function readParameters(reader: Reader): void {
  while (take(reader, ';')) {
    skip(reader, / */y)
    readKey(reader)
    if (take(reader, '=')) readBare(reader)
  }
}

function readBare(reader: Reader): BareItem {
  const first = reader.text[reader.at] ?? ''
  if (/[A-Za-z*]/.test(first)) return { type: 'token', value: need(reader, /[A-Za-z*][\w!#$%&'*+.^`|~:/-]*/y) }
  if (/[-0-9]/.test(first)) return { type: 'number', value: readNumber(reader) }
  if (first === '"')
    return {
      type: 'string',
      value: need(reader, /"(?:[ !#-[\]-~]|\\["\\])*"/y)
        .slice(1, -1)
        .replaceAll(/\\(.)/g, '$1'),
    }
  if (first === '?') return { type: 'boolean', value: need(reader, /\?[01]/y) === '?1' }
  if (first === ':') return { type: 'bytes', value: need(reader, /:[A-Za-z0-9+/=]*:/y).slice(1, -1) }
  if (take(reader, '@')) return { type: 'date', value: Number(need(reader, /-?\d{1,15}(?![\d.])/y)) }
  if (first === '%') return { type: 'display', value: need(reader, /%"(?:[ !#$&-~]|%[0-9a-f]{2})*"/y).slice(2, -1) }
  throw new SyntaxError(`at ${reader.at}`)
}

/** At most 15 digits, or 12 before a point and 3 behind it. */
const readNumber = (reader: Reader): number => Number(need(reader, /-?(?:\d{1,12}\.\d{1,3}|\d{1,15})(?![\d.])/y))
