import type { CacheSnapshot } from 'virtua'
import type { VList } from 'virtua/vue'
import { computed, nextTick, onBeforeUnmount, onMounted, type Ref, ref, watch } from 'vue'

type List = InstanceType<typeof VList>

/** Nearer to the end than this, the list follows what comes. */
const NEAR_END_PX = 80
/** Nearer to the start than this, older messages are fetched. */
const NEAR_START_PX = 600

interface Left {
  offset: number
  length: number
  cache: CacheSnapshot
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
  const cache = left && left.length === items().length ? left.cache : undefined
  let settled = false

  onMounted(async () => {
    await nextTick()
    if (cache && left) list.value?.scrollTo(left.offset)
    else toStart()
    requestAnimationFrame(settle)
  })

  /** Rows and the list itself are measured after they are drawn; only then is the place known. */
  function settle(): void {
    if (settled || !list.value?.viewportSize) return
    if (!cache) toStart()
    settled = true
    noted()
    if (atEnd.value) void toEnd()
  }

  onBeforeUnmount(() => {
    if (!list.value || atEnd.value) places.delete(input.name)
    else
      places.set(input.name, {
        offset: list.value.scrollOffset,
        length: items().length,
        cache: list.value.cache,
      })
  })

  watch(
    () => items().at(-1)?.key,
    async (now, before) => {
      if (now === before || shifting.value) return
      if (atEnd.value) await toEnd()
      else fresh.value++
    },
  )

  function toStart(): void {
    const at = input.startAt()
    if (at < 0) list.value?.scrollToIndex(items().length - 1, { align: 'end' })
    else list.value?.scrollToIndex(at, { align: 'center' })
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

  return { cache, atEnd, fresh, shifting, scrolled, resized, toEnd, lastVisible }
}
