// Runs the text of a TypeScript program: types are removed, imports are looked up in the library's modules. The same code runs in
// a page's worker and, for the tests, in Node.

import { transform } from 'sucrase'
import { line } from './inspect.ts'

/** Modules by the name that programs import. */
export type Modules = Readonly<Record<string, object>>

/** What a program printed: a line of text, or a picture where it printed the text of an SVG. */
export type Print = (text: string) => void

type Compiled = (require: (name: string) => object, exports: object, console: object) => Promise<void>

const AsyncFunction = (async () => {}).constructor as new (...texts: string[]) => Compiled

/** Runs a program to its end, and returns what it exports. Throws what it throws, a `SyntaxError` if it cannot be read. */
export async function runProgram(text: string, modules: Modules, print: Print): Promise<Record<string, unknown>> {
  const { code } = transform(text, { transforms: ['typescript', 'imports'], disableESTransforms: true })
  const require = (name: string) => {
    const module = modules[name]
    if (module === undefined)
      throw new Error(`there is no module "${name}" here; there are ${Object.keys(modules).join(', ')}`)
    return module
  }
  const log = (...values: unknown[]) => print(line(values))
  const exports: Record<string, unknown> = {}
  await new AsyncFunction('require', 'exports', 'console', code)(require, exports, {
    ...{ log, info: log, warn: log, error: log, debug: log },
  })
  return exports
}

/** The line of the program that an error comes from, if the engine tells. */
export function lineOf(error: unknown): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const place = /(?:<anonymous>|Function):(\d+):\d+/.exec(stack)
  const HEADER = 2 // lines that the engine puts before the body of a function made from text
  return place === null ? undefined : Number(place[1]) - HEADER
}
