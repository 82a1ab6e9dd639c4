import { tellsMistakes } from './mistake.ts'

tellsMistakes([
  { what: 'an empty file', file: '', at: '1:1', says: /empty/, remedy: /name, sources, stages, output/ },
  { what: 'a file of comments', file: '# nothing\n', at: '1:1', says: /empty/, remedy: /name/ },
  { what: 'a list', file: '- a\n- b\n', at: '1:1', says: /not a block/, remedy: /name/ },
  { what: 'no YAML', file: 'name: [1, 2\nsources: 3\n', at: '2:1', says: /not YAML/, remedy: /./ },
  { what: 'no text', file: Uint8Array.of(0x1f, 0x8b, 8, 0, 0xff, 0xfe), at: '1:1', says: /not UTF-8/, remedy: /UTF-8/ },
  { what: 'a tab', change: [['    name: news', '\tname: news']], at: '4:1', says: /Tabs/, remedy: /replace the tab/ },
  { what: 'a key twice', change: [['name: nightly', 'name: nightly\nname: daily']], at: '2:1', says: /unique/, remedy: /twice/ },
  { what: 'an unknown alias', change: [['[de, fr]', '*codes']], at: '9:11', says: /alias/, remedy: /alias/ },
  {
    what: 'a bomb of aliases',
    file: `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)
      .join('\n')}\n`,
    at: '1:1',
    says: /alias/i,
    remedy: /fewer aliases/,
  },
  { what: 'two documents', change: [['stages:', '---\nstages:']], at: '7:1', says: /multiple documents/, remedy: /one document/ },
  { what: 'a tag', change: [['nightly', '!secret nightly']], at: '1:7', says: /tag/i, remedy: /tag/ },
])
