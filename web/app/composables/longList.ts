import type { VList } from 'virtua/vue'
import { computed, nextTick, onBeforeUnmount, onMounted, type Ref, ref, watch } from 'vue'

type List = InstanceType<typeof VList>

/** Nearer to the end than this, the list follows what comes. */
const NEAR_END_PX = 80
/** Nearer to the start than this, older messages are fetched. */
const NEAR_START_PX = 600

interface Left {
  /** The topmost item on the screen, and how much of it was scrolled past. */
  key: string
  past: number
}

/** Where each conversation was left when it wasn't at its end. */
const places = new Map<string, Left>()

interface Input<T extends { key: string }> {
  name: string
  list: Ref<List | null>
  items: () => readonly T[]
  /** The item to start at, or −1 for the end. */
  startAt: () => number
  loadOlder: () => Promise<void>
}

/** Keeps a growing list where the reader is: at its end, or at what they were reading. */
export function useLongList<T extends { key: string }>(input: Input<T>) {
  const { list, items } = input
  const atEnd = ref(true)
  const shifting = ref(false)
  const fresh = ref(0)
  const left = places.get(input.name)
  let settled = false

  onMounted(async () => {
    await nextTick()
    toStart()
    requestAnimationFrame(settle)
  })

  /** Rows and the list itself are measured after they are drawn; only then is the place known. */
  function settle(): void {
    if (settled || !list.value?.viewportSize) return
    toStart()
    settled = true
    noted()
    if (atEnd.value) void toEnd()
  }

  onBeforeUnmount(() => {
    const place = atEnd.value ? null : present()
    if (place) places.set(input.name, place)
    else places.delete(input.name)
  })

  function present(): Left | null {
    const it = list.value
    if (!it) return null
    const index = it.findItemIndex(it.scrollOffset)
    const key = items()[index]?.key
    return key ? { key, past: it.scrollOffset - it.getItemOffset(index) } : null
  }

  watch(
    () => items().at(-1)?.key,
    async (now, before) => {
      if (now === before || shifting.value) return
      if (atEnd.value) await toEnd()
      else fresh.value++
    },
  )

  /** Where it was left, else at what is new, else at the end. */
  function toStart(): void {
    const before = left ? items().findIndex((item) => item.key === left.key) : -1
    const fresh = input.startAt()
    if (left && before >= 0) {
      list.value?.scrollToIndex(before, { align: 'start', offset: left.past })
    } else if (fresh >= 0) {
      list.value?.scrollToIndex(fresh, { align: 'center' })
    } else {
      list.value?.scrollToIndex(items().length - 1, { align: 'end' })
    }
  }

  async function toEnd(smooth = false): Promise<void> {
    fresh.value = 0
    await nextTick()
    list.value?.scrollToIndex(items().length - 1, { align: 'end', smooth })
  }

  function scrolled(): void {
    if (!settled) return
    noted()
    if ((list.value?.scrollOffset ?? 0) < NEAR_START_PX) void older()
  }

  function noted(): void {
    const it = list.value
    if (!it) return
    atEnd.value = it.scrollSize - it.scrollOffset - it.viewportSize < NEAR_END_PX
    if (atEnd.value) fresh.value = 0
  }

  /** The viewport or a row changed its height; whoever was at the end stays there. */
  function resized(): void {
    if (!settled) settle()
    else if (atEnd.value) void toEnd()
  }

  async function older(): Promise<void> {
    if (shifting.value) return
    shifting.value = true
    try {
      await input.loadOlder()
    } catch {
      // The next scroll tries again.
    } finally {
      await nextTick()
      shifting.value = false
    }
  }

  /** The last item that is on the screen. */
  const lastVisible = computed(() => () => {
    const it = list.value
    return it ? items()[it.findItemIndex(it.scrollOffset + it.viewportSize - 8)] : undefined
  })

  return { atEnd, fresh, shifting, scrolled, resized, toEnd, lastVisible }
}
