export interface FactGroup {
  name: string
  facts: { key: string; value: unknown }[]
}

/** Plain facts first, then each nested part as a group of its own; lists become one fact per entry. */
export function factsOf(health: Record<string, unknown>): FactGroup[] {
  const entries = Object.entries(health)
  const plain = entries.filter(([, value]) => !isNested(value))
  const nested = entries.filter(([, value]) => isNested(value))
  const groups = nested.map(([name, value]) => ({ name, facts: flat(value as object) }))
  return plain.length ? [{ name: '', facts: facts(plain) }, ...groups] : groups
}

function flat(value: object, path = ''): FactGroup['facts'] {
  return Object.entries(value).flatMap(([key, inner]) =>
    isNested(inner) ? flat(inner as object, `${path}${key} `) : [{ key: path + key, value: inner }],
  )
}

function facts(entries: [string, unknown][]): FactGroup['facts'] {
  return entries.map(([key, value]) => ({ key, value }))
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
