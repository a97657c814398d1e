export interface Term {
  label: string
  amount: number
}

/** Equations that count accounts or transfers instead of adding money. */
const COUNTED: ReadonlySet<string> = new Set(['floors', 'balances', 'transfers_balanced'])

export function isCounted(code: string): boolean {
  return COUNTED.has(code)
}

export function sumOf(terms: readonly Term[]): number {
  return terms.reduce((sum, term) => sum + term.amount, 0)
}
