// Stored results and teachers carry the option names of the version that wrote them. Fingerprints are computed from the stored
// names, so renaming an option does not invalidate hours of computing: it takes one line here.

/** Current name of an option, target or mode → its name in stored files. Applied to object keys and to text values. */
export const storedNames: Readonly<Record<string, string>> = {}

/** Settings whose form has changed beyond names: `fingerprint` of the current settings → the settings as stored. */
export const storedSettings: Readonly<Record<string, unknown>> = {}

type Names = Readonly<Record<string, string>>

/** A JSON value with every name as in stored files. */
export function withStoredNames(value: unknown, names: Names = storedNames): unknown {
  return renamed(value, (name) => (Object.hasOwn(names, name) ? names[name]! : name))
}

/** A JSON value read from a file, with every name as it is now. */
export function withCurrentNames<Value>(stored: Value, names: Names = storedNames): Value {
  const current = new Map(Object.entries(names).map(([now, then]) => [then, now]))
  return renamed(stored, (name) => current.get(name) ?? name) as Value
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (typeof value === 'string') return rename(value)
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [rename(name), renamed(each, rename)]))
}
