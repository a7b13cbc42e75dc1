// Builds the playground into a folder: index.html, one script with the worker inside, nothing else.
// Run: npx tsx site/playground/build.ts [folder]

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { workerPlugin } from '../worker-plugin.ts'

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** What page and worker are bundled with. */
const shared: BuildOptions = {
  bundle: true,
  minify: true,
  target: 'es2022',
  tsconfig: here('../../tsconfig.json'),
  logLevel: 'error',
}

/** Writes the page into `folder`; returns the metafile of its script. */
export async function buildPlayground(folder: string): Promise<Metafile> {
  mkdirSync(folder, { recursive: true })
  const { metafile, outputFiles } = await build({
    ...shared,
    entryPoints: [here('main.ts')],
    format: 'iife',
    platform: 'browser',
    write: false,
    metafile: true,
    plugins: [workerPlugin(shared)],
  })
  writeFileSync(join(folder, 'main.js'), outputFiles[0]!.contents)
  writeFileSync(join(folder, 'index.html'), readFileSync(here('index.html')))
  return metafile
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPlayground(process.argv[2] ?? 'dist/site/playground')
