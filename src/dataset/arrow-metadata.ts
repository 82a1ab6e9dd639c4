import { type ArrowSchema, type ArrowType, shapes } from './arrow-schema.ts'

/**
 * Reads the flatbuffers of an Arrow file: its footer and the headers of its batches, after Message.fbs, Schema.fbs and
 * File.fbs of the format. Every read is bounded by the buffer and every vector by its length: one broken byte makes
 * apache-arrow's reader loop over two thousand million entries, and this one throw a RangeError.
 */
export interface BatchHeader {
  readonly rows: number
  readonly nodes: number
  /** Places in the body, in the order of the format: per column validity, offsets where it has some, values. */
  readonly buffers: readonly { readonly offset: number; readonly length: number }[]
  readonly compression: 'none' | 'zstd' | 'other'
}

export interface Footer {
  readonly schema: ArrowSchema
  readonly blocks: readonly { readonly offset: number; readonly metaLength: number; readonly bodyLength: number }[]
}

/** A field of a table by its slot in the schema; 0 when it is not there. */
function field(view: DataView, table: number, slot: number): number {
  const vtable = table - view.getInt32(table, true)
  const at = 4 + slot * 2
  if (at >= view.getUint16(vtable, true)) return 0
  const offset = view.getUint16(vtable + at, true)
  return offset === 0 ? 0 : table + offset
}

/** Follows a reference; a field that must be there and is not leads to an error. */
function follow(view: DataView, at: number): number {
  if (at === 0) throw new RangeError('a field is missing')
  return at + view.getUint32(at, true)
}

/** Start of each entry of a vector of structs or references. */
function vector(view: DataView, at: number, entryBytes: number): number[] {
  if (at === 0) return []
  const start = follow(view, at)
  const length = view.getUint32(start, true)
  if (start + 4 + length * entryBytes > view.byteLength) throw new RangeError('a vector is longer than its buffer')
  return Array.from({ length }, (_, i) => start + 4 + i * entryBytes)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function string(view: DataView, at: number): string {
  const start = follow(view, at)
  return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + start + 4, view.getUint32(start, true)))
}

function int64(view: DataView, at: number): number {
  const value = Number(view.getBigInt64(at, true))
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('a number is negative or too large')
  return value
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The flatbuffer at the end of a file. */
export function readFooter(bytes: Uint8Array): Footer {
  const view = viewOf(bytes)
  const footer = rootTable(view)
  return {
    schema: readSchema(view, follow(view, field(view, footer, 1))),
    blocks: vector(view, field(view, footer, 3), 24).map((at) => ({
      offset: int64(view, at),
      metaLength: view.getUint32(at + 8, true),
      bodyLength: int64(view, at + 16),
    })),
  }
}

/** The message before a batch's body, its length prefix included. */
export function readBatchHeader(message: Uint8Array): BatchHeader {
  const prefix = viewOf(message)
  if (prefix.getInt32(0, true) !== -1) throw new RangeError('a message does not begin like one')
  const view = viewOf(message.subarray(8, 8 + prefix.getUint32(4, true)))
  const root = rootTable(view)
  const headerType = field(view, root, 1)
  if (headerType === 0 || view.getUint8(headerType) !== 3) throw new RangeError('a message is not a record batch')
  const batch = follow(view, field(view, root, 2))
  const rows = field(view, batch, 0)
  return {
    rows: rows === 0 ? 0 : int64(view, rows),
    nodes: vector(view, field(view, batch, 1), 16).length,
    buffers: vector(view, field(view, batch, 2), 16).map((at) => ({ offset: int64(view, at), length: int64(view, at + 8) })),
    compression: readCompression(view, field(view, batch, 3)),
  }
}

function readCompression(view: DataView, at: number): BatchHeader['compression'] {
  if (at === 0) return 'none'
  const codec = field(view, follow(view, at), 0)
  return codec !== 0 && view.getInt8(codec) === 1 ? 'zstd' : 'other'
}

function readSchema(view: DataView, schema: number): ArrowSchema {
  const fields: Record<string, ArrowType> = {}
  for (const at of vector(view, field(view, schema, 1), 4)) {
    const column = follow(view, at)
    fields[string(view, field(view, column, 0))] = readType(view, column)
  }
  const metadata: Record<string, string> = {}
  for (const at of vector(view, field(view, schema, 2), 4)) {
    const pair = follow(view, at)
    metadata[string(view, field(view, pair, 0))] = string(view, field(view, pair, 1))
  }
  return { fields, metadata }
}

/** One of the types that a dataset is made of; any other is not ours to read. */
function readType(view: DataView, column: number, nested = false): ArrowType {
  const kind = field(view, column, 2)
  const type = follow(view, field(view, column, 3))
  const int32 = (slot: number) => {
    const at = field(view, type, slot)
    return at === 0 ? 0 : view.getInt32(at, true)
  }
  const signed = field(view, type, 1)
  switch (kind === 0 ? 0 : view.getUint8(kind)) {
    case 2:
      return known(`${signed !== 0 && view.getUint8(signed) !== 0 ? 'int' : 'uint'}${int32(0)}`)
    case 3: {
      const precision = field(view, type, 0)
      return known(['float16', 'float32', 'float64'][precision === 0 ? 0 : view.getInt16(precision, true)] ?? 'float')
    }
    case 4:
      return 'binary'
    case 5:
      return 'utf8'
    case 12: {
      if (nested) throw new RangeError('a list holds lists')
      const [child] = vector(view, field(view, column, 5), 4)
      const item = readType(view, follow(view, child ?? 0), true)
      return known(`list<${item}>`)
    }
    case 15:
      return known(`fixed<${int32(0)}>`)
    default:
      throw new RangeError('a column is of a type that a dataset never has')
  }
}

function known(name: string): ArrowType {
  if (!Object.hasOwn(shapes, name)) throw new RangeError(`a column is of the type ${name}, which a dataset never has`)
  return name as ArrowType
}

function rootTable(view: DataView): number {
  return view.getUint32(0, true)
}
