import { QuernError } from '../core/errors.ts'

export function isKey(key: string): boolean {
  return /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(key) && key.length <= 900
}

/** Refuses what could leave the store's folder or be read differently elsewhere. Returns the key. */
export function checkKey(key: string): string {
  if (!isKey(key))
    throw new QuernError('store-failed', `"${key}" is no key of a store`, { remedy: 'Keys are letters, digits, ".", "_" and "-" between slashes.' })
  return key
}
