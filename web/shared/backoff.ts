export const FIRST_DELAY_MS = 500
export const LONGEST_DELAY_MS = 30_000

/**
 * How long to wait before try number `attempt` (0 is the first).
 * Half of the step is certain and half is chance, so that a thousand clients don't come back at once.
 */
export function delayMs(attempt: number, random: () => number = Math.random): number {
  const step = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16))
  return step / 2 + (step / 2) * random()
}
