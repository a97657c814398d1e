import { onBeforeUnmount, onMounted, shallowReactive } from 'vue'
import { shortcutOf } from '../rules/keys'

export interface Shortcut {
  key: string
  /** Locale key of what it does, for the help sheet. */
  label: string
  run: () => void
}

/** Those that work right now; the help sheet lists them. */
export const shortcuts = shallowReactive<Shortcut[]>([])

/** Shortcuts that work while this component is there. */
export function useKeys(mine: Shortcut[]): void {
  onMounted(() => shortcuts.push(...mine))
  onBeforeUnmount(() => {
    for (const each of mine) shortcuts.splice(shortcuts.indexOf(each), 1)
  })
}

/** Runs the shortcut that a key press means; later ones outrank earlier ones. */
export function runShortcut(press: KeyboardEvent): void {
  const key = shortcutOf(press)
  const meant = key === null ? undefined : shortcuts.findLast((each) => each.key === key)
  if (!meant) return
  press.preventDefault()
  meant.run()
}
