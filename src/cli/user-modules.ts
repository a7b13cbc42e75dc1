// `--import <module>`: modules of the user that register environments. A run keeps the names of its modules in config.json, so that
// later commands on its folder import them again. Read next: program.ts, which imports them before each command.

import { existsSync } from 'node:fs'
import { createRequire, register as registerHooks } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command, Option } from 'commander'
import { registeredIds } from '../rl/registry.ts'
import { UsageError } from './failures.ts'
import { listOption } from './options.ts'
import { modulesOf } from './runs.ts'

export function importOption(): Option {
  const about = 'a module that registers environments, imported first: ./catch.ts; may be repeated'
  return listOption('--import <module>', about)
}

/** The modules of `--import` as a run keeps them: relative to its folder, so that both can be moved together. */
export function keptModules(folder: string, modules: readonly string[] = []): { imports?: readonly string[] } {
  return modules.length === 0 ? {} : { imports: modules.map((each) => relative(folder, each)) }
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

const imported = new Set<string>()

async function importModule(path: string): Promise<void> {
  if (imported.has(path)) return
  const fail = (what: string, cause?: unknown) => {
    throw new UsageError(`--import: "${relative('.', path)}" ${what}`, { cause })
  }
  if (!existsSync(path)) fail('does not exist; the command or the config.json of a run names it')
  const before = registeredIds().length
  try {
    // From the source, a loader of TypeScript is active and `alambic` is the source.
    if (!import.meta.url.endsWith('.ts')) await prepareLoader(path)
    await import(/* @vite-ignore */ pathToFileURL(path).href)
  } catch (error) {
    if (error instanceof UsageError) throw error
    fail(`cannot be imported: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`, error)
  }
  if (registeredIds().length === before) fail('registers no environment; call register() of alambic/rl in it')
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
  const isModule = context.parentURL === command || (/\\.tsx?$/.test(file) && !file.includes('/node_modules/'))
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
