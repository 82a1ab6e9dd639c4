import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quern, root } from '../quern.ts'

test.each([
  { args: [], says: /no command is given \[bad-usage\]\n {2}Run: quern --help/ },
  { args: ['chekc'], says: /unknown command 'chekc' \[bad-usage\]\n {2}Did you mean check\?/ },
  { args: ['check'], says: /missing required argument 'pipeline' \[bad-usage\]\n {2}Run: quern check --help/ },
  { args: ['check', 'a.yaml', 'b.yaml'], says: /too many arguments/i },
  { args: ['check', 'a.yaml', '--jsno'], says: /unknown option '--jsno' \[bad-usage\]\n {2}Did you mean --json\?/ },
  { args: ['check', 'a.yaml', '--out'], says: /option '--out <url>' argument missing/ },
  { args: ['check', 'no-such.yaml'], says: /reading no-such\.yaml: there is no such file \[missing-file\]\n {2}Check the path/ },
  { args: ['check', 'src'], says: /reading src: it is a folder \[missing-file\]/ },
  { args: ['explain', 'extract-htm'], says: /no component "extract-htm" \[bad-usage\]\n {2}Did you mean "extract-html"\?/ },
])('bad usage is one sentence, a remedy and exit 2: $args', ({ args, says }) => {
  const { status, out, err } = quern(args)
  expect(err).toMatch(says)
  expect(err, 'no stack trace').not.toMatch(/\n\s+at /)
  expect(out).toBe('')
  expect(status).toBe(2)
})

test('an error with --json is one object on standard output too', () => {
  const { status, out } = quern(['check', 'no-such.yaml', '--json'])
  expect(status).toBe(2)
  const { error } = JSON.parse(out) as { error: object }
  expect(error).toEqual({
    code: 'missing-file',
    message: 'reading no-such.yaml: there is no such file',
    place: null,
    remedy: expect.stringMatching(/^Check the path/),
  })
  expect(JSON.parse(quern(['no-such-command', '--json']).out)).toMatchObject({ error: { code: 'bad-usage' } })
})

test('QUERN_DEBUG=1 shows where an error comes from', () => {
  expect(quern(['check', 'no-such.yaml'], { env: { QUERN_DEBUG: '1' } }).err).toMatch(/\n\s+at .*yaml-file\.ts[\s\S]*caused by Error: ENOENT/)
})

test('explain lists every component and shows each', () => {
  const { components } = JSON.parse(quern(['explain', '--json']).out) as { components: { name: string }[] }
  expect(components.map(({ name }) => name)).toContain('extract-html')
  expect(quern(['explain', 'extract-html']).out).toMatch(/^extract-html {2}extract, prepare\n/)
  expect(JSON.parse(quern(['explain', 'extract-html', '--json']).out)).toMatchObject({
    name: 'extract-html',
    reads: expect.arrayContaining(['payload']),
  })
})

test('a reader that stops early is no error', async () => {
  const child = spawn(process.execPath, [join(root, 'bin', 'quern.mjs'), 'explain'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [status] = (await once(child, 'exit')) as [number]
  expect(status).toBe(0)
})
