import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import type { ComponentResolver } from 'unplugin-vue-components/types'
import Components from 'unplugin-vue-components/vite'
import type { PluginOption, UserConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

interface App {
  name: 'app' | 'desk'
  base: string
  resolver: ComponentResolver | ComponentResolver[]
  plugins?: PluginOption[]
}

/** What both apps have in common; the server serves what the build leaves in its static folder. */
export function configure({ name, base, resolver, plugins = [] }: App): UserConfig {
  return {
    base,
    plugins: [
      vue(),
      // Library components on demand; our own are imported by name.
      Components({ dirs: [], dts: false, resolvers: [resolver].flat() }),
      ...plugins,
    ],
    resolve: { alias: { '@shared': here('shared') } },
    define: {
      __VUE_OPTIONS_API__: true, // Vant and Element Plus use it
      __VUE_I18N_LEGACY_API__: false,
      __VUE_I18N_FULL_INSTALL__: false,
      __INTLIFY_PROD_DEVTOOLS__: false,
    },
    build: {
      outDir: here(`../src/dealings/edge/web/static/${name}`),
      emptyOutDir: true,
      manifest: true, // first-load.ts weighs what it lists
      chunkSizeWarningLimit: 1200, // kB; ECharts, loaded when a chart is shown
    },
    server: {
      proxy: toServer(process.env.DEALINGS_URL ?? 'http://127.0.0.1:8000'),
      fs: { allow: [here('..')] }, // the connection's table is the server package's
    },
  }
}

function toServer(target: string) {
  return {
    '/api': target,
    '/files': target,
    '/ws': { target, ws: true },
  }
}
