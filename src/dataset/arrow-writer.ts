import { CompressionType, MetadataVersion } from 'apache-arrow'
import { FileBlock, Footer } from 'apache-arrow/ipc/metadata/file'
import { BodyCompression, BufferRegion, FieldNode, Message, RecordBatch } from 'apache-arrow/ipc/metadata/message'
import { compress } from '../native/compression.ts'
import type { ObjectFacts, ObjectWriter } from '../storage/store.ts'
import { type ArrowColumn, type ArrowColumns, type ArrowSchema, type ArrowValues, toArrow } from './arrow-schema.ts'
import { batchCutter, type CutBatch } from './batch-cutter.ts'

/** Where a record batch lies in its file, and what it holds: `[offset, metaLength, bodyLength, rows, elements]`. */
export interface ArrowBlock {
  readonly offset: number
  readonly metaLength: number
  readonly bodyLength: number
  readonly rows: number
  /** Values of all list columns together: the tokens of a shard. */
  readonly elements: number
}

export interface ArrowFileOptions {
  /** zstd, a buffer at a time, for text; never for token shards, which are mapped. */
  readonly compress: boolean
  /** Limits of a batch's buffers before compression. */
  readonly batchRows: number
  readonly batchBytes: number
}

export interface ArrowFile extends ObjectFacts {
  readonly rows: number
  readonly blocks: readonly ArrowBlock[]
}

export interface ArrowWriter {
  readonly rows: number
  /** Any number of rows; the file's batches are cut anew. Buffers are held until they are written: do not reuse them. */
  write(rows: number, columns: ArrowColumns): Promise<void>
  close(key: string | ((sha256: string) => string)): Promise<ArrowFile>
  abort(): Promise<void>
}

/**
 * Buffers start at multiples of 64 bytes, as the format recommends: a mapped shard needs no copy, not even for SIMD or a
 * GPU. apache-arrow's own file writer aligns to 8, writes the compressed length of a zstd buffer where the format wants
 * the uncompressed one (21.2.0), and leaves out the schema message, so the body is laid out here and only the
 * flatbuffers (messages, footer) are its.
 */
const alignment = 64
const magic = new TextEncoder().encode('ARROW1')
const zeros = new Uint8Array(alignment)

/** Writes an Arrow IPC file into an object, a batch in memory at a time. */
export async function openArrowWriter(object: ObjectWriter, schema: ArrowSchema, options: ArrowFileOptions): Promise<ArrowWriter> {
  const cutter = batchCutter(schema, { rows: options.batchRows, bytes: options.batchBytes })
  const arrowSchema = toArrow(schema)
  const blocks: ArrowBlock[] = []
  let written = 0
  let rows = 0

  async function write(bytes: Uint8Array): Promise<void> {
    written += bytes.byteLength
    await object.write(bytes)
  }

  async function pad(): Promise<void> {
    await write(zeros.subarray(0, -written & (alignment - 1)))
  }

  /** Continuation mark, length, flatbuffer, padding. Returns the length of it all. */
  async function writeMessage(message: Message): Promise<number> {
    const flatbuffer = Message.encode(message)
    const length = aligned(written + 8 + flatbuffer.byteLength) - written
    await write(new Uint8Array(Int32Array.of(-1, length - 8).buffer))
    await write(flatbuffer)
    await pad()
    return length
  }

  async function writeBatch(batch: CutBatch): Promise<void> {
    const buffers: Uint8Array[] = []
    const nodes: FieldNode[] = []
    let elements = 0
    for (const [name, type] of Object.entries(schema.fields)) {
      const { values, offsets } = batch.columns[name] as ArrowColumn
      nodes.push(new FieldNode(batch.rows, 0))
      buffers.push(zeros.subarray(0, 0)) // no validity bitmap: nothing is null
      if (offsets !== undefined) buffers.push(bytesOf(offsets))
      if (type.startsWith('list')) {
        nodes.push(new FieldNode(values.length, 0))
        buffers.push(zeros.subarray(0, 0))
        elements += values.length
      }
      buffers.push(bytesOf(values))
    }
    const stored = options.compress ? buffers.map(compressBuffer) : buffers
    let bodyLength = 0
    const regions = stored.map((buffer) => {
      const region = new BufferRegion(bodyLength, buffer.byteLength)
      bodyLength += aligned(buffer.byteLength)
      return region
    })
    const compression = options.compress ? new BodyCompression(CompressionType.ZSTD) : null
    const offset = written
    const metaLength = await writeMessage(Message.from(new RecordBatch(batch.rows, nodes, regions, compression), bodyLength))
    for (const buffer of stored) {
      if (buffer.byteLength === 0) continue
      await write(buffer)
      await pad()
    }
    blocks.push({ offset, metaLength, bodyLength, rows: batch.rows, elements })
  }

  await write(magic)
  await write(zeros.subarray(0, 2)) // the stream inside the file begins at byte 8
  await writeMessage(Message.from(arrowSchema))

  return {
    get rows() {
      return rows
    },
    async write(count, columns) {
      rows += count
      for (const batch of cutter.push(count, columns)) await writeBatch(batch)
    },
    async close(key) {
      for (const batch of cutter.rest()) await writeBatch(batch)
      await write(new Uint8Array(Int32Array.of(-1, 0).buffer)) // end of the stream inside the file
      const footer = Footer.encode(
        new Footer(
          arrowSchema,
          MetadataVersion.V5,
          blocks.map((block) => new FileBlock(block.metaLength, block.bodyLength, block.offset)),
          [],
        ),
      )
      await write(footer)
      await write(new Uint8Array(Int32Array.of(footer.byteLength).buffer))
      await write(magic)
      return { ...(await object.close(key)), rows, blocks }
    },
    abort: () => object.abort(),
  }
}

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment
}

function bytesOf(values: ArrowValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** The length before compression, then one zstd frame, or -1 and the bytes as they are where zstd gains nothing. */
function compressBuffer(buffer: Uint8Array): Uint8Array {
  if (buffer.byteLength === 0) return buffer
  const frame = compress(buffer)
  const smaller = frame.byteLength < buffer.byteLength
  const content = smaller ? frame : buffer
  const stored = new Uint8Array(8 + content.byteLength)
  new DataView(stored.buffer).setBigInt64(0, smaller ? BigInt(buffer.byteLength) : -1n, true)
  stored.set(content, 8)
  return stored
}
