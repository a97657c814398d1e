import { VantResolver } from '@vant/auto-import-resolver'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { configure } from '../vite.shared.ts'

// What the server answers itself, also while this app's worker is in charge.
const SERVERS_OWN = [/^\/api\//, /^\/ws/, /^\/files\//, /^\/desk/, /^\/healthz/, /^\/metrics/]

/** Vant's icon font comes partly from a foreign host. The app draws its own icons and asks nobody else. */
const withoutIconFont: Plugin = {
  name: 'without-icon-font',
  enforce: 'pre',
  transform(code, id) {
    if (!/vant\/es\/icon\/index\.css/.test(id)) return null
    return code.replaceAll(/@font-face\s*\{[^}]*\}/g, '')
  },
}

const pwa = VitePWA({
  registerType: 'autoUpdate',
  injectRegister: 'script-defer',
  manifest: {
    name: 'Dealings',
    short_name: 'Dealings',
    description: 'A messenger in which conversations close deals',
    display: 'standalone',
    background_color: '#faf8f5',
    theme_color: '#faf8f5',
    icons: [
      { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
      { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any maskable' },
    ],
  },
  workbox: { navigateFallbackDenylist: SERVERS_OWN },
})

export default defineConfig(
  configure({ name: 'app', base: '/', resolver: VantResolver(), plugins: [withoutIconFont, pwa] }),
)
