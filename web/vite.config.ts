import { defineConfig, type Plugin } from 'vite';

import { barMarkup, headMarkup, type Page } from './src/shell/markup.ts';

/** Entry pages; `index` is the city. */
const PAGES: Record<string, Page> = { index: 'city', ride: 'ride', drive: 'drive', docs: 'docs' };

/** Writes the parts that every page shares into `<!--head-->` and `<!--bar-->`, so that they show before any script. */
function sharedMarkup(): Plugin {
  return {
    name: 'shared-markup',
    transformIndexHtml: {
      order: 'pre',
      handler(html, context) {
        const name = /([a-z]+)\.html$/.exec(context.filename)?.[1] ?? '';
        const page = PAGES[name];
        if (page === undefined) throw new Error(`no page is called ${name}`);
        return html.replace('<!--head-->', headMarkup()).replace('<!--bar-->', barMarkup(page));
      },
    },
  };
}

export default defineConfig({
  appType: 'mpa',
  plugins: [sharedMarkup()],
  server: {
    // `npm run dev` shows the pages of a gateway that runs on its usual port.
    proxy: Object.fromEntries(
      ['/v1', '/openapi.json', '/asyncapi.json', '/readyz'].map((path) => [path, { target: 'http://127.0.0.1:8080', ws: true }]),
    ),
  },
  build: {
    target: 'es2022',
    // These know light-dark(), so that each colour stands in one place.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: Object.keys(PAGES).map((name) => `${name}.html`),
      output: {
        codeSplitting: {
          groups: [
            { name: 'preload', test: /vite\/preload-helper/, priority: 1 },
            { name: 'chart', test: /node_modules[\\/]uplot/ },
            // The map's library alone, so that what shows first does not wait for it.
            { name: 'deck', test: /node_modules[\\/]/ },
          ],
        },
      },
    },
  },
});
