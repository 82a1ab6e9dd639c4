import type { ByteInput, Window } from '../core/component.ts'
import type { InputFile } from '../core/document.ts'

/** A file in windows of `step` bytes. An empty file is one empty window: it is a part all the same. */
export function cutWindows(bytes: number, step: number): readonly Window[] {
  const windows: Window[] = []
  for (let start = 0; start < bytes; start += step) windows.push({ start, end: Math.min(start + step, bytes) })
  return windows.length === 0 ? [{ start: 0, end: 0 }] : windows
}

/** `windows` of a source whose files can be entered at their beginning alone. */
// oxlint-disable-next-line require-await -- sources answer with promises; nothing of the file is needed for this.
export async function oneWindow(_file: InputFile, input: ByteInput): Promise<readonly Window[]> {
  return [{ start: 0, end: input.bytes }]
}
