import { QuernError } from '../core/errors.ts'
import { decompress } from '../native/compression.ts'
import type { Store } from '../storage/store.ts'
import { type BatchHeader, readBatchHeader, readFooter } from './arrow-metadata.ts'
import { type ArrowColumn, type ArrowSchema, type ArrowShape, type ArrowValues, shapes } from './arrow-schema.ts'

/** Where a batch's message lies; the blocks of a snapshot fit. */
export interface BlockPlace {
  readonly offset: number
  readonly metaLength: number
  readonly bodyLength: number
}

export interface ArrowReader {
  readonly schema: ArrowSchema
  readonly blocks: readonly BlockPlace[]
  /** Rows of one batch, from its message alone. */
  rowsOf(block: number): Promise<number>
  /** The named columns of one batch, read by range: bytes of other columns are not touched. */
  read(block: number, columns?: readonly string[]): Promise<{ readonly rows: number; readonly columns: Record<string, ArrowColumn> }>
}

/** No buffer of ours is larger: batches are cut at megabytes, and one document is bounded. */
const maxBuffer = 2 ** 31 - 1

/** Opens an Arrow file that this package wrote, with two small reads. Anything wrong with it is `damaged-dataset`. */
export async function openArrow(store: Pick<Store, 'get' | 'stat'>, path: string): Promise<ArrowReader> {
  const bytes = (await store.stat(path))?.bytes
  if (bytes === undefined) throw damaged(path, 'it does not exist')
  if (bytes < 24) throw damaged(path, 'it is too short for an Arrow file')
  const tail = await store.get(path, { offset: bytes - 10, length: 10 })
  const length = new DataView(tail.buffer).getInt32(0, true)
  if (new TextDecoder().decode(tail.subarray(4)) !== 'ARROW1' || length < 8 || length > bytes - 24)
    throw damaged(path, 'it does not end like an Arrow file')
  const footer = await store.get(path, { offset: bytes - 10 - length, length })
  const { schema, blocks } = decoding(path, () => readFooter(footer))
  for (const { offset, metaLength, bodyLength } of blocks)
    if (offset < 8 || metaLength < 8 || offset + metaLength + bodyLength > bytes) throw damaged(path, 'a batch lies outside the file')

  function place(index: number): BlockPlace {
    const block = blocks[index]
    if (block === undefined) throw new RangeError(`${path} has no batch ${index}`)
    return block
  }

  async function header(block: BlockPlace): Promise<BatchHeader> {
    return decodeHeader(path, await store.get(path, { offset: block.offset, length: block.metaLength }))
  }

  /** All of a batch in one read, or its message first and then a read a buffer. */
  async function openBatch(block: BlockPlace, whole: boolean): Promise<{ batch: BatchHeader; bytes: ReadBytes }> {
    const { offset, metaLength, bodyLength } = block
    if (!whole) return { batch: await header(block), bytes: (at, length) => store.get(path, { offset: offset + metaLength + at, length }) }
    const all = await store.get(path, { offset, length: metaLength + bodyLength })
    return {
      batch: decodeHeader(path, all.subarray(0, metaLength)),
      bytes: async (at, length) => all.subarray(metaLength + at, metaLength + at + length),
    }
  }

  return {
    schema,
    blocks,
    rowsOf: async (index) => (await header(place(index))).rows,
    async read(index, names = Object.keys(schema.fields)) {
      const block = place(index)
      const { batch, bytes } = await openBatch(
        block,
        Object.keys(schema.fields).every((name) => names.includes(name)),
      )
      const columns: Record<string, ArrowColumn> = {}
      let buffer = 0
      let node = 0
      for (const [name, type] of Object.entries(schema.fields)) {
        const shape = shapes[type]
        const first = buffer
        const isList = type.startsWith('list')
        buffer += isList ? 4 : shape.variable ? 3 : 2
        node += isList ? 2 : 1
        if (!names.includes(name)) continue
        const load = async (at: number) => loadBuffer(path, batch, block.bodyLength, bytes, at)
        const values = typed(path, await load(buffer - 1), shape.array)
        if (!shape.variable) {
          if (values.length !== batch.rows * shape.perRow) throw damaged(path, `column ${name} of batch ${index} has the wrong length`)
          columns[name] = { values }
          continue
        }
        const offsets = typed(path, await load(first + 1), Int32Array) as Int32Array
        checkOffsets(path, name, offsets, batch.rows, values.length)
        columns[name] = { values, offsets }
      }
      if (node !== batch.nodes || buffer !== batch.buffers.length) throw damaged(path, `batch ${index} does not follow the schema`)
      return { rows: batch.rows, columns }
    },
  }
}

function decodeHeader(path: string, message: Uint8Array): BatchHeader {
  return decoding(path, () => readBatchHeader(message))
}

/** Bytes of a batch's body. */
type ReadBytes = (at: number, length: number) => Promise<Uint8Array>

/** One buffer of a batch, where any typed array fits on it. */
async function loadBuffer(path: string, batch: BatchHeader, bodyLength: number, bytes: ReadBytes, at: number): Promise<Uint8Array> {
  const region = batch.buffers[at]
  if (region === undefined || region.offset + region.length > bodyLength) throw damaged(path, 'a buffer lies outside its batch')
  if (region.length === 0) return new Uint8Array(0)
  const stored = await bytes(region.offset, region.length)
  if (batch.compression === 'none') return aligned(stored)
  if (batch.compression === 'other') throw damaged(path, 'it is compressed with another codec than zstd')
  if (stored.byteLength < 8) throw damaged(path, 'a compressed buffer is too short')
  const length = Number(new DataView(stored.buffer, stored.byteOffset).getBigInt64(0, true))
  if (length === -1) return aligned(stored.subarray(8))
  if (length < 0 || length > maxBuffer) throw damaged(path, 'a compressed buffer says that it holds more than 2 GiB')
  const content = decoding(path, () => decompress(stored.subarray(8), length))
  if (content.byteLength !== length) throw damaged(path, 'a compressed buffer holds less than it says')
  return aligned(content)
}

/** Our own files are aligned; a copy is for others, whose columns could not be typed in place. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
}

function typed(path: string, bytes: Uint8Array, array: ArrowShape['array']): ArrowValues {
  if (bytes.byteLength % array.BYTES_PER_ELEMENT !== 0) throw damaged(path, 'a buffer ends inside a value')
  return new array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / array.BYTES_PER_ELEMENT)
}

function checkOffsets(path: string, name: string, offsets: Int32Array, rows: number, values: number): void {
  if (offsets.length !== rows + 1 || offsets[0] !== 0 || offsets[rows] !== values) throw damaged(path, `the offsets of column ${name} do not fit`)
  for (let row = 0; row < rows; row++)
    if ((offsets[row + 1] as number) < (offsets[row] as number)) throw damaged(path, `the offsets of column ${name} go back`)
}

/** Whatever a decoder throws means damage. */
function decoding<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof QuernError && cause.code === 'native-missing') throw cause
    throw damaged(path, 'its structure does not decode', cause)
  }
}

function damaged(path: string, what: string, cause?: unknown): QuernError {
  return new QuernError('damaged-dataset', `reading ${path}: ${what}`, { remedy: 'Run quern verify on the dataset.', cause })
}
