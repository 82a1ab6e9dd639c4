import { localName, type XmlElement } from '../core/xml-element.ts'
import { oneLine } from './xml-documents.ts'

/** What an editor or a transcriber says about the text, TEI P5 chapters 3, 8 and 11: no text of it. */
const notes = new Set(['note', 'vocal', 'kinesic', 'incident', 'writing', 'shift', 'stage'])
/** Never text: gaps and their descriptions, what was struck out, running heads, pictures, standoff annotation. */
const silent = new Set(['gap', 'del', 'fw', 'figure', 'figDesc', 'pb', 'cb', 'milestone', 'anchor', 'linkGrp', 'spanGrp', 'index'])
/** Of two forms in a `choice` the edited one is the text. */
const replaced = new Set(['sic', 'orig', 'abbr'])
/** These are lines of their own in what they stand in. */
const blocks = new Set(['seg', 'p', 'ab', 'l', 'lg', 'item', 'row', 'head', 'speaker', 'sp', 'list', 'table', 'quote', 'u', 'label'])
/** Marks the end of a line until spaces are done with: a character that XML cannot hold. */
const lineBreak = '\u0001'

/**
 * The text of an utterance, a paragraph, a poem. White space is one space, blocks are lines. Words that stand as elements (`w`,
 * `pc` in `.ana` files) are divided by a space unless `join` says that they are not.
 */
export function teiText(element: XmlElement, withNotes: boolean): string {
  const pieces: string[] = []
  collect(element, withNotes, false, pieces)
  return pieces
    .join('')
    .split(lineBreak)
    .map(oneLine)
    .filter((line) => line !== '')
    .join('\n')
}

function collect(element: XmlElement, withNotes: boolean, annotated: boolean, pieces: string[]): void {
  const inSentence = annotated || localName(element.name) === 's'
  for (const child of element.children) {
    if (typeof child === 'string') {
      // Between the words of an annotated sentence white space says nothing.
      if (!inSentence || child.trim() !== '') pieces.push(child)
      continue
    }
    const name = localName(child.name)
    if (silent.has(name) || (!withNotes && notes.has(name))) continue
    if (replaced.has(name) && localName(element.name) === 'choice' && element.children.length > 1) continue
    if (name === 'lb') {
      if (child.attributes['break'] !== 'no') pieces.push(' ')
      continue
    }
    const block = blocks.has(name)
    if (block) pieces.push(lineBreak)
    collect(child, withNotes, inSentence, pieces)
    if (block) pieces.push(lineBreak)
    else if (name === 'cell' || name === 's') pieces.push(' ')
    else if ((name === 'w' || name === 'pc') && !/^(right|both)$/u.test(child.attributes['join'] ?? '')) pieces.push(' ')
  }
}
