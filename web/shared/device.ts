import type { Connection } from './connection'

/** Tells a connection of the device's own signs: the network comes or goes, the person looks. Gives how to stop. */
export function followDevice(connection: Pick<Connection, 'wake' | 'lostNetwork'>): () => void {
  const gone = new AbortController()
  const { signal } = gone
  window.addEventListener('online', () => connection.wake(), { signal })
  window.addEventListener('offline', () => connection.lostNetwork(), { signal })
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && connection.wake(),
    { signal },
  )
  return () => gone.abort()
}
