import { tellsMistakes } from './mistake.ts'

tellsMistakes([
  { what: 'a setting without a value', set: ['output.dataset'], code: 'bad-usage', at: null, says: /no "="/, remedy: /path=value/ },
  {
    what: 'a setting of an unknown entry',
    set: ['stages.near-duplicate.similarity=0.7'],
    code: 'bad-usage',
    at: null,
    says: /no entry "near-duplicate"/,
    remedy: /"near-duplicates"/,
  },
  {
    what: 'a setting of a wrong type',
    set: ['stages.near-duplicates.similarity=high'],
    at: null,
    says: /--set stages\.near-duplicates\.similarity=high: .*got "high"/,
    remedy: /Least similarity/,
  },
  { what: 'a setting of an unknown key', set: ['output.retain=none'], at: null, says: /unknown key "retain"/, remedy: /./ },
])
