import { linkText, type WikiNames } from './wikitext-links.ts'
import { tidyLines } from './wikitext-lines.ts'

/** Links deeper than this are text: what is in them would be copied once for each level. */
const deepest = 40
/** Templates and tables deeper than this are text; nothing of them is copied. */
const deepestTemplate = 1000

/** Elements whose content is no running text: references, formulas, music, pictures, code. */
const dropped = new Set(
  'ref references math chem ce gallery timeline score syntaxhighlight source templatestyles imagemap graph mapframe maplink hiero includeonly indicator poll inputbox categorytree charinsert templatedata section style script'.split(
    ' ',
  ),
)
/** Elements whose content is taken as it is written. */
const verbatim = new Set(['nowiki', 'pre'])
/** Elements that begin a line. */
const breaking = new Set('br p div blockquote li ul ol dl dt dd tr td th table hr center h1 h2 h3 h4 h5 h6 poem'.split(' '))

const template = 0
const table = 1
const link = 2
const address = 3

interface Frame {
  readonly kind: number
  /** Pieces of output before it. */
  readonly at: number
  /** Pieces of output before the first bar at its own level; -1: none. */
  bar: number
  /** A parameter, between three braces. */
  readonly wide: boolean
}

/** Everything that is not plain text, wherever it stands. */
const marks = /\{\{|\}\}|\{\||\|\}|\[\[|\]\]|\[|\]|\||<|\n|'{2,}|__(?=[\p{Lu}\p{Lo}])/gu

/**
 * The running text of a page in MediaWiki's markup: no templates, tables, references, formulas, pictures or categories; links by
 * what they show; headings and list items as lines of their own. Linear in the page; what is never closed is text.
 */
export function wikiText(source: string, names: WikiNames): string {
  const find = finder(source)
  const open = [0, 0, 0, 0]
  const frames: Frame[] = []
  const out: string[] = []
  const push = (kind: number, wide = false): boolean => {
    if (frames.length >= (kind === link || kind === address ? deepest : deepestTemplate)) return false
    frames.push({ kind, at: out.length, bar: -1, wide })
    open[kind] = (open[kind] as number) + 1
    return true
  }
  const pop = (): Frame => {
    const frame = frames.pop() as Frame
    open[frame.kind] = (open[frame.kind] as number) - 1
    return frame
  }
  /** Closes the nearest construct of a kind with all that is open in it; its text is gone. */
  const discard = (kind: number): boolean => {
    let frame = pop()
    while (frame.kind !== kind) frame = pop()
    out.length = frame.at
    return frame.wide
  }
  const lineStart = (at: number): boolean => /^[\s:*#]*$/u.test(source.slice(Math.max(source.lastIndexOf('\n', at - 1) + 1, at - 40), at))

  let at = 0
  marks.lastIndex = 0
  for (let found = marks.exec(source); found !== null; found = marks.exec(source)) {
    if (found.index > at) out.push(source.slice(at, found.index))
    const mark = found[0]
    let end = found.index + mark.length
    const top = frames.at(-1)
    if (mark === '{{') {
      const wide = source[end] === '{' && source[end + 1] !== '{'
      if (push(template, wide) && wide) end += 1
    } else if (mark === '}}') {
      if (open[template] === 0) out.push(mark)
      else if (discard(template) && source[end] === '}') end += 1
    } else if (mark === '{|') {
      if (!lineStart(found.index) || !push(table)) out.push(mark)
    } else if (mark === '|}') {
      // `|}}` ends a template with an empty parameter.
      if (source[end] === '}' && open[template] !== 0) end -= 1
      else if (open[table] !== 0) discard(table)
      else out.push(mark)
    } else if (mark === '[[') {
      if (!push(link)) out.push(mark)
    } else if (mark === ']]') {
      if (top?.kind === address) {
        out.push(closeAddress(out, pop()))
        end -= 1
      } else if (top?.kind === link) {
        const frame = pop()
        const shown = linkText(
          out.slice(frame.at, frame.bar < 0 ? undefined : frame.bar).join(''),
          frame.bar < 0 ? undefined : out.slice(frame.bar).join(''),
          names,
        )
        out.length = frame.at
        out.push(shown)
      } else if (frames.length === 0) out.push(mark)
    } else if (mark === '[') {
      if (!/^(?:https?:|ftp:|mailto:|\/\/)/iu.test(source.slice(end, end + 8)) || !push(address)) out.push(mark)
    } else if (mark === ']') {
      out.push(top?.kind === address ? closeAddress(out, pop()) : mark)
    } else if (mark === '|') {
      if (top?.kind === link) {
        if (top.bar < 0) top.bar = out.length
        else out.push(mark)
      } else if (top === undefined || top.kind === address) out.push(mark)
    } else if (mark === '<') end = element(source, end, find, out)
    else if (mark === '\n') {
      // An address ends with its line.
      if (top?.kind === address) pop()
      out.push(mark)
    } else if (mark === '__') {
      // Words such as __NOTOC__ in any language; anything else is text.
      const word = /^[\p{Lu}\p{Lo}_]{2,40}?__/u.exec(source.slice(end, end + 44))?.[0]
      if (word === undefined) out.push(mark)
      else end += word.length
    }
    at = end
    marks.lastIndex = end
  }
  out.push(source.slice(at))
  return tidyLines(out.join(''))
}

function closeAddress(out: string[], frame: Frame): string {
  const inside = out.slice(frame.at).join('')
  out.length = frame.at
  return /^\S+\s+(.*)$/su.exec(inside)?.[1] ?? ''
}

type Find = (needle: string, from: number) => number

/** `indexOf` in the lower-cased page that looks at no part of it twice for the same needle. */
function finder(source: string): Find {
  let lower: string | undefined
  const known = new Map<string, number>()
  return (needle, from) => {
    const last = known.get(needle)
    if (last !== undefined && (last < 0 || last >= from)) return last
    lower ??= lowerCased(source)
    const found = lower.indexOf(needle, from)
    known.set(needle, found)
    return found
  }
}

/** Of the same length: a page with a letter that grows (İ) is searched as it is written. */
function lowerCased(source: string): string {
  const lower = source.toLowerCase()
  return lower.length === source.length ? lower : source
}

/** Behind `<`: a comment, an element with its content, a tag, or nothing of the kind. Gives where to go on. */
function element(source: string, at: number, find: Find, out: string[]): number {
  if (source.startsWith('!--', at)) {
    const end = find('-->', at)
    return end < 0 ? source.length : end + 3
  }
  const tag = /^(\/?)([a-z][a-z0-9]{0,20})\b([^<>]{0,2000})>/iu.exec(source.slice(at, at + 2030))
  if (tag === null) {
    out.push('<')
    return at
  }
  const name = (tag[2] as string).toLowerCase()
  const end = at + tag[0].length
  const closes = tag[1] === '/'
  const empty = (tag[3] as string).endsWith('/')
  if (!closes && !empty && (dropped.has(name) || verbatim.has(name))) {
    const close = find(`</${name}`, end)
    if (close < 0) return end
    if (verbatim.has(name)) out.push(source.slice(end, close))
    const after = source.indexOf('>', close)
    return after < 0 ? source.length : after + 1
  }
  if (breaking.has(name)) out.push('\n')
  return end
}
