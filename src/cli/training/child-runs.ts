// Trains and evaluates several runs side by side, each in child processes that call `alambic resume` and `alambic evaluate`.
// Read next: train-seeds.ts.

import { fork } from 'node:child_process'
import { AlambicError } from '../../tensor/errors.ts'
import { type RunConfig, RunFolder, TIMINGS } from '../runs/run-folder.ts'
import { UsageError } from '../terminal/failures.ts'
import { continuable, isStopped, type StepMessage } from '../terminal/interrupt.ts'
import { namesIn } from '../terminal/output-folder.ts'
import { startProgress } from '../terminal/progress.ts'
import { readJson } from './report.ts'

/** One training with one seed. */
export interface Job {
  readonly seed: number
  /** Its run folder. */
  readonly path: string
  readonly config: RunConfig
}

/** Milliseconds in which the children save and exit after a signal. */
const GRACE = 3000

/** Seconds of training and evaluation, and whether both are done. */
interface Timings {
  readonly seconds: number
  readonly finished: boolean
}

export function timingsOf({ path }: Job): Timings {
  return readJson(path, TIMINGS) ?? { seconds: 0, finished: false }
}

/**
 * Finishes the jobs, at most `width` at a time, and skips finished ones. Returns the errors of those that failed. A signal stops all
 * children; the same command line continues.
 */
export async function finishJobs(title: string, jobs: readonly Job[], width: number, checkpointSeconds: number) {
  const failures = new Map<Job, string>()
  const waiting = jobs.filter((job) => !timingsOf(job).finished)
  const count = waiting.length
  if (count === 0) return failures
  const totalOf = ({ config }: Job) => Number(config.options.totalTimesteps)
  const steps = new Map<Job, number>()
  const progress = startProgress(title, sumOf(waiting.map(totalOf)), 'steps')
  let ended = 0
  const update = (job: Job, step: number) => {
    steps.set(job, step)
    const failed = failures.size === 0 ? '' : `, ${failures.size} failed`
    progress.update(sumOf([...steps.values()]), `${ended} of ${count} runs${failed}`)
  }
  const work = async () => {
    for (let job = waiting.shift(); job !== undefined && !isStopped(); job = waiting.shift()) {
      const current = job
      const error = await finishJob(job, checkpointSeconds, (step) => update(current, step))
      if (error === undefined) ended++
      else failures.set(job, error)
      update(job, totalOf(job))
    }
  }
  await continuable(shellLine(process.argv.slice(2)), GRACE, async () => {
    await Promise.all(Array.from({ length: Math.min(width, count) }, work))
    if (isStopped()) process.exit()
  })
  progress.finish()
  return failures
}

/** Trains and evaluates one run. Returns the message of an error. */
async function finishJob(job: Job, checkpointSeconds: number, onStep: (step: number) => void) {
  const { path, config } = job
  const before = timingsOf(job).seconds
  const started = performance.now()
  try {
    const isNew = namesIn(path).length === 0
    const run = isNew ? RunFolder.create(path, config) : RunFolder.open(path)
    const body = async () => {
      let finished = false
      try {
        await runCommand(['resume', path, '--checkpoint-seconds', String(checkpointSeconds)], onStep)
        await runCommand(['evaluate', path], onStep)
        finished = true
      } finally {
        const seconds = before + (performance.now() - started) / 1000
        if (run.hasBegun) run.folder.writeJson(TIMINGS, { seconds, finished } satisfies Timings)
      }
    }
    await (isNew ? run.attempt(body) : body())
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Runs `alambic` in a child process. Rejects with its error: a UsageError if the exit code is 2. */
function runCommand(argv: readonly string[], onStep: (step: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ALAMBIC_THREADS: '1', ...process.env } // the cores are for other runs
    const child = fork(process.argv[1]!, argv, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    const watch = setInterval(() => {
      if (!isStopped()) return
      clearInterval(watch)
      child.kill('SIGTERM')
    }, 50)
    let said = ''
    child.stderr!.on('data', (chunk) => {
      said = (said + chunk).slice(-4000)
    })
    child.on('message', ({ step }: StepMessage) => onStep(step))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearInterval(watch)
      if (code === 0) return resolve()
      const reason = /^error: (.*)$/m.exec(said)?.[1] ?? `its process ended by ${signal ?? `exit code ${code}`}`
      reject(new (code === 2 ? UsageError : AlambicError)(reason))
    })
  })
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** A command line as a shell reads it: `alambic train ppo --env CartPole-v1`. Quotes what a shell would expand. */
export function shellLine(argv: readonly string[]): string {
  const quoted = argv.map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : `'${each.replaceAll("'", "'\\''")}'`))
  return ['alambic', ...quoted].join(' ')
}
