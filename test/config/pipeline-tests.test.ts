import { tellsMistakes } from './mistake.ts'

tellsMistakes([
  {
    what: 'a test with a page where nothing reads pages',
    change: [['given: short.txt', 'given: page.html']],
    others: { 'page.html': '' },
    code: 'bad-pipeline',
    at: '20:12',
    says: /no stage of this pipeline takes text out of pages/,
    remedy: /extract-html/,
  },
  {
    what: 'a test without a file',
    change: [['given: short.txt', 'given: missing.txt']],
    code: 'missing-file',
    at: '20:12',
    says: /there is no file/,
    remedy: /relative/,
  },
  {
    what: 'a test of an unknown rule',
    change: [['word-count/too-few-words', 'word-count/too-few-word']],
    at: '21:17',
    says: /no stage of this pipeline has the rule/,
    remedy: /"word-count\/too-few-words"/,
  },
  {
    what: 'a test of a comparison',
    change: [['word-count/too-few-words', 'near-duplicates/duplicate']],
    at: '21:17',
    says: /a test gives one alone/,
    remedy: /alone/,
  },
  {
    what: 'a missing folder of languages',
    change: [['name: nightly', 'name: nightly\nlanguages: words']],
    code: 'missing-file',
    at: '2:12',
    says: /no folder/,
    remedy: /relative/,
  },
  {
    what: 'a language file of a wrong name',
    others: { 'languages/de.yaml': 'language: fr\nfilters: {}\n' },
    at: '1:11',
    says: /de\.yaml says it is for "fr"/,
    remedy: /fr\.yaml/,
  },
  {
    what: 'a language file for an unknown filter',
    others: { 'languages/de.yaml': 'language: de\nfilters:\n  word-counts: {}\n' },
    at: '3:3',
    says: /no stage "word-counts"/,
    remedy: /"word-count"/,
  },
])
