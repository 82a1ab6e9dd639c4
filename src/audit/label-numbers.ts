import type { LabelColumn } from '../core/batch.ts'

/** One numbering of labels for all row groups, each of which has its own. Number 0 is "no label". */
export interface LabelNumbers {
  /** By number; the first is ''. */
  readonly names: readonly string[]
  numberOf(name: string): number
  /** The numbers of a column's rows. */
  put(column: LabelColumn, into: Uint16Array): void
}

export function labelNumbers(): LabelNumbers {
  const names = ['']
  const known = new Map([['', 0]])
  const numberOf = (name: string): number => {
    let number = known.get(name)
    if (number === undefined) {
      number = names.push(name) - 1
      known.set(name, number)
    }
    return number
  }
  return {
    names,
    numberOf,
    put({ labels, indices }, into) {
      const numbers = labels.map(numberOf)
      for (let row = 0; row < into.length; row++) into[row] = indices[row] === -1 ? 0 : numbers[indices[row]!]!
    },
  }
}
