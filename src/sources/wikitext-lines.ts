/** The named references that wiki pages write; others stay as they are. */
const named: Readonly<Record<string, string>> = {
  nbsp: ' ',
  thinsp: ' ',
  ensp: ' ',
  emsp: ' ',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  ndash: '–',
  mdash: '—',
  minus: '−',
  times: '×',
  middot: '·',
  hellip: '…',
  shy: '',
  zwnj: '\u200c',
  zwj: '\u200d',
  laquo: '«',
  raquo: '»',
  bdquo: '„',
  ldquo: '“',
  rdquo: '”',
  lsquo: '‘',
  rsquo: '’',
  euro: '€',
  deg: '°',
  sect: '§',
  dagger: '†',
  rarr: '→',
  larr: '←',
  copy: '©',
}

const heading = /^(={1,6})(.+?)\1\s*$/u
/** Behind a heading without text only another of its level or above can come. */
interface Line {
  readonly text: string
  readonly level: number
}

/** Lines of a page whose templates and links are gone: without list marks and rules, without headings under which nothing is left. */
export function tidyLines(text: string): string {
  const lines: Line[] = []
  for (const raw of text.split('\n')) {
    const title = heading.exec(raw.trim())
    const line = clean(title === null ? raw.replace(/^[*#:;]+\s*|^-{4,}/u, '') : (title[2] as string))
    const level = title === null ? 0 : (title[1] as string).length
    if (level > 0) while ((lines.at(-1)?.level ?? 0) >= level || (lines.at(-1)?.text === '' && lines.length > 0)) lines.pop()
    if (line !== '' || lines.at(-1)?.text !== '') lines.push({ text: line, level: line === '' ? 0 : level })
  }
  while (lines.length > 0 && (lines.at(-1)?.text === '' || (lines.at(-1)?.level ?? 0) > 0)) lines.pop()
  return withBlanks(lines)
}

function withBlanks(lines: readonly Line[]): string {
  let text = ''
  let last: Line | undefined
  for (const line of lines) {
    const apart = text !== '' && line.level > 0 && last?.text !== ''
    text += `${text === '' ? '' : '\n'}${apart ? '\n' : ''}${line.text}`
    last = line
  }
  return text.trim()
}

function clean(line: string): string {
  return (
    line
      .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/giu, (whole, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) return named[name] ?? whole
        const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
        return code > 31 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' '
      })
      .replaceAll(/[ \t\u00a0\u2009]+/gu, ' ')
      // What templates leave of "(born {{date}})" and "({{IPA}}, {{audio}})".
      .replaceAll(/ ?[(（][ ,;:–—-]*[)）]/gu, '')
      .replaceAll(/([(（])[ ,;]+/gu, '$1')
      .trim()
  )
}
