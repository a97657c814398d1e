import { type Ref, ref } from 'vue'

function ticking(everyMs: number): Ref<number> {
  const now = ref(Date.now())
  setInterval(() => {
    now.value = Date.now()
  }, everyMs)
  return now
}

const quarterMinute = ticking(15_000)
const second = ticking(1_000)

/** The time, moving on by itself, for everything that says how many minutes ago. */
export function useNow(): Ref<number> {
  return quarterMinute
}

/** The same for what passes within seconds. */
export function useSecond(): Ref<number> {
  return second
}
