// Test files by name, wherever they lie in a folder of test/.

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Paths below the root, such as `test/nn/layers/linear.test.ts` of `linear`. Throws an Error on a name without a file. */
export function testsIn(...folders: string[]): (...names: string[]) => string[] {
  const paths = folders.flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file.replaceAll('\\', '/')}`,
    ),
  )
  return (...names) =>
    names.map((name) => {
      const found = paths.find((path) => path.endsWith(`/${name.split('/').at(-1)}.test.ts`))
      if (found === undefined) throw new Error(`no test of ${name} in ${folders}`)
      return found
    })
}
