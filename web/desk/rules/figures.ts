/** Figures as they stand in a field: no sign, no grouping, so that they can be typed over. */
export function plainAmount(minor: number, digits: number): string {
  if (digits === 0) return String(minor)
  const figures = String(minor).padStart(digits + 1, '0')
  const whole = figures.slice(0, -digits)
  const fraction = figures.slice(-digits)
  return Number(fraction) === 0 ? whole : `${whole}.${fraction}`
}

const MOST_PIECES = 1_000_000_000

/** A count of pieces; null for anything else, also for less than none. */
export function wholeNumber(typed: string): number | null {
  const text = typed.trim().replaceAll(/[,，\s]/g, '')
  if (!/^\d+$/.test(text)) return null
  const count = Number(text)
  return count <= MOST_PIECES ? count : null
}
