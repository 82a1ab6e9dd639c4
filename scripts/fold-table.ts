// Writes native/src/kernels/minhash/fold_table.rs: how MinHash sees each code point. Run by hand when Unicode is to be raised;
// that changes signatures, so BAND_VERSION and SKETCH_VERSION rise with it.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const last = 0x1ffff // planes 0 and 1; fold.rs settles the rest by rule
type Kind = 'word' | 'separator' | 'ignored' | 'digit'

function kindOf(character: string): Kind {
  if (/\p{Nd}/u.test(character)) return 'digit'
  if (/[\p{Mn}\p{Me}]/u.test(character)) return 'ignored'
  if (/\p{Cf}/u.test(character) && character !== '\u200b') return 'ignored'
  if (/[\p{P}\p{S}\p{Z}\p{C}]/u.test(character) && !/[\p{Cn}\p{Co}]/u.test(character)) return 'separator'
  return 'word'
}

/** Case folded and without its marks, where that leaves one code point; itself otherwise. */
function foldOf(character: string): string {
  const one = (text: string) => [...text].length === 1
  const bare = (text: string) => text.normalize('NFD').replaceAll(/\p{Mn}/gu, '')
  const folded = [character.toUpperCase().toLowerCase(), character.toLowerCase(), character].find((text) => one(bare(text)))
  return folded === undefined ? character : bare(folded)
}

const ranges: Record<'separator' | 'ignored' | 'digit', [number, number][]> = { separator: [], ignored: [], digit: [] }
const folds: { first: number; last: number; step: number; delta: number }[] = []
for (let code = 0; code <= last; code += 1) {
  if (code >= 0xd800 && code <= 0xdfff) continue
  const character = String.fromCodePoint(code)
  const kind = kindOf(character)
  if (kind !== 'word') {
    const list = ranges[kind]
    const open = list.at(-1)
    if (open?.[1] === code - 1) open[1] = code
    else list.push([code, code])
    continue
  }
  const delta = (foldOf(character).codePointAt(0) ?? code) - code
  if (delta === 0) continue
  const open = folds.at(-1)
  const step = open === undefined ? 0 : code - open.last
  if (open?.delta === delta && step <= 2 && (open.first === open.last || open.step === step)) Object.assign(open, { last: code, step })
  else folds.push({ first: code, last: code, step: 1, delta })
}

const hex = (code: number) => `0x${code.toString(16).toUpperCase()}`
function rows(items: readonly string[]): string {
  let text = ''
  let line = '   '
  for (const item of items) {
    if (line.length + item.length + 2 > 140) {
      text += `${line}\n`
      line = '   '
    }
    line += ` ${item},`
  }
  return `${text}${line}\n`
}
const pairs = (list: readonly [number, number][]) => rows(list.map(([from, to]) => `(${hex(from)}, ${hex(to)})`))
writeFileSync(
  fileURLToPath(new URL('../native/src/kernels/minhash/fold_table.rs', import.meta.url)),
  `//! Made by scripts/fold-table.ts from Unicode ${process.versions['unicode']}, planes 0 and 1; not edited by hand.

#![cfg_attr(rustfmt, rustfmt::skip)]

/// First and last code point of each range that ends a word: punctuation, symbols, spaces, controls.
pub const SEPARATORS: &[(u32, u32)] = &[
${pairs(ranges.separator)}];

/// Ranges that are passed over inside a word: combining marks and format characters.
pub const IGNORED: &[(u32, u32)] = &[
${pairs(ranges.ignored)}];

/// Ranges of decimal digits.
pub const DIGITS: &[(u32, u32)] = &[
${pairs(ranges.digit)}];

/// (first, last, step, delta): every \`step\`-th code point from \`first\` to \`last\` reads as itself plus \`delta\`.
pub const FOLDS: &[(u32, u32, u32, i32)] = &[
${rows(folds.map((fold) => `(${hex(fold.first)}, ${hex(fold.last)}, ${fold.step}, ${fold.delta})`))}];
`,
)
