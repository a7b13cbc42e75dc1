// Feeds changed files to the loaders, in a process of its own that ../fuzz.ts watches. Keeps files that reach new code and
// records findings.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import { AlambicError } from '../../src/tensor/errors.ts'
import { Rng } from '../../src/tensor/random.ts'
import { Coverage } from './coverage.ts'
import { type Loader, loaders } from './loaders.ts'
import { mutate } from './mutate.ts'

const SLOWEST = 1000 // milliseconds of the processor, whatever else it does, and as much again for each 100 kB
const LARGEST = 200e6 // bytes that one file may take
// Files between two looks at the coverage, which take as long as many files: more after each look that found nothing new.
const SHORTEST_BATCH = 25
const LONGEST_BATCH = 800

const [folder, only, seed] = process.argv.slice(2) as [string, string, string]
const rng = new Rng(Number(seed))
const coverage = new Coverage()
const findings = new Set<string>()

export interface Progress {
  readonly inputs: number
  readonly kept: number
  readonly blocks: number
  readonly findings: number
  /** The loader under test. */
  readonly loader: string
}

let usedBefore = used()

/** What a loader did wrong with a file; null if nothing. */
function wrongWith({ read }: Loader, file: Uint8Array): string | null {
  const before = usedBefore
  const started = process.cpuUsage()
  let wrong: string | null = null
  try {
    read(file)
  } catch (error) {
    if (!(error instanceof AlambicError)) {
      const { name, message, stack = '' } = error as Error
      wrong = `${name}: ${message.slice(0, 200)} ${/\(?(\S*src\/\S+)\)?/.exec(stack)?.[1] ?? ''}`
    } else if (error.message.length > 20_000) wrong = `a message of ${error.message.length} characters`
  }
  const { user, system } = process.cpuUsage(started)
  const milliseconds = (user + system) / 1000
  if (milliseconds > SLOWEST * (1 + file.length / 100_000)) wrong ??= 'time over the limit'
  usedBefore = used()
  if (usedBefore - before > LARGEST) wrong ??= 'memory over the limit'
  return wrong
}

function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function note(loader: Loader, file: Uint8Array, wrong: string): void {
  const key = `${loader.name} ${wrong.replace(/\d+/g, 'n').replace(/"[^"]*"/g, '"…"')}`
  if (findings.has(key)) return
  // A slow machine is not a finding: the failure must repeat.
  if (wrongWith(loader, file) === null) return
  findings.add(key)
  const name = `${loader.name.replaceAll(' ', '-')}-${createHash('sha256').update(file).digest('hex').slice(0, 12)}`
  mkdirSync(join(folder, 'findings'), { recursive: true })
  writeFileSync(join(folder, 'findings', name), file)
  writeFileSync(join(folder, 'findings', `${name}.txt`), `${loader.name}\n${wrong}\n`)
  process.send?.({ finding: `${loader.name}: ${wrong} (${join(folder, 'findings', name)})` })
}

/** Seed files of a loader: valid ones, and those kept by earlier runs. */
function corpusOf(loader: Loader): Uint8Array[] {
  const kept = join(folder, 'corpus', loader.name.replaceAll(' ', '-'))
  const earlier = existsSync(kept)
    ? readdirSync(kept).map((each) => new Uint8Array(readFileSync(join(kept, each))))
    : []
  return [...loader.seeds(), ...earlier]
}

function keep(loader: Loader, file: Uint8Array): void {
  const kept = join(folder, 'corpus', loader.name.replaceAll(' ', '-'))
  mkdirSync(kept, { recursive: true })
  writeFileSync(join(kept, createHash('sha256').update(file).digest('hex').slice(0, 16)), file)
}

const corpora = loaders
  .filter(({ name }) => name.includes(only))
  .map((loader) => ({ loader, files: corpusOf(loader), batch: SHORTEST_BATCH }))
for (const { loader, files } of corpora) {
  if (files.length === 0) throw new Error(`the loader "${loader.name}" has no file to start from`)
  for (const [i, file] of files.entries()) {
    const wrong = wrongWith(loader, file)
    if (wrong !== null) note(loader, file, wrong)
    else if (i === 0) loader.read(file) // the first seed is a whole file and must be read
  }
}
const seen = coverage.take()

// What is read now, for ../fuzz.ts where this process dies of it: the number of its bytes, and they. Opened once, since opening a
// file takes longer than reading most of them.
const current = openSync(join(folder, 'current'), 'w')
function noteCurrent(file: Uint8Array): void {
  writevSync(current, [Uint32Array.of(file.length), file], 0)
}

/** The files among `tried` that reach the blocks `fresh`, the first for each block, by halves: a look costs as much as many files. */
function reaching(fresh: Set<string>, loader: Loader, tried: readonly Uint8Array[]): readonly Uint8Array[] {
  if (fresh.size === 0 || tried.length === 0) return []
  for (const file of tried) wrongWith(loader, file)
  const reached = [...coverage.take()].filter((block) => fresh.has(block))
  if (reached.length === 0) return []
  if (tried.length > 1) {
    const half = tried.length >> 1
    return [...reaching(fresh, loader, tried.slice(0, half)), ...reaching(fresh, loader, tried.slice(half))]
  }
  for (const block of reached) fresh.delete(block)
  return tried
}

let inputs = 0
function batch(): void {
  for (const corpus of corpora) {
    const { loader, files } = corpus
    tell(loader)
    const tried: Uint8Array[] = []
    const until = performance.now() + 200 // milliseconds: trainings are slower than trees, and get no more time
    while (tried.length < corpus.batch && performance.now() < until) {
      const file = mutate(files[rng.integer(files.length)]!, files[rng.integer(files.length)]!, rng)
      noteCurrent(file)
      tried.push(file)
      const wrong = wrongWith(loader, file)
      if (wrong !== null) note(loader, file, wrong)
    }
    inputs += tried.length
    tell(loader)
    const fresh = new Set([...coverage.take()].filter((block) => !seen.has(block)))
    for (const block of fresh) seen.add(block)
    corpus.batch = fresh.size > 0 ? SHORTEST_BATCH : Math.min(2 * corpus.batch, LONGEST_BATCH)
    for (const file of reaching(fresh, loader, tried)) {
      files.push(file)
      keep(loader, file)
    }
  }
  setImmediate(batch)
}

function tell({ name }: Loader): void {
  const kept = corpora.reduce((sum, { files }) => sum + files.length, 0)
  const progress: Progress = { inputs, kept, blocks: seen.size, findings: findings.size, loader: name }
  process.send?.(progress)
}

batch()
