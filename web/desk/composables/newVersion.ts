const RELOADED_AT = 'dealings.desk.reloadedAt'
const AGAIN_MS = 30_000 // a second failure so soon is not a new version

/** A page of an older version asks for parts that a newer server no longer has: then the page itself is loaded anew. */
export function reloadForNewVersion(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0)
    if (Date.now() - last < AGAIN_MS) return
    sessionStorage.setItem(RELOADED_AT, String(Date.now()))
    event.preventDefault()
    location.reload()
  })
}
