import { VantResolver } from '@vant/auto-import-resolver'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { configure } from '../vite.shared.ts'

// What the server answers itself, also while this app's worker is in charge.
const SERVERS_OWN = [/^\/api\//, /^\/ws/, /^\/files\//, /^\/desk/, /^\/healthz/, /^\/metrics/]

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
  configure({ name: 'app', base: '/', resolver: VantResolver(), plugins: [pwa] }),
)
