import { onScopeDispose } from 'vue'

const LONG_MS = 450
const STILL_PX = 10

/** Listeners that call back on a long touch or a right click, at its place. */
export function usePress(pressed: (x: number, y: number) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let start = { x: 0, y: 0 }
  const stop = () => clearTimeout(timer)
  onScopeDispose(stop)

  function pointerdown(event: PointerEvent): void {
    stop()
    if (event.pointerType !== 'touch') return
    start = { x: event.clientX, y: event.clientY }
    timer = setTimeout(() => pressed(start.x, start.y), LONG_MS)
  }

  function pointermove(event: PointerEvent): void {
    const moved = Math.hypot(event.clientX - start.x, event.clientY - start.y)
    if (moved > STILL_PX) stop()
  }

  function contextmenu(event: MouseEvent): void {
    if (window.getSelection()?.toString()) return
    event.preventDefault()
    pressed(event.clientX, event.clientY)
  }

  return { pointerdown, pointermove, pointerup: stop, pointercancel: stop, contextmenu }
}
