// The scripts of the site. Classic scripts, since a page opened from `file://` may not load modules.

import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { workerPlugin } from '../worker-plugin.ts'
import { output, root } from './places.ts'

/** Bundles everything that pages load into `assets/`, and the playground. Returns the files that were bundled. */
export async function bundles(): Promise<string[]> {
  const client = ['site', 'api', 'lesson', 'playground-program', 'workers/cell-code', 'workers/grade-code'].map(
    (name) => `site/client/${name}.ts`,
  )
  const pictures = readdirSync(join(root, 'site/pictures')).filter((name) => !name.startsWith('lib'))
  const playground = existsSync(join(root, 'site/playground/main.ts'))
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      ...client.map((path) => ({ in: path, out: `assets/${basename(path, '.ts')}` })),
      ...pictures.map((name) => ({ in: `site/pictures/${name}`, out: `assets/picture-${basename(name, '.ts')}` })),
      ...(playground ? [{ in: 'site/playground/main.ts', out: 'playground/main' }] : []),
    ],
    outdir: output,
    bundle: true,
    minify: true,
    metafile: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    plugins: [workerPlugin()],
  })
  return Object.keys(metafile.inputs)
}
