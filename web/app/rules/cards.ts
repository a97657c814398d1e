/** The code of a name card in what was typed, pasted or scanned: a link to it; else null. */
export function cardCodeOf(text: string): string | null {
  return /^https?:\/\/[^/\s]+\/u\/([\w-]+)\/?$/.exec(text.trim())?.[1] ?? null
}

/** The code of a link into a group; else null. */
export function joinCodeOf(text: string): string | null {
  return /^https?:\/\/[^/\s]+\/join\/([0-9a-z]{24})\/?$/.exec(text.trim())?.[1] ?? null
}
