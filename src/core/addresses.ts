import { BlockList, isIP } from 'node:net'

/**
 * Addresses that no public server has (IANA special-purpose registries, RFC 6890 and later): a crawler that asked them
 * would copy what is inside a network into files. Cloud metadata services lie in the link-local ranges.
 */
const special = listOf(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
)

/** Only global unicast is public; these parts of it are not. */
const globalUnicast = listOf('2000::/3')
const specialSix = listOf('2001::/23', '2001:db8::/32', '2620:4f:8000::/48', '3fff::/20')

/** Prefixes that carry an IPv4 address in their last four bytes, or (6to4) behind their first two: judged as that address. */
const mapped = listOf('::ffff:0:0/96', '::/96', '64:ff9b::/96', '64:ff9b:1::/48')
const sixToFour = listOf('2002::/16')

function listOf(...ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) addRange(list, range)
  return list
}

/** Adds `127.0.0.0/8`, `fd00::/8` or a single address; false when it is none. */
export function addRange(list: BlockList, range: string): boolean {
  const [address = '', bits, more] = range.split('/')
  const family = isIP(address)
  if (family === 0 || more !== undefined || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return false
  const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits)
  if (prefix > (family === 4 ? 32 : 128)) return false
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return true
}

/** Whether a list holds an address; one that wraps an IPv4 address counts as that. */
export function holds(list: BlockList, address: string): boolean {
  const inner = wrapped(address)
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') || (inner !== undefined && list.check(inner, 'ipv4'))
}

/** Whether an address (4 or 6, as text) is private, local, reserved or otherwise not of a public server. */
export function isSpecialAddress(address: string): boolean {
  if (isIP(address) === 4) return special.check(address, 'ipv4')
  if (isIP(address) !== 6) return true
  const inner = wrapped(address)
  if (inner !== undefined) return special.check(inner, 'ipv4')
  return !globalUnicast.check(address, 'ipv6') || specialSix.check(address, 'ipv6')
}

/** The IPv4 address inside an IPv6 one, if it has one. */
function wrapped(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined
  const old = sixToFour.check(address, 'ipv6')
  if (!old && !mapped.check(address, 'ipv6')) return undefined
  const groups = expand(address)
  const [high, low] = old ? [groups[1]!, groups[2]!] : [groups[6]!, groups[7]!]
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

/** The eight groups of an IPv6 address; a URL writes it in its shortest form without dots. */
function expand(address: string): readonly number[] {
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array<string>(zeros).fill('0'), ...right].map((group) => Number.parseInt(group, 16))
}
