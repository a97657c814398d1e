import { createApi } from '@shared/endpoints'

const listeners = new Set<() => void>()

/** The one way of this app to the server. */
export const api = createApi({
  onSignedOut: () => {
    for (const listener of listeners) listener()
  },
})

export function whenSignedOut(listener: () => void): void {
  listeners.add(listener)
}
