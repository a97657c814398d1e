import type { Health, NodeFigures, Sample, Vital } from '@shared/types'

/** What the desk keeps of a node's samples: as many as the node itself. */
export const SECONDS_KEPT = 900
export const MINUTES_KEPT = 1440

export interface Kept {
  seconds: Sample[]
  minutes: Sample[]
}

export type Span = 'recent' | 'long'
export type Figure = Exclude<keyof Sample, 'at'>
export type Unit = 'number' | 'ms' | 'bytes'

export interface Chart {
  id: string
  figures: readonly Figure[]
  unit: Unit
  bars?: boolean
}

export const CHARTS: readonly Chart[] = [
  { id: 'traffic', figures: ['messages', 'deliveries'], unit: 'number' },
  { id: 'commit', figures: ['commit_p50_ms', 'commit_p99_ms'], unit: 'ms' },
  { id: 'delivery', figures: ['delivery_p50_ms', 'delivery_p99_ms', 'answer_p99_ms'], unit: 'ms' },
  { id: 'batch', figures: ['batch'], unit: 'number' },
  { id: 'connections', figures: ['connections'], unit: 'number' },
  { id: 'waiting', figures: ['waiting'], unit: 'number' },
  { id: 'drops', figures: ['drops'], unit: 'number', bars: true },
  { id: 'lag', figures: ['lag', 'overdue'], unit: 'number' },
  { id: 'cpu', figures: ['cpu', 'lanes_cpu'], unit: 'number' },
  { id: 'memory', figures: ['memory_bytes', 'lanes_bytes'], unit: 'bytes' },
]

const NONE: Kept = { seconds: [], minutes: [] }

/** Everything known so far with what an answer adds, by node. Nodes that are gone are forgotten. */
export function keepUp(known: ReadonlyMap<string, Kept>, health: Health): Map<string, Kept> {
  const nodes = health.nodes.map((each) => [each.node, ofOther(known, each)] as const)
  const before = known.get(health.node) ?? NONE
  const own = {
    seconds: joined(before.seconds, health.series.seconds, SECONDS_KEPT),
    minutes: joined(before.minutes, health.series.minutes, MINUTES_KEPT),
  }
  return new Map([...nodes, [health.node, own]])
}

function ofOther(known: ReadonlyMap<string, Kept>, each: NodeFigures): Kept {
  const before = known.get(each.node) ?? NONE
  return { ...before, seconds: joined(before.seconds, [each.sample], SECONDS_KEPT) }
}

/** By time, each moment once: an answer may tell again what is known. */
function joined(before: readonly Sample[], more: readonly Sample[], most: number): Sample[] {
  const last = before.at(-1)?.at ?? 0
  return [...before, ...more.filter((sample) => sample.at > last)].slice(-most)
}

/** The newest moment known of a node; 0 when nothing is. */
export function newest(known: ReadonlyMap<string, Kept>, node: string): number {
  return known.get(node)?.seconds.at(-1)?.at ?? 0
}

const WEIGHT = { wrong: 0, look: 1, unknown: 3, fine: 2 } as const

/** What needs somebody first; else in the order of the server, which never changes. */
export function byWeight(vitals: readonly Vital[]): Vital[] {
  return vitals.toSorted((a, b) => WEIGHT[a.verdict] - WEIGHT[b.verdict])
}

export function troubles(vitals: readonly Vital[]): number {
  return vitals.filter((vital) => vital.verdict === 'look' || vital.verdict === 'wrong').length
}

const KIBI = 1024
const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** 1536 is 1.5 KiB: three figures at most. */
export function bytesText(bytes: number, said: (value: number) => string): string {
  const step = Math.min(SIZES.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(KIBI)))
  const value = bytes / KIBI ** step
  return `${said(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10)} ${SIZES[step]}`
}
