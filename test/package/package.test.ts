// The package as others get it: packed, put into a program of its own, imported, required, type-checked, bundled for a browser.
// The program has the package's own dependencies only; those of alambic/gpu come at the end.

import { type ExecFileSyncOptionsWithStringEncoding, execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile, transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))
const withoutGpu = [
  ...'alambic alambic/tensor alambic/nn alambic/rl alambic/distill alambic/export alambic/plot'.split(' '),
  'alambic/tabular',
  'alambic/render',
]
const entryPoints = [...withoutGpu, 'alambic/gpu']
const gpuPackages = ['gpu.js', 'webgpu']

let program = '' // the folder of a program that depends on alambic
let packed: string[] = []

beforeAll(() => {
  program = mkdtempSync(join(tmpdir(), 'alambic-package-'))
  execFileSync('npm', ['run', 'build'], quiet(root))
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', program]
  const [tarball] = JSON.parse(execFileSync('npm', pack, quiet(root)))
  packed = tarball.files.map((file: { path: string }) => file.path)
  mkdirSync(join(program, 'node_modules'))
  execFileSync('tar', ['-xzf', join(program, tarball.filename), '-C', join(program, 'node_modules')])
  execFileSync('mv', [join(program, 'node_modules/package'), join(program, 'node_modules/alambic')])
  link(Object.keys(packageJson.dependencies))
})

/** Installs packages in the program. */
function link(names: readonly string[]): void {
  for (const name of names) {
    const [scope] = name.split('/')
    if (scope !== name) mkdirSync(join(program, 'node_modules', scope!), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(program, 'node_modules', name))
  }
}

afterAll(() => rmSync(program, { recursive: true, force: true }))

function quiet(cwd: string): ExecFileSyncOptionsWithStringEncoding {
  return { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }
}

function node(file: string, code: string): string {
  writeFileSync(join(program, file), code)
  return execFileSync(process.execPath, [file], quiet(program)).trim()
}

interface Bundle {
  readonly code: string
  readonly warnings: readonly string[]
  readonly metafile: Metafile
}

/** One file of what a program needs, as a bundler makes it. */
async function bundle(contents: string, options: BuildOptions = {}): Promise<Bundle> {
  const result = await build({
    stdin: { contents, resolveDir: program },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
    ...options,
  })
  const warnings = result.warnings.map(({ text }) => text)
  return { code: result.outputFiles![0]!.text, warnings, metafile: result.metafile! }
}

describe('the package', () => {
  it('holds what runs, its types, the licence and the texts, and no source, test or bench', () => {
    for (const path of 'LICENSE README.md CHANGELOG.md package.json bin/alambic.js dist/cli.js dist/index.d.cts'.split(
      ' ',
    )) {
      expect(packed).toContain(path)
    }
    expect(
      packed.filter((path) => !/^(bin\/alambic\.js$|dist\/|LICENSE|README\.md|CHANGELOG\.md|package\.json)/.test(path)),
    ).toEqual([])
  })

  it('can be imported, each class one and the same through every entry point', () => {
    const code = `
      import * as all from 'alambic'
      ${entryPoints
        .slice(1)
        .map((name, i) => `import * as floor${i} from '${name}'`)
        .join('\n')}
      if (all.Rng !== floor0.Rng || all.MLP !== floor1.MLP) throw new Error('two copies of a class')
      console.log(all.make('CartPole-v1').reset({ seed: 7 }).observation.length)`
    expect(node('main.mjs', code)).toBe('4')
  })

  it('can be required', () => {
    const code = `
      const all = require('alambic')
      const [tensor, nn] = ${JSON.stringify(entryPoints.slice(1))}.map((name) => require(name))
      if (all.Rng !== tensor.Rng || all.MLP !== nn.MLP) throw new Error('two copies of a class')
      console.log(all.make('CartPole-v1').reset({ seed: 7 }).observation.length)`
    expect(node('main.cjs', code)).toBe('4')
  })

  it.each(['mts', 'cts'])('has types for .%s, errors included', (extension) => {
    const right = `
      import { CartPole, make, type Step } from 'alambic/rl'
      import type { Tensor } from 'alambic/tensor'
      export const step: Step<Float32Array> = new CartPole().step(0)
      export const shape: readonly number[] = ([] as Tensor[])[0]!.shape
      export const env = make('CartPole-v1')
      // @ts-expect-error an action of CartPole is a number
      new CartPole().step('left')`
    writeFileSync(join(program, `types.${extension}`), right)
    const options = ['--noEmit', '--strict', '--module', 'node16', '--target', 'es2022', `types.${extension}`]
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), options, quiet(program))
    expect(stdout).toBe('')
  })

  const command = () => join(program, 'node_modules/alambic', packageJson.bin.alambic)
  const alambic = (...argv: string[]) => execFileSync(command(), argv, quiet(program))

  it('has a command', () => expect(alambic('--version').trim()).toBe(packageJson.version))

  it('has a command that shares the registry of the library with a module of the user, in JavaScript and in TypeScript', () => {
    const example = readFileSync(join(root, 'examples/own-environment/catch.ts'), 'utf8')
    writeFileSync(join(program, 'catch.ts'), example)
    const { code: javascript } = transformSync(example, { loader: 'ts' })
    writeFileSync(join(program, 'other.js'), javascript.replaceAll('Catch-v0', 'Other-v0'))
    writeFileSync(join(program, 'package.json'), '{ "type": "commonjs" }') // as npm init writes it
    const refused = spawnSync(process.execPath, [command(), 'envs', '--import', './catch.ts'], quiet(program))
    const runsTypes = (process.features as { typescript?: unknown }).typescript
    if (!runsTypes) expect(refused.stderr).toMatch(/^error: .*cannot run "catch\.ts".*npm install tsx.*\n$/)
    link(['tsx'])
    const folder = join(program, 'node_modules/my-envs')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{ "type": "module", "exports": { "import": "./main.js" } }')
    writeFileSync(join(folder, 'main.js'), javascript.replaceAll('Catch-v0', 'Packed-v0'))
    const modules = ['--import', './catch.ts', '--import', './other.js', '--import', 'my-envs']
    expect(alambic('envs', ...modules)).toMatch(/Catch-v0.*Other-v0.*Packed-v0/s)
    const train = ['train', 'ppo', ...modules, ...'--env Catch-v0 --steps 64 --num-steps 16 --name run'.split(' ')]
    alambic(...train)
    alambic('resume', 'runs/run')
    expect(alambic('evaluate', 'runs/run', '--episodes', '2')).toContain('Catch-v0')
    expect(alambic('watch', 'Other-v0', '--policy', 'runs/run', '--steps', '2')).toContain(
      'Other-v0  episode 1  step 2',
    )
    const small = ['--labels', '20', '--updates', '20', '--episodes', '2', '--out', 'student']
    alambic('distill', '--teacher', 'runs/run', ...small)
    expect(alambic('export', 'student', '--to', 'js')).toContain('student/student.js')
    const { imports } = JSON.parse(readFileSync(join(program, 'student/config.json'), 'utf8'))
    expect(imports).toEqual(['../catch.ts', '../other.js', '../node_modules/my-envs/main.js'])
  })

  it('builds the command on the first call in a clone, and names what to run where it cannot', () => {
    const clone = join(program, 'clone')
    for (const each of ['bin', 'src', 'studies', 'package.json', 'tsup.config.ts', 'tsconfig.json']) {
      cpSync(join(root, each), join(clone, each), { recursive: true })
    }
    const call = () => spawnSync(process.execPath, [join(clone, 'bin/alambic.js'), '--version'], quiet(clone))
    expect(call()).toMatchObject({ status: 2, stderr: expect.stringMatching(/^error: alambic is not built; .*npm ci/) })
    symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
    expect(call()).toMatchObject({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' })
  })

  it('has the demo, loaded only when it is called', () => {
    const [chunk = ''] = packed.filter((path) => /^dist\/demo-\w+\.js$/.test(path)).map((path) => basename(path))
    const command = readFileSync(join(program, 'node_modules/alambic/dist/cli.js'), 'utf8')
    expect(command).toContain(`import("./${chunk}")`)
    expect(command).not.toContain(`from "./${chunk}"`)
    const code = `
      import { runDemo } from './node_modules/alambic/dist/${chunk}'
      console.log(runDemo(1).next().value.stage)`
    expect(node('demo.mjs', code)).toBe('teacher')
  })

  it.each(entryPoints)('%s can be bundled for a browser, without a module of Node', async (name) => {
    const external = name === 'alambic/gpu' ? gpuPackages : []
    const { code, warnings } = await bundle(`export * from '${name}'`, { external })
    expect(warnings).toEqual([])
    expect(code).not.toMatch(/\brequire\("(node:)?fs"|from "node:/)
  })

  it.each(withoutGpu)('%s holds no code of the GPU backend', async (name) => {
    const { metafile } = await bundle(`export * from '${name}'`)
    const [output] = Object.values(metafile.outputs)
    expect(output!.imports.filter(({ external }) => external)).toEqual([])
    const { code } = await bundle(`export * from '${name}'`, { minify: true })
    expect(code).not.toMatch(/createKernel|requestAdapter|gpu\.js/)
  })

  // What a page or a worker downloads, minified. Nothing is kept for what its import might do: modules only declare.
  it.each([
    [
      'a worker that trains DQN on CartPole',
      180_000,
      `import { dqn, finish, make } from 'alambic/rl'
       onmessage = ({ data }) => postMessage(finish(dqn(make('CartPole-v1'), data)).parameters())`,
    ],
    [
      'the inference of an MLP',
      60_000,
      `import { MLP } from 'alambic/nn'
       import { noGrad, Rng, tensor } from 'alambic/tensor'
       const network = new MLP([4, 64, 2], new Rng(0))
       globalThis.act = (observation) => noGrad(() => network.forward(tensor(observation, [1, 4])).toArray())`,
    ],
    [
      'one error class',
      2_000,
      `import { ShapeError } from 'alambic/tensor'
       globalThis.isShapeError = (error) => error instanceof ShapeError`,
    ],
  ])('%s takes at most %i bytes', async (what, limit, contents) => {
    const { code } = await bundle(contents, { minify: true })
    console.log(`${what}: ${code.length} bytes minified`)
    expect(code.length).toBeLessThanOrEqual(limit)
  })

  it('wants the WebGPU of gpu.js itself, so that its native library is installed once', () => {
    const pinned = JSON.parse(readFileSync(join(root, 'node_modules/gpu.js/package.json'), 'utf8'))
    for (const each of [packageJson.devDependencies, packageJson.peerDependencies]) {
      expect(each).toMatchObject({ 'gpu.js': pinned.version, webgpu: pinned.dependencies.webgpu })
    }
    for (const name of gpuPackages) {
      expect(packageJson.dependencies).not.toHaveProperty([name])
      expect(packageJson.peerDependenciesMeta).toHaveProperty([name, 'optional'], true)
    }
  })

  it('names what to install for a GPU where it is missing, in Node and in a bundle', async () => {
    const code = `
      import { devices, openDevice } from 'alambic/gpu'
      const absent = (await devices()).filter(({ available }) => !available)
      const messages = await Promise.all(['webgpu', undefined].map((mode) => openDevice(mode).catch((error) => error.message)))
      console.log(JSON.stringify([...messages, ...absent.map(({ adapter }) => adapter)]))`
    const { code: bundled } = await bundle(code, { platform: 'node' })
    for (const printed of [node('missing.mjs', code), node('missing-bundled.mjs', bundled)]) {
      const messages = JSON.parse(printed) as string[]
      expect(messages).toHaveLength(8) // of the modes, wgsl alone needs no gpu.js
      for (const each of messages) expect(each).toMatch(/npm install (gpu\.js )?webgpu/)
    }
  })

  it('is not minified, to be read in a debugger', () => {
    const chunks = packed.filter((path) => path.startsWith('dist/') && path.endsWith('.js'))
    const code = chunks.map((path) => readFileSync(join(program, 'node_modules/alambic', path), 'utf8')).join('\n')
    expect(code.length / code.split('\n').length).toBeLessThan(120)
  })
})

describe('alambic/gpu, with its packages', () => {
  beforeAll(() => link(gpuPackages))

  // Five steps of a network large enough for both forms of the product, on the CPU and in every mode of gpu.js that is here.
  const training = `
    import { Adam, MLP, Rng, tensor } from 'alambic'
    import { devices, openDevice, toDevice } from 'alambic/gpu'
    import { mseLoss } from 'alambic/nn'
    const numbers = (length, seed) => Float32Array.from({ length }, (_, i) => ((i * 7919 + seed) % 1009) / 1009 - 0.5)
    async function losses(place) {
      const model = new MLP([4, 64, 64, 2], new Rng(1), { activation: 'tanh' })
      if (place === 'gpu') toDevice(model, 'gpu')
      const optimizer = new Adam(model, { learningRate: 0.01 })
      const [x, y] = [tensor(numbers(256, 1), [64, 4]), tensor(numbers(128, 2), [64, 2])].map((each) => toDevice(each, place))
      const [input, target] = [await x, await y]
      const steps = []
      for (let i = 0; i < 5; i++) steps.push(await optimizer.minimizeAsync(() => mseLoss(model.forward(input), target)))
      return steps
    }
    const ran = { cpu: await losses('cpu') }
    try {
      tensor([1, 2], [3])
    } catch (error) {
      ran.error = error.name
    }
    for (const each of (await devices()).filter(({ device, available }) => device === 'gpu' && available)) {
      const gpu = await openDevice(each.mode)
      ran['gpu.js ' + gpu.mode] = await losses('gpu')
      await gpu.close()
    }
    console.log(JSON.stringify(ran))`

  it.each([
    ['as they are', false],
    ['made small by a bundler', true],
  ])('has kernels for every mode of gpu.js that is here, %s', async (_, minify) => {
    const source = join(program, 'training.mjs')
    writeFileSync(source, training)
    if (minify) {
      const outfile = join(program, 'small.mjs')
      const external = gpuPackages
      await build({ entryPoints: [source], outfile, bundle: true, minify, platform: 'node', format: 'esm', external })
    }
    const file = minify ? 'small.mjs' : 'training.mjs'
    const printed = execFileSync(process.execPath, [file], quiet(program)).trim().split('\n').at(-1)!
    const { cpu, error, ...modes } = JSON.parse(printed) as Record<string, number[]> & { readonly error: string }
    expect(error).toBe('ShapeError')
    console.log(`kernels ran in ${Object.keys(modes).join(', ')}`)
    expect(Object.keys(modes)).toEqual(expect.arrayContaining(['gpu.js webasm', 'gpu.js cpu']))
    for (const losses of Object.values(modes)) {
      expect(losses).toHaveLength(5)
      for (const [step, loss] of losses.entries()) expect(loss).toBeCloseTo(cpu![step]!, 4)
    }
    expect(cpu![4]).toBeLessThan(cpu![0]!)
  })
})
