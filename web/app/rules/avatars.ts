const TONES = 4

/** The first letter that a person would write of the name, whatever its script; "·" for none. */
export function initialOf(name: string): string {
  const first = [...new Intl.Segmenter().segment(name.trim())][0]
  return first ? first.segment.toLocaleUpperCase() : '·'
}

/** One of the four avatar tones, always the same one for the same id. */
export function toneOf(id: string): string {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return `tone-${sum % TONES}`
}
