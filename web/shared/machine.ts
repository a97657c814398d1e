/** The written state machine of a client's connection, the same file that the Python client reads. */
import table from '../../src/dealings/client/machine.json'

export type MachineState =
  | 'offline'
  | 'connecting'
  | 'greeting'
  | 'catching_up'
  | 'live'
  | 'waiting'
  | 'ended'
export type Constant = keyof typeof table.constants
export type TimerName = keyof typeof table.timers
export type Input = keyof typeof table.inputs
export type Guard = keyof typeof table.guards
export type Output = keyof typeof table.outputs

/** In these states, on this input, when the guard holds: do these, then be there. */
export interface Row {
  from: MachineState[]
  on: Input
  if?: Guard
  to: MachineState
  do: Output[]
}

/** `set_on_entering` names a constant for each state that starts it; other states of `kept_in` let it run. */
interface Timer {
  kept_in: MachineState[]
  set_on_entering: Partial<Record<MachineState, Constant>>
}

/** Events that count though they come without a position; `read.moved` only of others, in a group that is watched. */
export const WITHOUT_POSITION: readonly string[] = table.without_position
export const CONSTANTS: Readonly<Record<Constant, number>> = table.constants
export const TIMERS = Object.entries(table.timers) as unknown as [TimerName, Timer][]
export const TRANSITIONS = table.transitions as unknown as readonly Row[]

/** What applies; undefined where the input means nothing. */
export function rowFor(
  state: MachineState,
  on: Input,
  holds: (guard: Guard) => boolean,
): Row | undefined {
  return TRANSITIONS.find(
    (row) => row.on === on && row.from.includes(state) && (!row.if || holds(row.if)),
  )
}
