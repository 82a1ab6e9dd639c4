import type { Store } from '../storage/store.ts'
import { partKey } from './keys.ts'
import { storedPlans, type StoredPlan } from './plan.ts'

/**
 * Removes what only this plan needed. Objects of `staging/` and `parts/` belong to plans: a plan is stored before its
 * first staged object and forgotten after its last, so what was listed before and no other plan claims is waste. With
 * other plans about, only this plan's own parts go; theirs may share keys only if they share inputs, and those are published.
 */
export async function collect(store: Store, plan: StoredPlan): Promise<void> {
  const keys: string[] = []
  for (const prefix of ['parts/', 'staging/']) for await (const { key } of store.list(prefix)) keys.push(key)
  const others = (await storedPlans(store)).filter(({ id }) => id !== plan.id)
  const own = others.length === 0 ? undefined : new Set(plan.parts.map((part) => partKey(plan, part, undefined)))
  for (const key of keys) {
    const name = /^(?:parts|staging)\/([0-9a-f]{64})/.exec(key)?.[1]
    if (own === undefined || (name !== undefined && own.has(name))) await store.delete(key)
  }
}
