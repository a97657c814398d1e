export interface Term {
  label: string
  amount: number
}

export function sumOf(terms: readonly Term[]): number {
  return terms.reduce((sum, term) => sum + term.amount, 0)
}
