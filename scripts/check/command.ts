// The command line of `npm run check`: its options, and the exit codes 0 (all held), 1 (a counterexample), 2 (bad usage).

import { randomInt } from 'node:crypto'
import { Command, CommanderError, Option } from 'commander'
import { AlambicError, unknownName, ValueError } from '../../src/tensor/index.ts'
import { wholeNumberOption } from '../../studies/lib/options.ts'
import { backends, withBackendOpen } from './backends.ts'
import { casesNamed, everyCase, type Kind, kinds, type NamedCase } from './cases.ts'
import { plantFor, plantNamed } from './plants.ts'
import { describeBroken, listing, summary } from './report.ts'
import { type Outcome, type SearchOptions, search } from './search.ts'

const DEFAULT_RUNS = 1000
const DEFAULT_PLANT = 'softmax-no-sum'
const LARGEST_SEED = 2 ** 31 - 1

const HELP = `
Each case is searched for a call whose gradient differs from its central difference in float64, in any
element of any input, under a random cotangent dy, or whose second gradient differs from the central
difference of the gradient along a random direction. A counterexample is shrunk and printed with the
equation that it breaks and the command that replays it.

With --backend, float32 values and gradients are compared with the reference in float64 instead. A case
that does not run on the backend is "absent" and breaks nothing.

Exit codes: 0 all held, 1 a counterexample, 2 bad usage.

Examples:
  npm run check -- --list                                  names, equations, plants
  npm run check -- --op softmax --runs 100000 --seed 7     one op, 100,000 runs
  npm run check -- --op "max (axis)" --loss huberLoss      several cases
  npm run check -- --all --seconds 5                       every case, five seconds each
  npm run check -- --backend wasm                          float32 on WebAssembly, every case
  npm run check -- --op tanh --plant                       what a failure looks like
  npm run check -- --op tanh --plant --seed 7 --path "0:1" replays the printed counterexample`

type Flags = Partial<Record<Kind, string[]>> & {
  readonly backend?: string
  readonly all?: boolean
  readonly list?: boolean
  readonly plant?: string | true
  readonly runs?: number
  readonly seconds?: number
  readonly seed?: number
  readonly path?: string
}

/** Runs one command line and returns the exit code. Does not throw. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    const program = createProgram().parse([...argv], { from: 'user' })
    const flags = program.opts<Flags>()
    if (flags.list) {
      process.stdout.write(listing())
      return 0
    }
    requireConsistent(flags, program.args)
    return await check(flags)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // commander has printed it
    if (!(error instanceof AlambicError)) throw error
    process.stderr.write(`error: ${error.message}\n`)
    return 2
  }
}

function createProgram(): Command {
  const names = (given: string, before: readonly string[] = []) => [...before, ...given.split(',').map((x) => x.trim())]
  const program = new Command('npm run check --')
    .description('search for counterexamples to the gradients of ops, losses, layers and distributions')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', HELP)
    .allowExcessArguments(true)
    .exitOverride()
  for (const kind of kinds) {
    const plural = kind === 'loss' ? 'losses' : `${kind}s`
    program.addOption(
      new Option(`--${kind} <name>`, `${plural} to check; repeat it, or separate names by commas`).argParser(names),
    )
  }
  return program
    .addOption(
      new Option(
        '--backend <name>',
        `compare float32 values and gradients with the reference in float64 (${Object.keys(backends).join(', ')})`,
      ).argParser((name) => {
        if (Object.hasOwn(backends, name)) return name
        throw new ValueError(`--backend: ${unknownName('backend', name, Object.keys(backends))}`)
      }),
    )
    .option('--all', 'check every case')
    .addOption(wholeNumberOption('--runs', `runs of each case (default ${DEFAULT_RUNS})`, [1, LARGEST_SEED]))
    .addOption(wholeNumberOption('--seconds', 'time for each case instead of a number of runs', [1, 86_400]))
    .addOption(
      wholeNumberOption('--seed', 'the same seed draws the same calls (default: a new one)', [0, LARGEST_SEED]),
    )
    .option('--path <path>', 'replay one run of --seed, as a counterexample prints it')
    .option('--plant [name]', 'replace the backward rule by a wrong one, which the search must find')
    .option('--list', 'print every case with its equation, and every plant')
}

function requireConsistent(flags: Flags, words: readonly string[]): void {
  const named = kinds.some((kind) => flags[kind] !== undefined)
  if (words.length > 0)
    throw new ValueError(`unexpected "${words[0]}"; name a case by --op, --loss, --layer or --distribution`)
  if (flags.runs !== undefined && flags.seconds !== undefined)
    throw new ValueError('--runs and --seconds exclude each other')
  if (flags.all && named) throw new ValueError('--all checks every case; leave the names out, or --all')
  if (flags.plant !== undefined && flags.backend !== undefined) {
    throw new ValueError('--plant breaks a gradient in float64; --backend compares float32. Use one of them')
  }
  if (!named && !flags.all && flags.backend === undefined && flags.plant === undefined) {
    throw new ValueError(
      'nothing to check; give --op, --loss, --layer, --distribution, --backend or --all (--help explains)',
    )
  }
  if (flags.path === undefined) return
  if (flags.seed === undefined) throw new ValueError('--path needs the --seed that was printed with it')
  if (!/^\d+(:\d+)*$/.test(flags.path)) {
    throw new ValueError(`--path: expected numbers joined by colons, such as "12:0:3", given "${flags.path}"`)
  }
}

/** The cases that the flags name, with their plants. */
function selected(flags: Flags): NamedCase[] {
  const given = kinds.flatMap((kind) => (flags[kind] ?? []).flatMap((name) => casesNamed(kind, name)))
  if (flags.plant === undefined) return given.length > 0 ? given : everyCase()
  const name = flags.plant === true ? undefined : flags.plant
  const of = plantNamed(name ?? DEFAULT_PLANT).of ?? { kind: 'op', name: 'softmax' }
  const cases = flags.all ? everyCase() : given.length > 0 ? given : casesNamed(of.kind, of.name)
  return planted(cases, name)
}

/** Plants the named wrong rule in each case; by default the one made for the case. */
function planted(cases: readonly NamedCase[], name?: string): NamedCase[] {
  return cases.map((each) => {
    const plant = name ?? plantFor(each)
    const { of, apply } = plantNamed(plant)
    if (of !== null && (each.kind !== of.kind || each.name !== of.name)) {
      throw new ValueError(
        `--plant ${plant}: it breaks ${of.kind} ${of.name}, not ${each.kind} ${each.name}; --list shows the plants`,
      )
    }
    return { ...each, plant, calls: each.calls.map(apply) }
  })
}

async function check(flags: Flags): Promise<number> {
  const cases = selected(flags)
  if (flags.path !== undefined && cases.length !== 1) {
    const found = cases.map(({ name }) => `"${name}"`).join(', ')
    throw new ValueError(`--path replays one case; ${cases.length} are named: ${found.slice(0, 200)}`)
  }
  const { seed = randomInt(LARGEST_SEED), runs = DEFAULT_RUNS, seconds, path, backend } = flags
  const options: SearchOptions = { seed, runs, seconds, path, backend }
  const outcomes: Outcome[] = []
  const searchAll = async () => {
    for (const each of cases) {
      const outcome = await search(each, options)
      outcomes.push(outcome)
      if (outcome.broken !== null) process.stdout.write(`\n${describeBroken(outcome, options)}\n`)
    }
  }
  await (backend === undefined ? searchAll() : withBackendOpen(backend, searchAll))
  process.stdout.write(`\n${summary(outcomes)}  seed ${seed}\n`)
  return outcomes.some(({ broken }) => broken !== null) ? 1 : 0
}
