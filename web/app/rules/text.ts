/** A stretch of a message's text. Addresses of this place lead inside the app. */
export type TextPart =
  | { kind: 'text'; text: string }
  | { kind: 'url'; text: string; href: string }
  | { kind: 'inside'; text: string; path: string }

const URLS = /https?:\/\/[^\s<>"'，。；！？、）】》]+/gi
const TRAILING = /[.,;:!?)\]]+$/

export function textParts(text: string, origin: string): TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const match of text.matchAll(URLS)) {
    const address = match[0].replace(TRAILING, '')
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    parts.push(linkPart(address, origin))
    end = match.index + address.length
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) })
  return parts
}

function linkPart(address: string, origin: string): TextPart {
  const inside = address.toLowerCase().startsWith(`${origin.toLowerCase()}/`)
  if (inside) return { kind: 'inside', text: address, path: address.slice(origin.length) }
  return { kind: 'url', text: address, href: address }
}

const LINKS = { u: 'person', p: 'product', join: 'group' } as const

export interface LoneLink {
  kind: (typeof LINKS)[keyof typeof LINKS]
  code: string
}

/** What is shown as a card: the whole text is one of our own links. */
export function loneLink(text: string, origin: string): LoneLink | null {
  const trimmed = text.trim()
  if (!trimmed.startsWith(`${origin}/`)) return null
  const match = /^\/(u|p|join)\/([\w-]+)$/.exec(trimmed.slice(origin.length))
  if (!match?.[2]) return null
  return { kind: LINKS[match[1] as keyof typeof LINKS], code: match[2] }
}

const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u

/** One to three emoji and nothing else are shown large. */
export function isFewEmoji(text: string): boolean {
  if (text.length > 40 || !EMOJI.test(text) || /^[\d\s#*]+$/.test(text)) return false
  const count = [...new Intl.Segmenter().segment(text.replaceAll(/\s/g, ''))].length
  return count >= 1 && count <= 3
}

/** The first line or so of a text, for quotes. */
export function excerpt(text: string, length = 80): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  return flat.length > length ? `${flat.slice(0, length - 1)}…` : flat
}

/** Length as people count it is close enough to code points. */
export function lengthOf(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
