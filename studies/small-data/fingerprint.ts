// A short name for a value: 32 bits of FNV-1a over its JSON (Fowler, Noll and Vo). Results carry that of everything they are a
// function of, so that those of an older method or another teacher are not taken for new ones.

/** Eight hexadecimal digits. */
export function fingerprint(value: unknown): string {
  let hash = 0x811c9dc5
  for (const character of JSON.stringify(value)) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
