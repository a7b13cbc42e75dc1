// Executes README.md: every TypeScript block runs by itself against the source and must print what its `// →` comments say;
// every command of a bash block must exist.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { commands, createProgram } from '../src/cli/program.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The fenced blocks of these languages, each with the line it starts on. */
function blocks(...languages: string[]): { line: number; code: string }[] {
  return [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
    .filter((match) => languages.includes(match[1]!))
    .map((match) => ({ line: readme.slice(0, match.index).split('\n').length + 1, code: match[2]! }))
}

/** Programs of docs/your-own.md, for their types; test/docs/pages.test.ts runs them. */
const guide = [...readFileSync(join(root, 'docs/your-own.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)]

const programs = blocks('ts', 'typescript', 'js', 'javascript')

describe('the programs of the README', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'alambic-readme-'))
    for (const { line, code } of programs) writeFileSync(join(folder, `line-${line}.mts`), code)
    for (const { index, 1: code } of guide) writeFileSync(join(folder, `guide-line-${index}.mts`), code!)
    const paths = { alambic: [`${root}src/index.ts`], 'alambic/*': [`${root}src/*/index.ts`] }
    const typeRoots = [`${root}node_modules/@types`]
    const settings = { extends: `${root}tsconfig.json`, compilerOptions: { paths, typeRoots }, include: ['*.mts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('there are some', () => expect(programs.length).toBeGreaterThanOrEqual(3))

  it('have the right types', { timeout: 90_000 }, () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    expect(stdout.split('\n').filter((text) => /^\S*line-/.test(text))).toEqual([])
  })

  it.concurrent.each(programs)('line $line runs and prints what it says', async ({ line, code }) => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), `line-${line}.mts`], { cwd: folder })
    const printed = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk) => {
      printed.stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      printed.stderr += chunk
    })
    const exitCode = await new Promise((resolve) => child.on('close', resolve))
    expect({ exitCode, stderr: printed.stderr }).toEqual({ exitCode: 0, stderr: '' })
    const expected = [...code.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1]!.trim())
    expect(printed.stdout.split('\n').filter((text) => text !== '')).toEqual(expected)
  })
})

describe('the commands of the README', () => {
  const program = createProgram(commands)
  const lines = blocks('bash', 'sh').flatMap(({ code }) => code.replace(/#.*$/gm, '').split(/\n|&&|;/))
  const inline = [...readme.matchAll(/`((?:npm|npx|alambic|node) [^`]+)`/g)].map((match) => match[1]!)
  const given = [...new Set([...lines, ...inline].map((text) => text.trim()).filter((text) => text !== ''))]

  it.each(given)('%s', (command) => expect(complaint(command.split(/\s+/))).toBeUndefined())

  /** What does not exist of a command, or undefined. */
  function complaint([tool, first = '', ...rest]: string[]): string | undefined {
    if (tool === 'alambic') return alambicComplaint([first, ...rest])
    if (tool === 'npx') return first === 'alambic' ? alambicComplaint(rest) : fileComplaint(rest)
    if (tool === 'node') return fileComplaint([first, ...rest])
    if (tool !== 'npm') return ['git', 'cd', 'apt-get'].includes(tool!) ? undefined : `unknown tool ${tool}`
    if (['ci', 'install', 'i'].includes(first)) return undefined
    const script = first === 'run' ? rest[0]! : first
    return script in packageJson.scripts ? undefined : `package.json has no script ${script}`
  }

  function fileComplaint(words: string[]): string | undefined {
    const file = words.find((word) => /\.[cm]?[jt]s$/.test(word))
    return file === undefined || existsSync(join(root, file)) ? undefined : `${file} does not exist`
  }

  function alambicComplaint([name = '--help', ...rest]: string[]): string | undefined {
    let known = name.startsWith('-') ? program : program.commands.find((each) => each.name() === name)
    if (known === undefined) return `no command ${name}`
    const subcommands = known.commands
    if (known !== program && subcommands.length > 0) known = subcommands.find((each) => each.name() === rest[0])
    if (known === undefined) return `no command ${name} ${rest[0]}`
    const flags = ['--help', ...known.options.map((option) => option.long)]
    return [name, ...rest].find((word) => word.startsWith('--') && !flags.includes(word.split('=')[0]!))
  }
})
