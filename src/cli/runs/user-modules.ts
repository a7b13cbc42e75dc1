// `--import <module>`: modules of the user that register environments and algorithms. A run keeps the paths of its modules in config.json,
// so that later commands on its folder import them again. Read next: ../program.ts, which imports them before each command.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire, register as registerHooks } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Command, Option } from 'commander'
import { registeredIds } from '../../rl/envs/tasks/make.ts'
import { UsageError } from '../terminal/failures.ts'
import { listOption } from '../terminal/options.ts'
import { knownAlgorithms, offlineAlgorithms } from './environments.ts'
import { methods, modulesOf } from './run-folder.ts'

export function importOption(): Option {
  const about = 'a module or package that registers environments or algorithms: ./catch.ts; may be repeated'
  return listOption('--import <module>', about)
}

/** The modules of `--import` as a run keeps them: relative to its folder, so that both can be moved together. */
export function keptModules(folder: string, modules: readonly string[] = []): { imports?: readonly string[] } {
  return modules.length === 0 ? {} : { imports: modules.map((each) => relative(folder, each)) }
}

/**
 * Imports the modules that a command line names by `--import`, before the commands are made, of which each algorithm is one. Returns the
 * line with the paths of packages in place of their names.
 */
export async function importGiven(argv: readonly string[]): Promise<string[]> {
  const words = argv.flatMap((each) => each.split(/(?<=^--import)=/)) // --import=./catch.ts is two words
  const line = words.map((each, i) => (words[i - 1] === '--import' ? pathOf(each) : each))
  for (const [i, each] of line.entries()) if (line[i - 1] === '--import') await importModule(each)
  return line
}

/**
 * Imports the modules that a command names by `--import`, and those of each run or student among its arguments. The option then holds
 * all of them. Throws a UsageError on a module that is missing, throws, or registers nothing.
 */
export async function importModules(command: Command): Promise<void> {
  const flags = command.opts<{ import?: string[]; teacher?: string[]; policy?: string }>()
  const { import: given = [], teacher = [], policy = 'random' } = flags
  const folders = [...command.args, ...teacher, policy]
  const modules = [...new Set([...given, ...folders.flatMap(modulesOf)].map((each) => resolve(each)))]
  for (const each of modules) await importModule(each)
  if (modules.length > 0) command.setOptionValue('import', modules)
}

/** The file of a module: a path, or what Node imports from the current folder by the name of a package. Throws a UsageError. */
function pathOf(module: string): string {
  const path = resolve(module)
  if (existsSync(path) || !/^(@[\w.~-]+\/)?\w/.test(module)) return path
  // Only Node itself knows all rules for packages, and it resolves names from the folder of a module: here one of the current folder.
  const code = 'process.stdout.write(import.meta.resolve(process.argv[1]))'
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', code, module], { encoding: 'utf8' })
  if (stdout?.startsWith('file:')) return fileURLToPath(stdout)
  throw new UsageError(
    `--import: "${module}" is no file, and no package of that name is found from here; install it, or give a path, such as ./catch.ts`,
  )
}

const imported = new Set<string>()

async function importModule(path: string): Promise<void> {
  if (imported.has(path)) return
  const fail = (what: string, cause?: unknown) => {
    throw new UsageError(`--import: "${relative('.', path)}" ${what}`, { cause })
  }
  if (!existsSync(path)) fail('does not exist; the command or the config.json of a run names it')
  const before = registeredIds().length + knownAlgorithms().length
  try {
    // From the source, a loader of TypeScript is active and `alambic` is the source.
    if (!import.meta.url.endsWith('.ts')) await prepareLoader(path)
    await import(/* @vite-ignore */ pathToFileURL(path).href)
  } catch (error) {
    if (error instanceof UsageError) throw error
    fail(`cannot be imported: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`, error)
  }
  if (registeredIds().length + knownAlgorithms().length === before)
    fail('registers no environment and no algorithm; call register() or registerAlgorithm() of alambic/rl in it')
  const names = [...methods, 'help', ...[...knownAlgorithms(), ...offlineAlgorithms].map(({ name }) => name)]
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) fail(`registers an algorithm "${twice}", which the command has already; choose another name`)
  imported.add(path)
}

/**
 * Hooks of Node's module loader. `alambic/…` is the library that this command has its chunks in common with, wherever the module lies,
 * so that both share one registry. The module itself and TypeScript are ES modules, whatever the "type" in package.json.
 */
const HOOKS = `const command = ${JSON.stringify(import.meta.url)}
export async function resolve(specifier, context, next) {
  const [isAlambic, entry = 'index'] = /^alambic(?:\\/([a-z]+))?$/.exec(specifier) ?? []
  const found = await next(isAlambic ? new URL(entry + '.js', command).href : specifier, context)
  const [file] = found.url.split(/\\?|%3F/) // without what tsx appends to CommonJS
  const isModule = (context.parentURL === command || /\\.tsx?$/.test(file)) && !file.includes('/node_modules/')
  if (!isModule || !found.format?.startsWith('commonjs')) return found
  return { ...found, url: file, format: found.format.replace('commonjs', 'module') }
}`

let isPrepared = false

/** Prepares Node's module loader: its hooks and, for TypeScript, tsx if it is installed. Throws a UsageError if TypeScript cannot run. */
async function prepareLoader(path: string): Promise<void> {
  if (/\.[cm]?tsx?$/.test(path)) {
    const tsx = tsxBeside(path) ?? tsxBeside(join(process.cwd(), 'module.ts'))
    if (tsx !== undefined) ((await import(pathToFileURL(tsx).href)) as { register(): void }).register()
    else if (!(process.features as { typescript?: unknown }).typescript) {
      const hint = 'install tsx (npm install tsx), or give a JavaScript module'
      throw new UsageError(
        `--import: Node ${process.versions.node} cannot run "${relative('.', path)}", a TypeScript module; ${hint}`,
      )
    }
  }
  if (!isPrepared) registerHooks(`data:text/javascript,${encodeURIComponent(HOOKS)}`)
  isPrepared = true
}

/** The ES module of tsx's API that the module at `path` would import. Undefined if it is not installed. */
function tsxBeside(path: string): string | undefined {
  try {
    return createRequire(path).resolve('tsx/esm/api').replace(/cjs$/, 'mjs')
  } catch {
    return undefined
  }
}
