import { type Cell, compare, datatroveVerdicts, type Document, ourVerdicts } from '../test/peers/agreement.ts'
import { declarationPages, officialLanguages } from '../test/peers/declaration.ts'
import { mutated } from '../test/peers/mutations.ts'
import { readDocuments } from './input/documents.ts'
import { peerPython } from './peers/python.ts'
import type { Bench } from './run.ts'

const pages = 200

const bench: Bench = {
  name: 'agreement',
  summary: 'Verdicts of every rule of Gopher, C4, FineWeb and FineWeb2 beside datatrove, each rule asked alone, by language.',
  async measure({ input, say }) {
    const python = peerPython('datatrove')
    const given = input === undefined ? [] : readDocuments(input)
    const cells: Cell[] = []
    const documents = new Map<string, readonly Document[]>()
    for (const [seed, language] of officialLanguages.entries()) {
      // Maltese is Stanza's in datatrove, whose model is a download of its own.
      if (language === 'mt') continue
      const base = [
        ...given.filter((document) => document.language === language).map(({ text }) => text.slice(0, 2500)),
        ...declarationPages(language),
      ]
      const own = mutated(base.slice(0, pages / 2), pages, seed).map((text) => ({ language, text }))
      documents.set(language, own)
      const texts = own.map(({ text }) => text)
      const found = compare(own, await ourVerdicts(language, texts), datatroveVerdicts(python, own))
      cells.push(...found)
      say(`${language}: ${own.length} pages, ${summary(found)}`)
    }
    const many = cells.filter((cell) => fired(cell) >= 30)
    return {
      input: { languages: documents.size, pages: pages * documents.size },
      ours: {
        cells: cells.length,
        cellsOf30: many.length,
        agreeing: many.filter((cell) => disagreement(cell) <= 0.01).length,
        worst: many
          .filter((cell) => disagreement(cell) > 0.01)
          .toSorted((a, b) => disagreement(b) - disagreement(a))
          .map(line),
        small: cells.filter((cell) => fired(cell) < 30 && disagreement(cell) > 0).map(line),
        examples: cells.flatMap(({ language, rule, ours, theirs }) =>
          [...ours, ...theirs].slice(0, 2).map((i) => ({ language, rule, page: i, text: documents.get(language)![i]!.text })),
        ),
      },
      peers: { datatrove: { version: '0.10.0' } },
      ratio: {},
    }
  },
}

export default bench

const fired = ({ both, ours, theirs }: Cell) => both + ours.length + theirs.length
const disagreement = (cell: Cell) => (cell.ours.length + cell.theirs.length) / fired(cell)
const line = (cell: Cell) => `${cell.language} ${cell.rule}: both ${cell.both}, only ours ${cell.ours.length}, only theirs ${cell.theirs.length}`

function summary(cells: readonly Cell[]): string {
  const all = cells.reduce((sum, cell) => sum + fired(cell), 0)
  const apart = cells.reduce((sum, { ours, theirs }) => sum + ours.length + theirs.length, 0)
  return `${apart} of ${all} firings differ`
}
