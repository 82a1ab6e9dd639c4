import type { TextColumn } from '../core/batch.ts'
import type { Stitch } from '../core/component.ts'
import { binding } from './binding.ts'
import type { XmlRows } from './binding.d.cts'
import { checkOffsets, kernel, turn } from './kernel.ts'

export type Packing = 'plain' | 'gzip' | 'zstd' | 'bzip2'

/** How a file is packed, by its first bytes (16 are enough). */
export function xmlPacking(first: Uint8Array): Packing {
  return kernel('looking at the beginning of an XML file', () => binding.xmlKind(first) as Packing)
}

/**
 * What can be wrong with a record, by `fault`: tags that do not match or are none, bytes that are not UTF-8, a size over
 * the limit, the file's end inside of it, damaged compression, an encoding that cannot be read.
 */
export const xmlFaults = ['malformed', 'bad-utf8', 'too-large', 'truncated', 'damaged', 'bad-encoding'] as const

export interface XmlSplit {
  /** Local names of the elements that are records; the outermost of them counts. */
  readonly names: readonly string[]
  /**
   * An element of the record's own name inside of it is part of it from this depth on, a child being 1. Further out it
   * says that the record was never closed, and is the next record. 0: it always says so.
   */
  readonly nestsFrom: number
  /** Longest record, in bytes of the unpacked file; a longer one is a fault and its text is not held. */
  readonly maxRecordBytes: number
  /** A batch ends once it has so many rows or bytes. */
  readonly batchRows: number
  readonly batchBytes: number
}

/** Records in file order, and damaged places. */
export interface XmlBatch {
  readonly rows: number
  /** Index into `names`; -1 for damage in no record. */
  readonly name: Int32Array
  /** First byte, in the unpacked file; or, where a file is cut into members, the member's place in the file and on. */
  readonly offset: Float64Array
  readonly length: Float64Array
  /** The element as UTF-8 from its `<` to its `>`; empty where there is a fault. */
  readonly record: TextColumn
  /** Index into `xmlFaults`; -1: none. */
  readonly fault: Int32Array
  /** Size and limit of a record that is too large, else NaN. */
  readonly measured: Float64Array
  readonly limit: Float64Array
  /** Row of `contexts` for each record. */
  readonly context: Int32Array
  /** The start tags of the elements around a record as written, outermost first, without anything between. */
  readonly contexts: TextColumn
  /** Where each of a context's start tags begins: `places[placeOffsets[i]]` to `places[placeOffsets[i + 1]]`. */
  readonly places: Float64Array
  readonly placeOffsets: Int32Array
  /** The document type declaration as written, or empty. */
  readonly doctype: string
}

function batchOf(rows: XmlRows, doctype: string): XmlBatch {
  const { name, offset, length, fault, measured, limit, context, places, placeOffsets } = rows
  const count = name.length
  const contexts = rows.contextOffsets.length - 1
  checkOffsets('record', rows.record, rows.recordOffsets, count)
  checkOffsets('contexts', rows.contexts, rows.contextOffsets, contexts)
  return {
    rows: count,
    name,
    offset,
    length,
    record: { type: 'text', values: rows.record, offsets: rows.recordOffsets },
    fault,
    measured,
    limit,
    context,
    contexts: { type: 'text', values: rows.contexts, offsets: rows.contextOffsets },
    places,
    placeOffsets,
    doctype,
  }
}

export interface XmlWindow {
  readonly packing: Packing
  /** The file is cut at members that begin with `<page>`: a multistream dump of MediaWiki. */
  readonly members: boolean
  readonly fileBytes: number
  readonly start: number
  readonly end: number
  /** `start` may lie inside a member of the window before. */
  readonly search: boolean
}

/** Records of one window; `read(offset)` gives some bytes of the file from there, none only at its end. */
export async function* readXmlRecords(
  split: XmlSplit,
  window: XmlWindow,
  read: (offset: number) => Promise<Uint8Array>,
): AsyncGenerator<XmlBatch, Stitch> {
  const { packing: kind, ...place } = window
  const reader = kernel('opening an XML window', () => new binding.XmlReader({ ...split, names: [...split.names], kind, ...place }))
  for (;;) {
    const progress = kernel('reading XML records', () => reader.advance())
    if (progress === 0) {
      const bytes = await read(reader.wants())
      kernel('reading XML records', () => reader.push(bytes))
      continue
    }
    const batch = batchOf(
      kernel('reading XML records', () => reader.take()),
      reader.doctype(),
    )
    if (batch.rows > 0) yield batch
    await turn()
    if (progress === 2) return reader.stitch()
  }
}

/** Records of a stream whose length is not known before: a response, for example. */
export async function* splitXml(split: XmlSplit, packing: Packing, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<XmlBatch, void> {
  const place = { kind: packing, members: false, fileBytes: -1, start: 0, end: 0, search: false }
  const reader = kernel('opening an XML stream', () => new binding.XmlReader({ ...split, names: [...split.names], ...place }))
  function* ready(): Generator<XmlBatch, void> {
    while (kernel('reading XML records', () => reader.advance()) !== 0) {
      const batch = batchOf(
        kernel('reading XML records', () => reader.take()),
        reader.doctype(),
      )
      if (batch.rows === 0) return
      yield batch
    }
  }
  for await (const piece of pieces) {
    kernel('reading XML records', () => reader.push(piece))
    yield* ready()
    await turn()
  }
  kernel('reading XML records', () => reader.finish())
  yield* ready()
}

/** Whether a member of a compressed file begins with `<page>`, as far as its first bytes show. */
export function hasPageMembers(packing: Packing, first: Uint8Array, fileBytes: number): boolean {
  return kernel('looking at the members of an XML file', () => {
    const place = { kind: packing, members: true, fileBytes, start: 0, end: fileBytes, search: false }
    const limits = { names: ['page'], nestsFrom: 0, maxRecordBytes: 0, batchRows: 1, batchBytes: 1 << 20 }
    const reader = new binding.XmlReader({ ...place, ...limits })
    reader.push(first)
    while (reader.members() === 0 && reader.advance() === 1) reader.take()
    return reader.members() > 0
  })
}
