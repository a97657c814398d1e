/** Shortcuts of one letter: what a key press means, and when it means nothing. */

export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  isComposing: boolean
  target: EventTarget | null
}

const TYPING = 'input, textarea, select, [contenteditable="true"], [role="textbox"]'
const COVERED = '[aria-modal="true"]'

/** The key as a shortcut, or null while someone types, composes Chinese or holds a modifier. */
export function shortcutOf(press: KeyPress): string | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.isComposing) return null
  if (press.target instanceof Element && press.target.closest(`${TYPING}, ${COVERED}`)) return null
  return press.key.length === 1 ? press.key.toLowerCase() : press.key
}

/** The item `by` places further along, staying inside the list; the first when none is chosen. */
export function stepped<T>(items: readonly T[], current: T | undefined, by: number): T | undefined {
  const at = current === undefined ? -1 : items.indexOf(current)
  if (at < 0) return items[0]
  return items[Math.min(items.length - 1, Math.max(0, at + by))]
}
