import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A certificate authority in a folder, made by openssl; `issue` signs a certificate for some names. */
export interface Authority {
  /** The file of its own certificate. */
  readonly file: string
  issue(name: string, subjects: string, options?: { readonly expired?: boolean; readonly selfSigned?: boolean }): Certificate
}

export function makeAuthority(folder: string, name: string): Authority {
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const
  openssl('req', '-x509', ...curve, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '2', '-subj', `/CN=${name}`)
  writeFileSync(
    join(folder, `${name}.cnf`),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${name}.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`,
  )
  writeFileSync(join(folder, `${name}.txt`), '')
  return {
    file: join(folder, `${name}.pem`),
    issue(leaf, subjects, { expired = false, selfSigned = false } = {}) {
      const names = ['-subj', `/CN=${leaf}`]
      if (selfSigned)
        openssl(
          'req',
          '-x509',
          ...curve,
          '-keyout',
          `${leaf}.key`,
          '-out',
          `${leaf}.pem`,
          '-days',
          '2',
          ...names,
          '-addext',
          `subjectAltName=${subjects}`,
        )
      else {
        writeFileSync(join(folder, `${leaf}.ext`), `subjectAltName=${subjects}\n`)
        openssl('req', '-new', ...curve, '-keyout', `${leaf}.key`, '-out', `${leaf}.csr`, ...names)
        const signing = ['-cert', `${name}.pem`, '-keyfile', `${name}.key`, '-in', `${leaf}.csr`, '-out', `${leaf}.pem`, '-extfile', `${leaf}.ext`]
        const dates = expired ? ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'] : ['-days', '1']
        openssl('ca', '-batch', '-notext', '-config', `${name}.cnf`, ...signing, ...dates)
      }
      return { key: readFileSync(join(folder, `${leaf}.key`), 'utf8'), cert: readFileSync(join(folder, `${leaf}.pem`), 'utf8') }
    },
  }
}
