import {
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Schema,
  Uint16,
  Uint32,
  Uint8,
  Utf8,
  Binary,
  type DataType,
} from 'apache-arrow'

/** The few Arrow types that a dataset is made of; all columns are without nulls (an empty string or NaN says "none"). */
export type ArrowType = NumberType | 'utf8' | 'binary' | 'list<uint16>' | 'list<uint32>' | 'fixed<16>'
type NumberType = 'uint8' | 'uint16' | 'uint32' | 'int32' | 'int64' | 'float32' | 'float64'

export interface ArrowSchema {
  /** Columns in order. */
  readonly fields: Readonly<Record<string, ArrowType>>
  readonly metadata: Readonly<Record<string, string>>
}

export type ArrowValues = Uint8Array | Uint16Array | Uint32Array | Int32Array | BigInt64Array | Float32Array | Float64Array

/**
 * A column's raw buffers: `values` alone for numbers and fixed bytes (16 a row), and with `offsets` (rows + 1 entries)
 * for utf8, binary and lists. Text and number columns of a Batch fit as they are.
 */
export interface ArrowColumn {
  readonly values: ArrowValues
  readonly offsets?: Int32Array
}

export type ArrowColumns = Readonly<Record<string, ArrowColumn>>

/** How a type's values lie in memory: their array, how many of them make a row, whether offsets say where rows begin. */
export interface ArrowShape {
  readonly array: { new (buffer: ArrayBuffer, byteOffset: number, length: number): ArrowValues; readonly BYTES_PER_ELEMENT: number }
  readonly perRow: number
  readonly variable: boolean
}

export const shapes: Readonly<Record<ArrowType, ArrowShape>> = {
  uint8: { array: Uint8Array, perRow: 1, variable: false },
  uint16: { array: Uint16Array, perRow: 1, variable: false },
  uint32: { array: Uint32Array, perRow: 1, variable: false },
  int32: { array: Int32Array, perRow: 1, variable: false },
  int64: { array: BigInt64Array, perRow: 1, variable: false },
  float32: { array: Float32Array, perRow: 1, variable: false },
  float64: { array: Float64Array, perRow: 1, variable: false },
  'fixed<16>': { array: Uint8Array, perRow: 16, variable: false },
  utf8: { array: Uint8Array, perRow: 0, variable: true },
  binary: { array: Uint8Array, perRow: 0, variable: true },
  'list<uint16>': { array: Uint16Array, perRow: 0, variable: true },
  'list<uint32>': { array: Uint32Array, perRow: 0, variable: true },
}

const types: Readonly<Record<ArrowType, () => DataType>> = {
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  int32: () => new Int32(),
  int64: () => new Int64(),
  float32: () => new Float32(),
  float64: () => new Float64(),
  'fixed<16>': () => new FixedSizeBinary(16),
  utf8: () => new Utf8(),
  binary: () => new Binary(),
  'list<uint16>': () => new List(new Field('item', new Uint16(), false)),
  'list<uint32>': () => new List(new Field('item', new Uint32(), false)),
}

export function toArrow(schema: ArrowSchema): Schema {
  const fields = Object.entries(schema.fields).map(([name, type]) => new Field(name, types[type](), false))
  return new Schema(fields, new Map(Object.entries(schema.metadata)))
}
