// Runs that are held to the bit: each gives arrays of numbers, of which the SHA-256 is kept in a JSON file beside the test.
// After a change that is meant to move numbers, `UPDATE_GOLDEN=1 npx vitest run --project unit test/golden-bits` rewrites
// the files and prints the names of the runs whose bits are new. `ALAMBIC_THREADS=2` divides every kernel call between threads,
// which takes minutes on a busy machine: add `--testTimeout 300000`.

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HasParameters, parameterList } from '../../src/nn/module.ts'
import type { TypedArray } from '../../src/tensor/storage.ts'
import { divideEverything } from '../support/threads.ts'

/** The arrays that a run ends with, by what they are: `{ student: [...], set: [...] }`. */
export type Numbers = Readonly<Record<string, readonly TypedArray[]>>

/** Runs by name; each builds all that it needs. */
export type Runs = Readonly<Record<string, () => Numbers>>

type Hashes = Readonly<Record<string, string>>

const rewrites = process.env.UPDATE_GOLDEN === '1'

/** SHA-256 of the raw bytes of the arrays, one after the other, in hexadecimal. */
export function hashOf(...arrays: readonly TypedArray[]): string {
  const hash = createHash('sha256')
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest('hex')
}

/** All parameters of an agent or a network, in order. */
export function parametersOf(source: unknown): TypedArray[] {
  return parameterList(source as HasParameters).map((parameter) => parameter.toArray())
}

/**
 * A test a run, which holds it to the hashes in `file`; one that holds the file to the names of the runs; and one that no
 * two runs end alike, or an option would be varied without effect. Those that resume a run, and `alike`, are meant to.
 */
export function holdToBits(title: string, file: string, runs: Runs, alike: readonly (readonly string[])[] = []): void {
  const path = new URL(`./${file}`, import.meta.url)
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, Hashes>>
  const found = new Map<string, Hashes>()

  const threads = Number(process.env.ALAMBIC_THREADS ?? 1)
  const patience = 0.02 // milliseconds: most calls are short

  describe(title, () => {
    const team = threads > 1 ? divideEverything(threads, patience) : null
    beforeAll(() => team)

    it.each(Object.entries(runs))('%s', (name, run) => {
      const hashes = Object.fromEntries(Object.entries(run()).map(([part, arrays]) => [part, hashOf(...arrays)]))
      found.set(name, hashes)
      if (!rewrites) expect(hashes).toEqual(kept[name])
    })

    it('has no hashes of other runs', () => {
      if (!rewrites) expect(Object.keys(kept)).toEqual(Object.keys(runs))
    })

    it('has no two runs with the same bits', () => {
      const names = new Map<string, string[]>()
      for (const [name, hashes] of Object.entries(kept)) {
        if (name.endsWith(', resumed')) continue
        const key = JSON.stringify(hashes)
        names.set(key, [...(names.get(key) ?? []), name])
      }
      if (!rewrites) expect([...names.values()].filter((each) => each.length > 1)).toEqual(alike)
    })

    afterAll(async () => {
      expect((await team)?.helped).not.toBe(0)
      if (rewrites) rewrite(path, kept, found, Object.keys(runs))
    })
  })
}

function rewrite(
  path: URL,
  kept: Readonly<Record<string, Hashes>>,
  found: ReadonlyMap<string, Hashes>,
  names: readonly string[],
): void {
  const entries = names.flatMap((name) => {
    const hashes = found.get(name) ?? kept[name] // with `-t` some did not run
    return hashes === undefined ? [] : [[name, hashes] as const]
  })
  const changed = entries.filter(([name, hashes]) => JSON.stringify(kept[name]) !== JSON.stringify(hashes))
  const gone = Object.keys(kept).filter((name) => !names.includes(name))
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`)
  for (const [name] of changed) process.stdout.write(`${kept[name] === undefined ? 'new' : 'changed'}: ${name}\n`)
  for (const name of gone) process.stdout.write(`gone: ${name}\n`)
}
