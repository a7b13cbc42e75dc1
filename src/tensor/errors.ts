// The errors that the library throws. A message gives the call, the value received, the value expected and the fix.

/** Base class of all errors of the library. */
export class AlambicError extends Error {
  // A literal, because minifiers rename classes.
  override readonly name: string = 'AlambicError'
}

/** Invalid or incompatible shapes. */
export class ShapeError extends AlambicError {
  override readonly name = 'ShapeError'
}

/** An unsupported or mismatched element type. */
export class DTypeError extends AlambicError {
  override readonly name = 'DTypeError'
}

/** A value outside its range, such as a negative temperature or a NaN observation, or an unknown name. */
export class ValueError extends AlambicError {
  override readonly name = 'ValueError'
}

/** A tensor used after its scope ended. */
export class ScopeError extends AlambicError {
  override readonly name = 'ScopeError'
}

/** An invalid backward pass: no graph, a graph used twice, an output that is not a scalar. */
export class GradientError extends AlambicError {
  override readonly name = 'GradientError'
}

/** An absent device or mode, or tensors of two devices in one operation. */
export class DeviceError extends AlambicError {
  override readonly name = 'DeviceError'
}

/** A checkpoint file that is truncated, of another format, or does not match its target. */
export class CheckpointError extends AlambicError {
  override readonly name = 'CheckpointError'
}

/** A call in the wrong order, such as `step` after the end of an episode. */
export class StateError extends AlambicError {
  override readonly name = 'StateError'
}

/** A NaN or infinite loss during training. */
export class DivergenceError extends AlambicError {
  override readonly name = 'DivergenceError'
}

/** A shape for messages: `[2, 3]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

/** A text or a value as JSON, for messages: at most 80 characters of it. */
export function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/** What was given in another's place, for messages: a class name, `a function`, or the value. */
export function described(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  const name = typeof value === 'object' ? value?.constructor.name : undefined
  if (name && name !== 'Object' && name !== 'Array') return `a ${name}`
  return excerpt(typeof value === 'string' ? JSON.stringify(value) : value)
}

/** Throws a ValueError unless `value` has these methods (`call` is one of every function). */
export function requireMethods(what: string, value: unknown, methods: readonly string[], expected: string): void {
  const given = Object(value) as Record<string, unknown>
  if (methods.every((name) => typeof given[name] === 'function')) return
  throw new ValueError(`${what} is ${described(value)}; expected ${expected}`)
}

export function requireText(what: string, value: unknown): void {
  if (typeof value !== 'string') throw new ValueError(`${what} is ${described(value)}; expected a string`)
}

/** The first names of a list, and their number where there are more. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, 8).map(excerpt).join(', ')
  return names.length > 8 ? `${first}, … (${names.length} in all)` : first
}

/** Longer names, and candidates after the first thousand, are not compared: the time must not grow with a file's. */
const LONGEST_NAME = 80

/** The candidate with the initials `given` (lr: learningRate), or nearest by edit distance, if near enough to be a typing error. */
export function nearestMatch(given: string, candidates: readonly string[]): string | undefined {
  if (given.length > LONGEST_NAME) return undefined
  const initials = (name: string) => name.slice(0, 1) + name.replace(/[^A-Z]/g, '').toLowerCase()
  const abbreviated = candidates.find((each) => given.length > 1 && initials(each) === given.toLowerCase())
  if (abbreviated !== undefined) return abbreviated
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(given.length / 3)) + 1
  for (const candidate of candidates.slice(0, 1000)) {
    if (Math.abs(candidate.length - given.length) >= bestDistance) continue // the distance is at least that
    const distance = editDistance(given.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `unknown environment "CartPol-v1"; known are …. Did you mean "CartPole-v1"?` */
export function unknownName(
  kind: string,
  given: string,
  candidates: readonly string[],
  near = nearestMatch(given, candidates),
): string {
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`
  return `unknown ${kind} "${excerpt(given)}"; known are ${candidates.join(', ')}.${hint}`
}

/** Throws a ValueError with the nearest match on an option whose name is not in `known`, and on options that are not an object. */
export function requireKnown(op: string, options: object, known: readonly string[]): void {
  if (options === null || typeof options !== 'object') {
    throw new ValueError(`${op}: the options are ${excerpt(options)}; expected an object of them`)
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new ValueError(`${op}: ${unknownName('option', name, known)}`)
  }
}

// Levenshtein 1966, one row of the table at a time.
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution))
    }
    previous = current
  }
  return previous[b.length]!
}
