import { readFileSync } from 'node:fs'

/** The version of Quern: of its package. What a shard says it was written by. */
export const quernVersion = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version
