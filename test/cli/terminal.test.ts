import { expect, test } from 'vitest'
import { createTerminal } from '../../src/cli/terminal.ts'

function streams(isTTY: boolean) {
  const written = { out: '', err: '' }
  return {
    written,
    out: { write: (text: string) => (written.out += text) },
    err: { write: (text: string) => (written.err += text), isTTY, columns: 20 },
  }
}

test('with --json only the object reaches standard output, once', () => {
  const to = streams(false)
  const terminal = createTerminal(true, to)
  terminal.print('a line')
  terminal.note('a note')
  terminal.json({ ok: true })
  expect(to.written).toEqual({ out: '{"ok":true}\n', err: 'a note\n' })
  expect(() => terminal.json({})).toThrow(/second/)
})

test('without it only lines do', () => {
  const to = streams(false)
  const terminal = createTerminal(false, to)
  terminal.print('a line')
  terminal.progress('10 %')
  terminal.json({ ok: true })
  expect(to.written).toEqual({ out: 'a line\n', err: '' })
})

test('progress is redrawn on its line, cut to the width, and gone before the next line', () => {
  const to = streams(true)
  const terminal = createTerminal(false, to)
  terminal.progress('x'.repeat(50))
  terminal.progress('half')
  terminal.print('done')
  expect(to.written.err).toBe(`\r\u001B[2K${'x'.repeat(19)}\r\u001B[2Khalf\r\u001B[2K`)
  expect(to.written.out).toBe('done\n')
})
