// Values as text, as Node's `console.log` writes short ones.

const MOST = 100 // elements of an array or object
const DEEPEST = 3

/** The line that `console.log(...values)` prints. */
export function line(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')
}

function inspect(value: unknown, depth = 0): string {
  if (typeof value === 'string') return `'${value}'`
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[Function: ${value.name || '(anonymous)'}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (Array.isArray(value)) return list(value, depth, '')
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = value as Float32Array
    return list(Array.from(numbers), depth, `${value.constructor.name}(${numbers.length}) `)
  }
  if (value instanceof Map) return `Map(${value.size}) ${fields([...value], depth, ' => ')}`
  if (value instanceof Set) return `Set(${value.size}) ${braces([...value].map((each) => inspect(each, depth + 1)))}`
  if (value.toString !== Object.prototype.toString) return String(value)
  const name = value.constructor?.name ?? 'Object'
  return `${name === 'Object' ? '' : `${name} `}${fields(Object.entries(value), depth, ': ')}`
}

function list(values: readonly unknown[], depth: number, prefix: string): string {
  if (depth > DEEPEST) return `${prefix}[Array]`
  const shown = values.slice(0, MOST).map((each) => inspect(each, depth + 1))
  if (values.length > MOST) shown.push(`... ${values.length - MOST} more items`)
  return shown.length === 0 ? `${prefix}[]` : `${prefix}[ ${shown.join(', ')} ]`
}

function fields(entries: readonly (readonly [unknown, unknown])[], depth: number, between: string): string {
  if (depth > DEEPEST) return '[Object]'
  const key = (name: unknown) => (typeof name === 'string' && /^[\w$]+$/.test(name) ? name : inspect(name))
  return braces(entries.slice(0, MOST).map(([name, each]) => `${key(name)}${between}${inspect(each, depth + 1)}`))
}

function braces(parts: readonly string[]): string {
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}
