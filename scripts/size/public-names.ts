// The public names of each entry point, as the TypeScript compiler sees them: values and types alike.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import packageJson from '../../package.json' with { type: 'json' }
import { source } from './modules.ts'

/** The entry points of package.json and their modules: `alambic/<name>` is `src/<name>/index.ts`. */
const entryPoints: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(packageJson.exports)
    .filter((key) => key !== './package.json')
    .map((key) => [key.replace('.', 'alambic'), join(key, 'index.ts')]),
)

/** By entry point, each list sorted. Throws an `Error` on an entry point whose file is missing. */
export function publicNames(): Map<string, string[]> {
  const files = Object.values(entryPoints).map((path) => join(source, path))
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined) throw new Error(`the entry point ${missing} is missing`)
  const config = ts.readConfigFile(join(dirname(source), 'tsconfig.json'), ts.sys.readFile).config
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(source), {}, undefined, undefined, [])
  // Names need no libraries, whose parsing takes most of the time.
  const program = ts.createProgram(files, { ...options, noLib: true, types: [] })
  const checker = program.getTypeChecker()
  return new Map(
    Object.entries(entryPoints).map(([entry, path]) => {
      const file = program.getSourceFile(join(source, path))!
      const module = checker.getSymbolAtLocation(file)
      const names = module === undefined ? [] : checker.getExportsOfModule(module).map((symbol) => symbol.name)
      return [entry, names.sort()]
    }),
  )
}
