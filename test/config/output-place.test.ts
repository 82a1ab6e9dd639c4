import { tellsMistakes } from './mistake.ts'

tellsMistakes([
  {
    what: 'an output in the way',
    others: { out: 'a file' },
    code: 'output-not-writable',
    at: '17:12',
    says: /is a file, not a folder/,
    remedy: /--out/,
  },
  {
    what: 'an output below a file',
    change: [['dataset: out', 'dataset: short.txt/deeper/out']],
    code: 'output-not-writable',
    at: '17:12',
    says: /short\.txt is a file/,
    remedy: /--out/,
  },
  {
    what: 'an output on another kind of storage',
    change: [['dataset: out', 'dataset: ftp://host/out']],
    code: 'output-not-writable',
    at: '17:12',
    says: /ftp/,
    remedy: /folder/,
  },
  {
    what: 'an output on S3 with a password in it',
    change: [['dataset: out', 'dataset: s3://me:password@bucket/out']],
    code: 'output-not-writable',
    at: '17:12',
    says: /no user, password/,
    remedy: /AWS_PROFILE/,
  },
  {
    what: 'an output on the command line in the way',
    out: '/dev/null/x',
    code: 'output-not-writable',
    at: null,
    says: /--out \/dev\/null\/x/,
    remedy: /another folder/,
  },
  {
    what: 'a negative size',
    change: [['dataset: out', 'dataset: out\n  shard-bytes: -5']],
    at: '18:16',
    says: /at least .*, got -5/,
    remedy: /shard is cut/,
  },
  {
    what: 'a size of an unknown unit',
    change: [['dataset: out', 'dataset: out\n  shard-bytes: 5 parsecs']],
    at: '18:16',
    says: /such as 64MiB, got "5 parsecs"/,
    remedy: /shard is cut/,
  },
])
