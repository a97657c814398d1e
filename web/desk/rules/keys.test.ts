import { describe, expect, it } from 'vitest'
import { type KeyPress, shortcutOf, stepped } from './keys'

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  const none = { ctrlKey: false, metaKey: false, altKey: false, isComposing: false }
  return { key, ...none, target: document.body, ...more }
}

describe('a shortcut', () => {
  it('is the letter, in either case, and the named key', () => {
    expect(shortcutOf(press('J'))).toBe('j')
    expect(shortcutOf(press('?'))).toBe('?')
    expect(shortcutOf(press('Escape'))).toBe('Escape')
  })

  it('leaves the browser its own combinations', () => {
    expect(shortcutOf(press('r', { ctrlKey: true }))).toBeNull()
    expect(shortcutOf(press('p', { metaKey: true }))).toBeNull()
  })

  it('is not heard while someone types or composes', () => {
    const field = document.createElement('textarea')
    expect(shortcutOf(press('p', { target: field }))).toBeNull()
    expect(shortcutOf(press('p', { isComposing: true }))).toBeNull()
  })

  it('is not heard under an open dialog', () => {
    const dialog = document.createElement('div')
    dialog.setAttribute('aria-modal', 'true')
    const inside = dialog.appendChild(document.createElement('p'))
    expect(shortcutOf(press('j', { target: inside }))).toBeNull()
  })
})

describe('stepping through a list', () => {
  it('starts at the first and stops at both ends', () => {
    expect(stepped(['a', 'b', 'c'], undefined, 1)).toBe('a')
    expect(stepped(['a', 'b', 'c'], 'b', 1)).toBe('c')
    expect(stepped(['a', 'b', 'c'], 'c', 1)).toBe('c')
    expect(stepped(['a', 'b', 'c'], 'a', -1)).toBe('a')
    expect(stepped([], undefined, 1)).toBeUndefined()
  })
})
