// Workers as text: `import code from 'worker:./worker.ts'` gives the bundled worker as a string, to be started from a Blob.
// `new Worker(url)` is forbidden on pages opened from `file://`; a Blob's URL works there.

import { dirname, resolve } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** Bundles each `worker:` import by itself, with the options of the page that imports it. */
export function workerPlugin(options: BuildOptions = {}): Plugin {
  return {
    name: 'worker',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^worker:/ }, ({ path, importer }) => ({
        path: resolve(dirname(importer), path.slice('worker:'.length)),
        namespace: 'worker',
      }))
      onLoad({ filter: /./, namespace: 'worker' }, async ({ path }) => {
        const { outputFiles, metafile } = await build({
          target: 'es2022',
          minify: true,
          logLevel: 'error',
          ...options,
          entryPoints: [path],
          bundle: true,
          write: false,
          metafile: true,
          format: 'iife',
          platform: 'browser',
        })
        return {
          contents: outputFiles[0]!.text,
          loader: 'text',
          watchFiles: Object.keys(metafile.inputs).map((file) => resolve(file)),
        }
      })
    },
  }
}
