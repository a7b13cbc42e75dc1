// `npm run test:mutants`: mutation testing with hand-written errors. Breaks the engine, the networks and
// the algorithms in one place at a time, in a copy of the project, runs the tests that should notice, and reports the survivors.
// The errors are listed in mutants/. Minutes, not seconds.

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { wholeNumberOption } from '../studies/lib/options.ts'
import { flagsOf, refuse } from './flags.ts'
import { algorithmMutants } from './mutants/algorithms.ts'
import { environmentMutants } from './mutants/environments.ts'
import { kernelMutants } from './mutants/kernels.ts'
import type { Mutant } from './mutants/mutant.ts'
import { networkMutants } from './mutants/networks.ts'
import { operationMutants } from './mutants/operations.ts'

type Fate = 'killed' | 'SURVIVED' | 'STALE' | 'equivalent'

const root = fileURLToPath(new URL('..', import.meta.url))
const NOT_COPIED = new Set(['.git', 'dist', 'node_modules', 'runs'])
const LONGEST_RUN = 180_000 // milliseconds; an error that makes a test hang is noticed

const { only, jobs } = flagsOf<{ readonly only: string; readonly jobs: number }>(
  new Command('npm run test:mutants --')
    .description('breaks the source in one listed place at a time, and reports what no test notices')
    .option('--only <text>', 'errors with this in their file or text', '')
    .addOption(wholeNumberOption('--jobs', 'copies of the project at work', [1, 64]).default(availableParallelism()))
    .addHelpText('after', '\nExit codes: 0 all noticed, 1 one survived or is not in the source any more, 2 bad usage.'),
)
const all = [...operationMutants, ...kernelMutants, ...networkMutants, ...environmentMutants, ...algorithmMutants]
const mutants = all.filter(({ file, find }) => `${file} ${find}`.includes(only))
if (mutants.length === 0) refuse(`--only: no error of the lists has "${only}" in its file or text`)

/** A copy of the project, with the installed packages linked. */
function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'))
  for (const part of readdirSync(root)) {
    if (NOT_COPIED.has(part)) continue
    cpSync(join(root, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** True if the tests pass. `stdio` says whether to show what they print. */
function testsPass(copy: string, tests: readonly string[], stdio: 'ignore' | 'inherit' = 'ignore'): Promise<boolean> {
  const options = ['--project', 'unit', '--bail', '1']
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...options, ...tests], {
      cwd: copy,
      stdio,
      timeout: stdio === 'ignore' ? LONGEST_RUN : 0,
      killSignal: 'SIGKILL',
    })
    child.on('exit', (code) => resolve(code === 0))
  })
}

async function fateOf(mutant: Mutant, copy: string): Promise<Fate> {
  const path = join(copy, mutant.file)
  const original = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (original.split(mutant.find).length !== 2) return 'STALE'
  if (mutant.equivalent !== undefined) return 'equivalent'
  writeFileSync(
    path,
    original.replace(mutant.find, () => mutant.replace),
  )
  try {
    return (await testsPass(copy, mutant.tests)) ? 'SURVIVED' : 'killed'
  } finally {
    writeFileSync(path, original)
  }
}

function oneLine(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length > 70 ? `${line.slice(0, 69)}…` : line
}

const copies = Array.from({ length: jobs }, copyProject)
const fates = new Map<Mutant, Fate>()
try {
  const tests = [...new Set(mutants.flatMap((mutant) => mutant.tests))]
  if (!(await testsPass(copies[0]!, tests, 'inherit'))) throw new Error('the tests fail without any error put in')
  const waiting = [...mutants]
  const work = async (copy: string) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const fate = await fateOf(mutant, copy)
      fates.set(mutant, fate)
      const change = mutant.replace === '' ? 'left out' : `→ ${oneLine(mutant.replace)}`
      console.log(`${fate.padEnd(10)} ${mutant.file}: ${oneLine(mutant.find)} ${change}`)
    }
  }
  await Promise.all(copies.map(work))
} finally {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true })
}

const count = (fate: Fate) => [...fates.values()].filter((each) => each === fate).length
console.log(
  `\n${fates.size} errors: ${count('killed')} killed, ${count('SURVIVED')} survived, ${count('equivalent')} equivalent, ${count('STALE')} stale`,
)
for (const [{ file, find, equivalent }, fate] of fates) {
  if (fate === 'equivalent') console.log(`  equivalent, ${file}: ${oneLine(find)}: ${equivalent}`)
  if (fate === 'STALE') console.log(`  stale, ${file}: the text is not there exactly once: ${oneLine(find)}`)
}
process.exitCode = count('SURVIVED') + count('STALE') > 0 ? 1 : 0
