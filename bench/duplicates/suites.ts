import { random, spelled, vocabulary, type Random } from './random.ts'

/** Documents as words of `[a-z]+` or digits, in the order in which they come. */
export interface Suite {
  readonly name: string
  readonly documents: readonly (readonly string[])[]
}

/** The shapes of text on which peers lost whole sources, `pages` documents each (books a fiftieth of it). */
export function suites(pages: number, bases: readonly (readonly string[])[]): readonly Suite[] {
  return [
    ...[6, 7, 8, 10].map((slots) => ({ name: `template, ${slots} facts`, documents: template(random(slots), pages, slots) })),
    { name: 'books with a shared preface', documents: books(random(21), Math.ceil(pages / 50)) },
    { name: 'code and tables of few words', documents: code(random(22), pages / 4) },
    { name: 'threads that grow by a post', documents: threads(random(23), pages / 4) },
    { name: 'laws in versions', documents: laws(random(24), pages / 8) },
    { name: 'calendar pages', documents: calendars(random(25), pages / 4) },
    { name: 'short notices', documents: notices(random(26), pages / 4) },
    { name: 'edited real texts', documents: edits(random(27), bases) },
  ]
}

/** Rates of words that `edits` changes, in the order in which they are used. */
export const editRates = [0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.1, 0.2, 0.4] as const

/** Replaces words at a rate by others; at least one. */
export function edited(draw: Random, words: readonly string[], rate: number): string[] {
  const copy = [...words]
  for (let edit = Math.max(1, Math.round(words.length * rate)); edit > 0; edit -= 1) copy[draw(copy.length)] = spelled(1e6 + draw(1e6))
  return copy
}

/** Now and then an earlier document with few changes, so that there is something to be found. */
function* withCopies(draw: Random, count: number, make: () => string[]): Generator<string[]> {
  const made: string[][] = []
  for (let i = 0; i < count; i += 1) {
    const earlier = made.length > 0 && draw(20) === 0 ? made[draw(made.length)] : undefined
    const next = earlier === undefined ? make() : edited(draw, earlier, (1 + draw(12)) / 1000)
    made.push(next)
    yield next
  }
}

function template(draw: Random, pages: number, slots: number): string[][] {
  const words = vocabulary(draw, 3000)
  const fixed = words(330)
  const at = new Set(Array.from({ length: slots }, (_, i) => Math.floor(((i + 0.5) * fixed.length) / slots)))
  return [
    ...withCopies(draw, pages, () =>
      fixed.flatMap((word, i) => (at.has(i) ? Array.from({ length: 1 + draw(3) }, () => spelled(draw(50_000))) : [word])),
    ),
  ]
}

function books(draw: Random, count: number): string[][] {
  const words = vocabulary(draw, 20_000)
  const prefaces = Array.from({ length: 4 }, (_, i) => words(1500 * (i + 1)))
  return [...withCopies(draw, count, () => [...(prefaces[draw(4)] ?? []), ...words(1000 + draw(12_000))])]
}

function code(draw: Random, count: number): string[][] {
  const statements = Array.from({ length: 24 }, () => vocabulary(draw, 12)(2 + draw(6)))
  return [...withCopies(draw, count, () => Array.from({ length: 20 + draw(120) }, () => statements[draw(statements.length)] ?? []).flat())]
}

function threads(draw: Random, count: number): string[][] {
  const words = vocabulary(draw, 8000)
  const frame = words(60)
  const pages: string[][] = []
  while (pages.length < count) {
    let thread = [...frame]
    for (let post = 1 + draw(40); post > 0; post -= 1) pages.push((thread = [...thread, ...words(5 + draw(80))]))
  }
  return pages.slice(0, count)
}

function laws(draw: Random, count: number): string[][] {
  const words = vocabulary(draw, 4000)
  const versions: string[][] = []
  while (versions.length < count) {
    let paragraphs = Array.from({ length: 10 + draw(60) }, (_, i) => ['article', String(i), ...words(15 + draw(100))])
    for (let version = 1 + draw(12); version > 0; version -= 1) {
      versions.push(paragraphs.flat())
      paragraphs = paragraphs.map((paragraph) => (draw(12) === 0 ? ['article', '0', ...words(15 + draw(100))] : paragraph))
      const moved = paragraphs.splice(draw(paragraphs.length), 1)
      paragraphs.splice(draw(paragraphs.length + 1), 0, ...moved)
    }
  }
  return versions.slice(0, count)
}

function calendars(draw: Random, count: number): string[][] {
  const events = Array.from({ length: 400 }, () => vocabulary(draw, 2000)(2 + draw(6)))
  const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
  return Array.from({ length: count }, () => {
    const first = draw(7)
    const busy = draw(20)
    const days = Array.from({ length: 28 + draw(4) }, (_, day) => [
      weekdays[(first + day) % 7] ?? '',
      String(day + 1),
      ...(draw(20) < busy ? (events[draw(events.length)] ?? []) : ['no', 'events']),
    ])
    return ['calendar', 'of', 'the', 'month', ...days.flat()]
  })
}

/** 5 to 60 words: one word more or less is much. */
function notices(draw: Random, count: number): string[][] {
  const words = vocabulary(draw, 300)
  return [...withCopies(draw, count, () => words(5 + draw(56)))]
}

/** Each base text, then copies: words changed at every rate, paragraphs moved, a page's frame added. */
function edits(draw: Random, bases: readonly (readonly string[])[]): string[][] {
  const frame = vocabulary(draw, 2000)(80)
  return bases.flatMap((base) => {
    const at = draw(base.length)
    const copies = editRates.map((rate) => edited(draw, base, rate))
    return [[...base], ...copies, [...base.slice(at), ...base.slice(0, at)], [...frame.slice(0, 10 + draw(70)), ...base]]
  })
}
