import { nextTick, onScopeDispose, type Ref, watch } from 'vue'

/** What opens over the page takes the focus, gives it back when it closes, and closes on Escape. */
export function useDialogKeys(
  isOpen: () => boolean,
  panel: Ref<HTMLElement | null>,
  close: () => void,
): void {
  let before: Element | null = null

  watch(isOpen, async (open) => {
    if (open) {
      before = document.activeElement
      await nextTick()
      panel.value?.focus({ preventScroll: true })
    } else if (before instanceof HTMLElement && before.isConnected) {
      before.focus({ preventScroll: true })
    }
  })

  function pressed(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.defaultPrevented && isOpen()) close()
  }

  document.addEventListener('keydown', pressed)
  onScopeDispose(() => document.removeEventListener('keydown', pressed))
}
