// The modules of src/ and what they import from each other when they run.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const source = fileURLToPath(new URL('../../src', import.meta.url))

export interface SourceFile {
  /** Below src/, such as `rl/env.ts`. */
  readonly path: string
  readonly code: string
  readonly lines: number
}

/** All files of src/, by path. */
export function sourceFiles(): SourceFile[] {
  const paths = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
  return paths.sort().map((path) => {
    const code = readFileSync(join(source, path), 'utf8')
    return { path, code, lines: code.split('\n').length - 1 }
  })
}

/** The first folder of a path, or the file itself where it lies in src/. */
export function floorOf(path: string): string {
  return path.split('/')[0]!
}

/** For each file the files that it imports values from; `import type` and `export type` vanish when it runs. */
export function importGraph(files: readonly SourceFile[]): Map<string, string[]> {
  return new Map(
    files.map(({ path, code }) => {
      const targets = valueImports(code).filter((specifier) => specifier.startsWith('.'))
      const resolved = targets.map((specifier) => relative(source, resolve(source, dirname(path), specifier)))
      return [path, resolved.map((target) => target.replaceAll('\\', '/'))]
    }),
  )
}

/** The specifiers of static imports and re-exports that load another module. */
export function valueImports(code: string): string[] {
  const { statements } = ts.createSourceFile('module.ts', code, ts.ScriptTarget.ES2022)
  return statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier } = statement
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return []
    return bringsTypesOnly(statement) ? [] : [moduleSpecifier.text]
  })
}

function bringsTypesOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    const { isTypeOnly, exportClause } = statement
    if (isTypeOnly || exportClause === undefined || ts.isNamespaceExport(exportClause)) return isTypeOnly
    return exportClause.elements.length > 0 && exportClause.elements.every((element) => element.isTypeOnly)
  }
  const { importClause } = statement
  if (importClause === undefined || importClause.isTypeOnly) return importClause !== undefined
  const { name, namedBindings } = importClause
  if (name !== undefined || namedBindings === undefined || ts.isNamespaceImport(namedBindings)) return false
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly)
}
