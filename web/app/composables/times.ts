import { onScopeDispose, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { dayOf, daysBetween } from '../rules/days'
import { useLive } from '../stores/live'

/** The present, by the server's clock, moving on every `everyMs`. */
export function useNow(everyMs = 30_000) {
  const live = useLive()
  const read = () => Date.now() + (live.me ? live.verbs().aheadMs : 0)
  const now = ref(read())
  const timer = setInterval(() => {
    now.value = read()
  }, everyMs)
  onScopeDispose(() => clearInterval(timer))
  return now
}

/** How moments are written in the member's language. */
export function useTimes() {
  const { t, locale } = useI18n()
  const written = (at: number, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale.value, options).format(at)

  const clock = (at: number) =>
    written(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const date = (at: number) => written(at, { year: 'numeric', month: 'short', day: 'numeric' })
  const month = (at: number) => written(at, { year: 'numeric', month: 'long' })

  /** Today, yesterday, a weekday of this week, or the date. */
  function day(at: number, now = Date.now()): string {
    const ago = daysBetween(at, now)
    if (ago === 0) return t('times.today')
    if (ago === 1) return t('times.yesterday')
    if (ago < 7) return written(at, { weekday: 'long' })
    return dayOf(at).slice(0, 4) === dayOf(now).slice(0, 4)
      ? written(at, { month: 'long', day: 'numeric' })
      : date(at)
  }

  /** Short, for lists: the clock today, else the day. */
  function brief(at: number, now = Date.now()): string {
    const ago = daysBetween(at, now)
    if (ago === 0) return clock(at)
    if (ago === 1) return t('times.yesterday')
    if (ago < 7) return written(at, { weekday: 'short' })
    const thisYear = dayOf(at).slice(0, 4) === dayOf(now).slice(0, 4)
    if (thisYear) return written(at, { month: 'short', day: 'numeric' })
    return written(at, { year: '2-digit', month: 'numeric', day: 'numeric' })
  }

  const moment = (at: number) => `${day(at)} ${clock(at)}`

  return { clock, date, month, day, brief, moment }
}
