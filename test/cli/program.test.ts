import type { Command } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { run } from '../../src/cli/program.ts'
import { FileError } from '../../src/cli/terminal/failures.ts'
import { choiceOption, seedOption, valueOption } from '../../src/cli/terminal/options.ts'
import { between, count } from '../../src/data/options.ts'
import { DivergenceError, ValueError } from '../../src/tensor/errors.ts'
import { captureCommands } from './capture.ts'

const captured = captureCommands()

const seen: unknown[] = []
function registerTrain(program: Command): void {
  program
    .command('train')
    .description('train a teacher')
    .addOption(seedOption())
    .addOption(valueOption('--steps <n>', count(100, 'environment steps')))
    .addOption(valueOption('--temperature <x>', between(1, 0.001, 100, 'softness of the targets')))
    .addOption(choiceOption('--env <id>', 'the environment', ['CartPole-v1', 'Acrobot-v1']))
    .action((options) => {
      seen.push(options)
    })
}

function registerFail(error: unknown): (program: Command) => void {
  return (program) => {
    program.command('fail').action(async () => {
      throw error
    })
  }
}

const alambic = (...argv: string[]) => run(argv, [registerTrain])
const oneErrorLine = /^error: [^\n]+\n$/

describe('help and version', () => {
  it('prints the help, with every command, on request and when nothing is asked', async () => {
    expect(await alambic('--help')).toBe(0)
    expect(captured.out).toContain('Usage: alambic')
    expect(captured.out).toContain('train')
    const asked = captured.out
    captured.out = ''
    expect(await alambic()).toBe(0)
    expect(captured.out).toBe(asked)
    expect(captured.errors).toBe('')
  })

  it("prints a command's help", async () => {
    expect(await alambic('train', '--help')).toBe(0)
    expect(captured.out).toContain('--env <id>')
  })

  it.each([['train'], ['evaluate'], ['inspect'], ['inspect', 'agent']])(
    'prints the help of %s %s alone, which needs more, as a failure without an error',
    async (...argv) => {
      expect(await run(argv)).toBe(2)
      expect(captured.errors).toMatch(new RegExp(`^Usage: alambic ${argv.join(' ')} `))
      expect(captured.errors).not.toContain('error:')
      expect(captured.out).toBe('')
    },
  )

  it('prints the version of package.json', async () => {
    expect(await alambic('--version')).toBe(0)
    expect(captured.out).toBe(`${packageJson.version}\n`)
  })
})

describe('right input', () => {
  it('reaches the command as numbers and names', async () => {
    expect(await alambic('train', '--seed', '7', '--steps', '5e3', '--env', 'CartPole-v1')).toBe(0)
    expect(seen.pop()).toEqual({ seed: 7, steps: 5000, temperature: 1, env: 'CartPole-v1' })
  })
})

describe('wrong input: exit code 2 and one line that says what was given, what is allowed and the nearest match', () => {
  it.each([
    [['trian'], /unknown command "trian"; known are train.*Did you mean "train"\?/],
    [['train', '--sed', '7'], /train: unknown option "--sed"; known are --seed.*Did you mean "--seed"\?/],
    [['--verison'], /unknown option "--verison"; known are --version, --help. Did you mean "--version"\?/],
    [
      ['train', '--env', 'CartPol-v1'],
      /--env: .*"CartPol-v1"; known are CartPole-v1, Acrobot-v1.*mean "CartPole-v1"\?/,
    ],
    [['train', '--seed', 'seven'], /--seed: expected a whole number from 0 to 4294967295, given "seven"/],
    [['train', '--seed', '-1'], /--seed: expected a whole number .*given "-1"/],
    [['train', '--seed', '1.5'], /--seed: expected a whole number .*given "1.5"/],
    [['train', '--seed', ''], /--seed: expected a whole number .*given ""/],
    [['train', '--steps', '0'], /--steps: expected a whole number from 1 on, given "0"/],
    [['train', '--temperature', 'Infinity'], /--temperature: expected a number from 0.001 to 100, given "Infinity"/],
    [['train', '--temperature', '0'], /--temperature: expected a number from 0.001 to 100, given "0"/],
    [['train', '--seed'], /--seed <n>.* argument missing/],
    [['train', 'what', 'is', 'this'], /too many arguments/],
  ])('%j', async (argv, expected) => {
    expect(await alambic(...argv)).toBe(2)
    expect(captured.errors).toMatch(oneErrorLine)
    expect(captured.errors).toMatch(expected)
    expect(captured.out).toBe('')
  })
})

describe('failures', () => {
  it.each([
    [new ValueError('temperature: expected more than 0, given 0'), 2, /temperature/],
    [new DivergenceError('loss is NaN at step 12'), 1, /step 12/],
    [new FileError('cannot write "a": no space is left on the disk'), 1, /no space/],
    [
      new TypeError('x is not\n  a function'),
      1,
      /unexpected TypeError: x is not a function \(ALAMBIC_DEBUG=1 shows where\)/,
    ],
    ['a string', 1, /unexpected thrown value: a string/],
  ])('%s: exit code %i, one line', async (error, code, expected) => {
    expect(await run(['fail'], [registerFail(error)])).toBe(code)
    expect(captured.errors).toMatch(oneErrorLine)
    expect(captured.errors).toMatch(expected)
  })

  it('show their stack when ALAMBIC_DEBUG is set', async () => {
    vi.stubEnv('ALAMBIC_DEBUG', '1')
    await run(['fail'], [registerFail(new TypeError('broken'))])
    expect(captured.errors).toContain('    at ')
  })
})
