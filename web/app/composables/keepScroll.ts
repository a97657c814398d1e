import { onActivated, onDeactivated, type Ref } from 'vue'

/** A kept page comes back where it was left; its scroller forgets while it is out of the document. */
export function keepScroll(element: Ref<HTMLElement | null>): void {
  let top = 0
  onDeactivated(() => {
    if (element.value) element.value.removeEventListener('scroll', note)
  })
  onActivated(() => {
    if (!element.value) return
    element.value.scrollTop = top
    element.value.addEventListener('scroll', note, { passive: true })
  })

  function note(): void {
    top = element.value?.scrollTop ?? top
  }
}
