// The command-line parser: its commands and its error messages. Each command is a module of commands/.
// Read next: terminal/failures.ts for exit codes, terminal/options.ts for checked options.

import { Command, CommanderError } from 'commander'
import { unknownName } from '../tensor/errors.ts'
import { setThreads } from '../tensor/threads/threads.ts'
import { registerDemo } from './commands/demo.ts'
import { registerDistill } from './commands/distill.ts'
import { registerExport } from './commands/export.ts'
import { registerEvaluate, registerInspect, registerList } from './commands/inspect.ts'
import { registerRecord, registerWatch } from './commands/play.ts'
import { registerReport, registerResume, registerTrain } from './commands/train.ts'
import { description, version } from './runs/run-folder.ts'
import { importGiven, importModules } from './runs/user-modules.ts'
import { reportFailure, UsageError } from './terminal/failures.ts'

export type Register = (program: Command) => void

/** Runs one command line (without the program name) and returns the exit code. Never throws. */
export async function run(given: readonly string[], registers: readonly Register[] = commands): Promise<number> {
  try {
    const argv = await importGiven(given)
    const program = createProgram(registers)
    const incomplete = commandOf(program, argv)
    if (incomplete !== undefined) {
      incomplete.outputHelp({ error: incomplete !== program })
      return incomplete === program ? 0 : 2
    }
    await program.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    // commander throws after printing help or the version, with exit code 0.
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return reportFailure(error)
  }
}

/** The command whose name is the whole line although it takes more: `alambic`, `alambic train`, `alambic evaluate`. */
function commandOf(program: Command, argv: readonly string[]): Command | undefined {
  let command: Command | undefined = program
  for (const name of argv) command = command?.commands.find((each) => each.name() === name)
  if (command === undefined) return undefined
  const { commands, registeredArguments } = command
  return commands.length > 0 || registeredArguments.some(({ required }) => required) ? command : undefined
}

export function createProgram(registers: readonly Register[]): Command {
  const program = new Command('alambic')
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: () => {} }) // reportFailure prints errors as one line
    .hook('preAction', (_, command) => {
      const { threads } = command.opts<{ threads?: number | 'auto' }>()
      if (threads !== undefined) setThreads(threads)
      return importModules(command)
    })
  for (const register of registers) {
    try {
      register(program)
    } catch (error) {
      throw new UsageError(`an option of a registered algorithm needs another name: ${(error as Error).message}`)
    }
  }
  answerWrongInput(program)
  return program
}

/** Besides the options whose default is a list. */
const repeatable = ['set', 'import']

/** Rejects repeated options, empty values and control characters. */
function checkGiven(command: Command): void {
  for (const option of command.options) {
    let isGiven = false
    command.on(`option:${option.name()}`, (value?: string) => {
      const fail = (what: string) => {
        throw new UsageError(`${command.name()}: ${option.long} ${what}`)
      }
      const isRepeatable = repeatable.includes(option.name()) || Array.isArray(option.defaultValue)
      if (isGiven && !isRepeatable) fail('is given twice; give it once')
      isGiven = true
      if (value === '' && option.parseArg === undefined) fail('is empty; give it a value or leave it out')
      if (/\p{Cc}/u.test(value ?? '')) fail(`is ${JSON.stringify(value)}; expected text of one line`)
    })
  }
}

/** Converts parser errors into usage errors that name the allowed values and the nearest match. */
function answerWrongInput(command: Command): void {
  checkGiven(command)
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : new UsageError(usageMessage(command, error))
  })
  for (const each of command.commands) answerWrongInput(each)
}

function usageMessage(command: Command, error: CommanderError): string {
  const given = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  if (error.code === 'commander.unknownCommand') {
    const names = command.commands.map((each) => each.name())
    const own = names.includes('ppo') ? ' An algorithm of yours needs --import.' : ''
    return unknownName('command', given, names) + own
  }
  if (error.code === 'commander.unknownOption') {
    const flags = command.options.map((each) => each.long ?? each.flags)
    return `${command.name()}: ${unknownName('option', given, [...flags, '--help'])}`
  }
  return `${command.name()}: ${error.message.replace(/^error: /, '')}`
}

export const commands: readonly Register[] = [
  registerDemo,
  registerTrain,
  registerResume,
  registerReport,
  registerEvaluate,
  registerDistill,
  registerExport,
  registerWatch,
  registerRecord,
  registerInspect,
  registerList,
]
