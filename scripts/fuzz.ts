// `npm run fuzz`: feeds broken files to every loader. `-- --help` lists the options. A file that reaches new code is kept and changed
// further. A finding is an error of no documented class, a time or memory over a limit, or an accepted file that contradicts itself.

import { fork } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { wholeNumberOption } from '../studies/lib/options.ts'
import { flagsOf, refuse } from './flags.ts'
import type { Progress } from './fuzz/worker.ts'

interface Flags {
  readonly seconds: number
  readonly inputs: number
  readonly only: string
  readonly seed: number
  readonly out: string
  readonly replay?: string
}

const HANGING = 20_000 // milliseconds without a message

const command = new Command('npm run fuzz --')
  .description('feeds broken files to every loader of the library and of the command')
  .addOption(wholeNumberOption('--seconds', 'how long', [1, 1e6]).default(60))
  .addOption(wholeNumberOption('--inputs', 'stop after as many files', [1, 1e9]).default(Infinity, 'none'))
  .option('--only <loader>', 'loaders with this in their name', '')
  .addOption(wholeNumberOption('--seed', 'of the changes', [0, 2 ** 31]).default(Date.now() % 2 ** 31, 'the clock'))
  .option(
    '--out <folder>',
    'for findings, and for the files that reach new code, where a later run starts',
    'runs/fuzz',
  )
  .option('--replay <file>', 'read one finding again')
  .addHelpText('after', '\nExit codes: 0 no finding, 1 a finding, 2 bad usage.')
const { only, out, replay, seed, seconds, inputs: mostInputs } = flagsOf<Flags>(command)

if (replay === undefined) process.exitCode = await fuzz()
else await replayFile(replay)

/** Reads one finding again; its loader is the first line of the text beside it. */
async function replayFile(path: string): Promise<void> {
  const { loaders } = await import('./fuzz/loaders.ts')
  for (const each of [path, `${path}.txt`]) if (!existsSync(each)) refuse(`--replay: there is no file ${each}`)
  const [name] = readFileSync(`${path}.txt`, 'utf8').split('\n')
  const loader = loaders.find((each) => each.name === name)
  if (loader === undefined) refuse(`there is no loader "${name}"`)
  console.log(`${name} reads ${path}`)
  loader.read(new Uint8Array(readFileSync(path)))
  console.log('accepted')
}

async function fuzz(): Promise<number> {
  const { loaders } = await import('./fuzz/loaders.ts')
  const names = loaders.map(({ name }) => name)
  if (!names.some((name) => name.includes(only))) {
    refuse(`--only: no loader has "${only}" in its name; there are ${names.join(', ')}`)
  }
  mkdirSync(join(out, 'findings'), { recursive: true })
  const started = Date.now()
  const ends = started + 1000 * seconds
  const total = { inputs: 0, kept: 0, blocks: 0, findings: 0 }
  // A worker that hangs or runs out of memory is a finding; a new one takes over.
  for (let round = 0; Date.now() < ends && total.inputs < mostInputs; round++) {
    const { last, died } = await work(seed + round, ends, total.inputs)
    total.inputs += last.inputs
    total.findings += last.findings + (died === null ? 0 : 1)
    total.kept = last.kept
    total.blocks = Math.max(total.blocks, last.blocks)
    if (died === null) break
    if (last.loader === 'start') throw new Error(`fuzz: the worker did not start: ${died}`)
    const name = `died-${round}-${seed}`
    writeFileSync(join(out, 'findings', name), currentFile())
    writeFileSync(join(out, 'findings', `${name}.txt`), `${last.loader}\n${died}\n`)
    console.log(`${last.loader}: ${died} (${join(out, 'findings', name)})`)
  }
  const { inputs, blocks, kept, findings } = total
  const took = ((Date.now() - started) / 1000).toFixed(0)
  console.log(
    `${inputs} inputs in ${took} s, ${blocks} blocks of src/ covered, ${kept} files kept, ${findings} findings (seed ${seed})`,
  )
  return findings === 0 ? 0 : 1
}

/** What the worker read when it died: the number of its bytes, and they. */
function currentFile(): Uint8Array {
  const bytes = readFileSync(join(out, 'current'))
  return bytes.subarray(4, 4 + bytes.readUint32LE())
}

/** One worker, until the time is over, the inputs are read, or it dies. */
function work(seed: number, ends: number, before: number): Promise<{ last: Progress; died: string | null }> {
  const worker = fileURLToPath(new URL('./fuzz/worker.ts', import.meta.url))
  const execArgv = [...process.execArgv, '--max-old-space-size=1500']
  const child = fork(worker, [out, only, String(seed)], { execArgv })
  let last: Progress = { inputs: 0, kept: 0, blocks: 0, findings: 0, loader: 'start' }
  let heard = Date.now()
  let shown = Date.now()
  let died: string | null = null
  let over = false
  child.on('message', (message: Progress | { finding: string }) => {
    heard = Date.now()
    if ('finding' in message) {
      console.log(`finding: ${message.finding}`)
      return
    }
    last = message
    if (before + last.inputs >= mostInputs) over = true
    if (heard - shown < 5000) return
    shown = heard
    const { inputs, kept, blocks, findings, loader } = last
    console.log(`${before + inputs} inputs, ${blocks} blocks, ${kept} files kept, ${findings} findings; ${loader}`)
  })
  const watch = setInterval(() => {
    if (Date.now() >= ends) over = true
    else if (Date.now() - heard > HANGING) died = `no answer for ${HANGING / 1000} s`
    if (over || died !== null) child.kill('SIGKILL')
  }, 200)
  return new Promise((resolve) =>
    child.on('exit', (code, signal) => {
      clearInterval(watch)
      if (!over) died ??= `the process ended with ${code ?? signal} in ${basename(out)}`
      resolve({ last, died: over ? null : died })
    }),
  )
}
