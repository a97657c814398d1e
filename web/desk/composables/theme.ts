export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const SAVED_AS = 'dealings.theme'

export function savedTheme(): Theme {
  const saved = localStorage.getItem(SAVED_AS)
  return THEMES.find((theme) => theme === saved) ?? 'system'
}

export function saveTheme(theme: Theme): void {
  localStorage.setItem(SAVED_AS, theme)
  applyTheme(theme)
}

/** The tokens follow the system unless the page names a theme. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
