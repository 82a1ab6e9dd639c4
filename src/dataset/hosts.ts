import type { TextColumn } from '../core/batch.ts'
import { textBuilder } from '../core/text-builder.ts'
import type { ObjectFacts, Store } from '../storage/store.ts'
import type { ArrowSchema } from './arrow-schema.ts'
import { openArrowWriter } from './arrow-writer.ts'
import { layout } from './layout.ts'

/**
 * The host of every document, row for row beside its token shard: what a trainer needs to leave out a site, without the kept
 * text. Some bytes a document, which `quern pull` always brings. Shards from before these files have none.
 */
export const hostsSchema: ArrowSchema = { fields: { host: 'utf8' }, metadata: { 'quern.format': 'quern-hosts/1' } }

/** The host of an address, without user and port. The loader in `python/` has the same pattern. */
export const hostPattern = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/:?#]*)/i

/** Hosts of addresses, ASCII letters in lower case, without dots at the end; empty where there is none. */
export function hostsOf({ values, offsets }: TextColumn): TextColumn {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  const hosts = textBuilder()
  for (let row = 0; row + 1 < offsets.length; row += 1) {
    // A byte a character, and back: the pattern looks at ASCII only, and nothing has to be decoded.
    const host = hostPattern.exec(bytes.toString('latin1', offsets[row], offsets[row + 1]))?.[1] ?? ''
    const plain = host.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).replace(/\.+$/, '')
    hosts.appendBytes(Buffer.from(plain, 'latin1'))
  }
  return hosts.take()
}

export interface HostsWriter {
  write(rows: number, urls: TextColumn): Promise<void>
  close(): Promise<ObjectFacts>
  abort(): Promise<void>
}

export async function openHostsWriter(store: Store, language: string): Promise<HostsWriter> {
  const writer = await openArrowWriter(await store.create(), hostsSchema, { compress: true, batchRows: 1 << 16, batchBytes: 4 << 20 })
  return {
    write: (rows, urls) => writer.write(rows, { host: hostsOf(urls) }),
    async close() {
      const { path, bytes, sha256 } = await writer.close(layout.hosts(language))
      return { path, bytes, sha256 }
    },
    abort: () => writer.abort(),
  }
}
