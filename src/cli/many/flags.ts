// The flags of commands that train with many seeds: --seeds, --jobs, --shard, --merge.

import { type Command, Option } from 'commander'
import { wholeBetween } from '../../data/options.ts'
import { UsageError } from '../terminal/failures.ts'
import { type RunFlags, valueOption } from '../terminal/options.ts'

export interface GroupFlags extends RunFlags {
  readonly seeds?: readonly number[]
  readonly jobs?: number
  readonly shard?: Shard
  readonly merge?: true
}

/** Part `index` of `count`, from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** @param items what --shard divides */
export function addGroupFlags(command: Command, items: 'seeds' | 'trials'): Command {
  const jobs = wholeBetween(1, 1, 1024, 'runs at a time, each in a process (default: one per core)')
  const shard =
    `do part i of n of the ${items}; auto/n: part JOB_COMPLETION_INDEX + 1 of a Kubernetes job ` +
    '(default: the task of a SLURM array, else everything)'
  return command
    .addOption(new Option('--seeds <list>', 'train with each of them, such as 0-9 or 1,4,7').argParser(parseSeeds))
    .addOption(valueOption('--jobs <n>', jobs).default(undefined))
    .addOption(new Option('--shard <i/n>', shard).argParser((text) => parseShard(text)).conflicts('merge'))
    .option('--merge', 'train nothing; put the results of finished parts together')
}

const MAX_SEED = 0xffff_ffff
const MAX_SEEDS = 10_000

/** `0-9`, `1,4,7` or `0-4,10`: seeds in ascending order. Throws a UsageError on anything else, repeated seeds included. */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const [, from, to = from] = /^\s*(\d{1,10})(?:-(\d{1,10}))?\s*$/.exec(part) ?? []
    const [first, last] = [Number(from), Number(to)]
    if (first <= last && last <= MAX_SEED && last - first < MAX_SEEDS) {
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    }
    const expected = `seeds from 0 to ${MAX_SEED} and ascending ranges, such as 0-9 or 1,4,7`
    throw new UsageError(`--seeds: expected ${expected}, at most ${MAX_SEEDS}, given "${text}"`)
  })
  seeds.sort((a, b) => a - b)
  const twice = seeds.find((seed, i) => seed === seeds[i + 1])
  if (twice !== undefined) throw new UsageError(`--seeds: ${twice} is given twice in "${text}"; give it once`)
  return seeds
}

type Variables = Readonly<Record<string, string | undefined>>

/** `2/8`, or `auto/8` with the index of a Kubernetes job. Throws a UsageError on anything else. */
export function parseShard(text: string, variables: Variables = process.env): Shard {
  const [, part, count] = /^(\d+|auto)\/(\d+)$/.exec(text) ?? []
  const { JOB_COMPLETION_INDEX: completion } = variables
  const shard = { index: part === 'auto' ? Number(completion) + 1 : Number(part), count: Number(count) }
  if (isShard(shard)) return shard
  const variable = part === 'auto' ? ` with JOB_COMPLETION_INDEX=${completion ?? ''}` : ''
  throw new UsageError(`--shard: expected i/n with i from 1 to n, such as 2/8, given "${text}"${variable}`)
}

/** The part of a task of a SLURM array; everything outside of an array. Throws a UsageError on variables that name no part. */
export function shardOfCluster(variables: Variables = process.env): Shard {
  const { SLURM_ARRAY_TASK_ID: id, SLURM_ARRAY_TASK_COUNT: count = '' } = variables
  const { SLURM_ARRAY_TASK_MIN: min = '0', SLURM_ARRAY_TASK_STEP: step = '1' } = variables
  if (id === undefined) {
    if (variables.JOB_COMPLETION_INDEX === undefined) return { index: 1, count: 1 }
    throw new UsageError(
      '--shard: JOB_COMPLETION_INDEX is set; give --shard auto/n with the completions, or 1/1 for all',
    )
  }
  const shard = { index: (Number(id) - Number(min)) / Number(step) + 1, count: Number(count) }
  if (isShard(shard)) return shard
  const given = `SLURM_ARRAY_TASK_ID=${id}, _MIN=${min}, _STEP=${step}, _COUNT=${count}`
  throw new UsageError(`--shard: expected the task of a SLURM array such as 0-7, given ${given}; give i/n`)
}

function isShard({ index, count }: Shard): boolean {
  return Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count
}
