// Output files. A file is written under a temporary name and renamed: readers see the old file or the new one, never a
// partial one.

import { accessSync, constants, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Makes the folder if it is missing. Throws if files cannot be written there, so call it before the work. */
export function openFolder(path: string): void {
  mkdirSync(path, { recursive: true })
  accessSync(path, constants.W_OK)
}

/** Writes a whole file, replacing one of the same name, and gives its path. Makes the folders of the path. */
export function writeWhole(path: string, data: string | Uint8Array): string {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true })
  const temporary = join(folder, `.${basename(path)}.${process.pid}.part`)
  writeFileSync(temporary, data, { flush: true })
  renameSync(temporary, path)
  return path
}

/** Writes a value as indented JSON and gives the path. */
export function writeJson(path: string, value: unknown): string {
  return writeWhole(path, `${JSON.stringify(value, undefined, 2)}\n`)
}
