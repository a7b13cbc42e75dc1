// `npm run fuzz [-- --seconds N] [--only LOADER] [--seed N] [--out FOLDER] [--replay FILE]`: feeds broken files to every loader. A file
// that reaches new code is kept and changed further. A finding is an error of no documented class, a time or memory over a limit, or an
// accepted file that contradicts itself; each is written to FOLDER/findings. The exit code is 1 if there are any.

import { fork } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Progress } from './fuzz/worker.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    out: { type: 'string', default: 'runs/fuzz' },
    replay: { type: 'string' },
  },
})
const { only, out, replay } = values
const HANGING = 20_000 // milliseconds without a word

if (replay === undefined) process.exitCode = await fuzz()
else await replayFile(replay)

/** Reads one finding again; its loader is the first line of the text beside it. */
async function replayFile(path: string): Promise<void> {
  const { loaders } = await import('./fuzz/loaders.ts')
  const [name] = readFileSync(`${path}.txt`, 'utf8').split('\n')
  const loader = loaders.find((each) => each.name === name)
  if (loader === undefined) throw new Error(`there is no loader "${name}"`)
  console.log(`${name} reads ${path}`)
  loader.read(new Uint8Array(readFileSync(path)))
  console.log('accepted')
}

async function fuzz(): Promise<number> {
  mkdirSync(join(out, 'findings'), { recursive: true })
  const ends = Date.now() + 1000 * Number(values.seconds)
  const total = { inputs: 0, kept: 0, blocks: 0, findings: 0 }
  // A worker that hung or ran out of memory is a finding, and another one goes on.
  for (let round = 0; Date.now() < ends; round++) {
    const { last, died } = await work(Number(values.seed) + round, ends, total.inputs)
    total.inputs += last.inputs
    total.findings += last.findings + (died === null ? 0 : 1)
    total.kept = last.kept
    total.blocks = Math.max(total.blocks, last.blocks)
    if (died === null) break
    if (last.loader === 'start') throw new Error(`fuzz: the worker did not start: ${died}`)
    const name = `died-${round}-${values.seed}`
    copyFileSync(join(out, 'current'), join(out, 'findings', name))
    writeFileSync(join(out, 'findings', `${name}.txt`), `${last.loader}\n${died}\n`)
    console.log(`${last.loader}: ${died} (${join(out, 'findings', name)})`)
  }
  const { inputs, blocks, kept, findings } = total
  console.log(
    `${inputs} inputs, ${blocks} blocks of src/ covered, ${kept} files kept, ${findings} findings (seed ${values.seed})`,
  )
  return findings === 0 ? 0 : 1
}

/** One worker, until the time is over or it dies. */
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
