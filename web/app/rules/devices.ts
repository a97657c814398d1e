const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, 'WeChat'],
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/** "Chrome · Android" out of what a browser says of itself; what other programs say is shown as it is. */
export function deviceOf(agent: string): string {
  const parts = [nameIn(BROWSERS, agent), nameIn(SYSTEMS, agent)].filter((part) => part !== '')
  return parts.join(' · ') || agent.slice(0, 40)
}

function nameIn(known: [RegExp, string][], agent: string): string {
  return known.find(([pattern]) => pattern.test(agent))?.[1] ?? ''
}
