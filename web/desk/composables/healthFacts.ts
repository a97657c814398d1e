import type { Health } from '@shared/types'
import { type ComputedRef, computed, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { bytesText } from '../rules/health'
import { useWords } from './words'

interface Fact {
  name: string
  value: string
}

/** What the page lists below the charts, in words. */
export function useHealthFacts(
  health: ShallowRef<Health | null>,
): Record<'place' | 'totals' | 'now', ComputedRef<Fact[]>> {
  const { t } = useI18n()
  const { figure, fullTime, elapsed } = useWords()
  const size = (bytes: number) => bytesText(bytes, figure)

  function counted(values: Readonly<Record<string, number>>): Fact[] {
    return Object.entries(values).map(([key, value]) => ({
      name: t(`health.totals.${key}`),
      value: figure(value),
    }))
  }

  function placed(told: Health): Fact[] {
    return [
      { name: t('health.facts.version'), value: told.version },
      { name: t('health.facts.node'), value: told.node || '–' },
      {
        name: t('health.facts.started_at'),
        value: told.started_at ? fullTime(told.started_at) : '–',
      },
      { name: t('health.facts.up_for'), value: elapsed((told.uptime_seconds ?? 0) * 1000) },
      { name: t('health.facts.kind'), value: t(`health.kinds.${told.store.kind}`) },
      { name: t('health.facts.bytes'), value: size(told.store.bytes) },
      { name: t('health.facts.last_commit'), value: figure(told.store.last_commit) },
    ]
  }

  function presently(told: Health): Fact[] {
    const sample =
      told.series.seconds.at(-1) ?? told.nodes.find((each) => each.node === told.node)?.sample
    const lags = Object.entries(told.consumers).map(([name, value]) => ({
      name: t('health.facts.lag_of', { name }),
      value: figure(value),
    }))
    const timers = [
      { name: t('health.facts.due'), value: figure(told.timers.due) },
      { name: t('health.facts.due_within_a_day'), value: figure(told.timers.due_within_a_day) },
    ]
    if (!sample) return [...lags, ...timers]
    return [
      { name: t('health.figures.connections'), value: figure(sample.connections) },
      { name: t('health.figures.waiting'), value: figure(sample.waiting) },
      { name: t('health.facts.waiting_bytes'), value: size(sample.waiting_bytes) },
      { name: t('health.facts.tasks'), value: figure(sample.tasks) },
      { name: t('health.facts.files'), value: figure(sample.files) },
      { name: t('health.facts.requests'), value: figure(sample.requests) },
      ...lags,
      ...timers,
    ]
  }

  return {
    place: computed(() => (health.value ? placed(health.value) : [])),
    totals: computed(() => (health.value ? counted(health.value.totals) : [])),
    now: computed(() => (health.value ? presently(health.value) : [])),
  }
}
