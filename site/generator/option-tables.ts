// Meaning, range and default of each option on the pages of the API. They are values of the program, which TypeDoc does not show.

import { pathToFileURL } from 'node:url'
import {
  Comment,
  type DeclarationReflection,
  makeRecursiveVisitor,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  type SomeType,
} from 'typedoc'
import { knownAlgorithms, offlineAlgorithms } from '../../src/cli/runs/environments.ts'
import type { Option, OptionTable } from '../../src/data/options.ts'

/** Describes each option in its table and, as a list, on the page of the function that takes it. */
export async function describeOptions(project: ProjectReflection): Promise<void> {
  const tables = new Map<Reflection, OptionTable>()
  for (const variable of project.getReflectionsByKind(ReflectionKind.Variable) as DeclarationReflection[]) {
    const options = variable.type?.type === 'reflection' ? (variable.type.declaration.children ?? []) : []
    const file = variable.sources?.[0]?.fullFileName
    if (file === undefined || !options.some(({ type }) => type?.type === 'reference' && type.name === 'Option'))
      continue
    const table = ((await import(pathToFileURL(file).href)) as Record<string, OptionTable>)[variable.name]
    if (table === undefined) continue
    tables.set(variable, table)
    for (const each of options) each.comment = new Comment([{ kind: 'text', text: describe(table[each.name]!) }])
  }
  const trained = new Map<string, OptionTable>(
    [...knownAlgorithms(), ...offlineAlgorithms].map(({ name, options }) => [camelCase(name), options]),
  )
  const taking = ReflectionKind.Variable | ReflectionKind.Function
  for (const each of project.getReflectionsByKind(taking) as DeclarationReflection[]) {
    const [signature] = each.signatures ?? []
    const [table] = (signature?.parameters ?? []).flatMap(({ type }) => tableOf(type, tables) ?? [])
    const options = table === undefined ? trained.get(each.name) : tables.get(table)
    if (options === undefined || tables.has(each)) continue
    const described = signature ?? each
    described.comment ??= new Comment()
    described.comment.summary.push({ kind: 'text', text: listOf(options) })
  }
}

const camelCase = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

function listOf(table: OptionTable): string {
  const rows = Object.entries(table).map(([name, { about, allowed, value }]) => {
    return `| \`${name} = ${shown(value)}\` | ${`${about}; ${allowed}`.replaceAll('|', '\\|')} |`
  })
  return `\n\n| option and default | meaning |\n| --- | --- |\n${rows.join('\n')}\n`
}

function describe({ about, allowed, value }: Option<unknown>): string {
  return `${about[0]!.toUpperCase()}${about.slice(1)}. Default \`${shown(value)}\`; ${allowed}.`
}

const shown = (value: unknown) => (typeof value === 'number' ? String(value) : JSON.stringify(value))

/** The option table behind a type such as `GivenOptions<typeof table>`, by its aliases. */
function tableOf(
  type: SomeType | undefined,
  tables: ReadonlyMap<Reflection, OptionTable>,
  passed = new Set<Reflection>(),
): Reflection | undefined {
  let found: Reflection | undefined
  const visitor = makeRecursiveVisitor({
    query({ queryType: { reflection } }) {
      if (reflection !== undefined && tables.has(reflection)) found ??= reflection
    },
    reference({ reflection }) {
      if (!reflection?.kindOf(ReflectionKind.TypeAlias) || passed.has(reflection)) return
      found ??= tableOf((reflection as DeclarationReflection).type, tables, passed.add(reflection))
    },
  })
  type?.visit(visitor)
  return found
}
