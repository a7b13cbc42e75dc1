// The playground in headless Chromium: built into a folder of its own, opened from file:// and from a sub-path.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPlayground } from '../../site/playground/build.ts'
import { fromHash, toHash } from '../../site/playground/config.ts'
import { evaluatePolicy, make } from '../../src/rl/index.ts'
import { launchChromium } from '../browser/chromium.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const teachers = join(root, 'studies/few-labels/teachers')
const folder = mkdtempSync(join(tmpdir(), 'playground-'))
const local = `${pathToFileURL(folder).href}/index.html`
let browser: Browser

beforeAll(async () => {
  await buildPlayground(folder)
  browser = await launchChromium(['--no-sandbox', '--no-first-run'])
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

interface Opened {
  readonly page: Page
  /** Errors, and requests beside the page's own. */
  readonly faults: readonly string[]
}

async function open(url: string, width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, acceptDownloads: true })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(url.split('index.html')[0]!))
      faults.push(request.url())
  })
  await page.goto(url)
  return { page, faults }
}

/** Waits for a student that is ready; returns the digest of its parameters. */
async function studentOf(page: Page, before?: string): Promise<string> {
  const other = (old: string | undefined) => {
    const { student } = document.documentElement.dataset
    return student !== undefined && student !== old && student
  }
  return (await page.waitForFunction(other, before, { timeout: 100_000 })).jsonValue() as Promise<string>
}

const text = (page: Page, id: string) => page.locator(`#${id}`).textContent()

async function downloaded(page: Page, id: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#${id}`)])
  return readFileSync(await download.path())
}

/** Runs the program that the page shows and returns its output, and the digest of its student. */
async function runProgram(page: Page): Promise<{ printed: string; digest: string }> {
  await page.click('#code')
  const program = await page.inputValue('#code-text')
  await page.click('#code-close')
  const digest = `
    let hash = 0x811c9dc5
    for (const each of Object.values((student as any).parameters())) {
      for (const byte of new Uint8Array(Float32Array.from((each as any).view()).buffer)) hash = Math.imul(hash ^ byte, 0x01000193)
    }
    console.log((hash >>> 0).toString(16).padStart(8, '0'))`
  const { outputFiles } = await build({
    stdin: { contents: program + digest, loader: 'ts', resolveDir: root },
    ...{
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      tsconfig: join(root, 'tsconfig.json'),
    },
  })
  const file = join(folder, 'program.mjs')
  writeFileSync(file, outputFiles[0]!.text)
  const lines = execFileSync(process.execPath, [file], { cwd: teachers, encoding: 'utf8' }).trim().split('\n')
  return { printed: lines[0]!, digest: lines[1]! }
}

it.each([
  ['CartPole-v1', ''],
  ['MountainCar-v0', '#env=MountainCar-v0&teacher=mountaincar-ppo'],
  ['Acrobot-v1', '#env=Acrobot-v1&teacher=acrobot-tuning-dqn'],
  ['MountainCarContinuous-v0', '#env=MountainCarContinuous-v0'],
])('a teacher’s preset to an exported student: %s: the JavaScript reaches the return shown', async (id, hash) => {
  const { page, faults } = await open(local + hash)
  await studentOf(page)
  const shown = (await text(page, 'student-mean'))!.replace('−', '-')
  const file = join(folder, `${id}.mjs`)
  writeFileSync(file, await downloaded(page, 'save-js'))
  const { act } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { act: (x: Float32Array) => number }
  expect(evaluatePolicy({ act }, () => make(id), { episodes: 20 }).mean.toFixed(1)).toBe(shown)
  expect((await downloaded(page, 'save-onnx')).includes('alambic')).toBe(true)
  expect((await downloaded(page, 'save-c')).includes('act(')).toBe(true)
  expect((await downloaded(page, 'save-csv')).toString()).toMatch(/^observation_0,.*\n/)
  expect(faults).toEqual([])
  await page.context().close()
})

it.each([
  ['a trained policy', ''],
  ['states added by hand', '#labels=20&add=0,0,0.1,0.2;0,0,-0.1,-0.2'],
  ['states added alone', '#env=Acrobot-v1&labels=0&target=hard&add=0.5,0,1,2;-0.5,0.2,-1,0;1,1,0,0;-1,2,0,1'],
  ['hard labels in order', '#target=hard&select=sequential&hidden='],
  ['state values', '#env=MountainCar-v0&target=value-successors&labels=20&updates=500'],
  ['continuous actions', '#env=Pendulum-v1&updates=500&loss=reverse-kl'],
  ['a teacher trained in the page', '#teacher=ppo&thidden=32,32&tsteps=5120&target=value-mse'],
  ['a table', '#env=GridWorld-v0&labels=20&tsteps=8000&updates=300&add=0.5,3.5'],
])('the program behind "show as code": makes the same student: %s', async (_, hash) => {
  const { page, faults } = await open(local + hash)
  const digest = await studentOf(page)
  const [labels, mean] = [await text(page, 'count-labels'), await text(page, 'student-mean')]
  const program = await runProgram(page)
  expect(program.digest).toBe(digest)
  const [printedLabels, printedMean] = program.printed.split(' ')
  expect([printedLabels, Number(printedMean).toFixed(1)]).toEqual([labels, mean!.replace('−', '-')])
  expect(faults).toEqual([])
  await page.context().close()
})

describe('the URL', () => {
  it('makes the same student after a reload, to the bit', async () => {
    const { page } = await open(local)
    const first = await studentOf(page)
    await page.fill('#labels', '25')
    const second = await studentOf(page, first)
    await page.locator('#map-teacher').focus()
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowRight', 'Enter']) await page.keyboard.press(key)
    const third = await studentOf(page, second)
    expect(new Set([first, second, third]).size).toBe(3)
    expect(await text(page, 'count-labels')).toBe('26')
    expect(page.url()).toMatch(/#labels=25&add=[-\d.,]+$/)
    await page.reload()
    expect(await studentOf(page)).toBe(third)
    const another = await open(page.url(), 390)
    expect(await studentOf(another.page)).toBe(third)
    await page.context().close()
    await another.page.context().close()
  })

  it('makes the same teacher too, trained here and stopped by hand, whatever was changed meanwhile', async () => {
    const { page } = await open(`${local}#teacher=dqn`)
    await page.click('#stop-when-solved')
    const steps = async () => Number((await text(page, 'teacher-steps'))!.replace(/\D/g, ''))
    await page.waitForFunction(() => Number.parseInt(document.getElementById('teacher-steps')!.textContent!, 10) >= 1)
    const before = await steps()
    await page.fill('#labels', '30')
    await page.waitForTimeout(500)
    expect(await steps()).toBeGreaterThanOrEqual(before)
    await page.click('#stop')
    const digest = await studentOf(page)
    expect(page.url()).toMatch(/#teacher=dqn&tsteps=\d+&labels=30$/)
    await page.reload()
    expect(await studentOf(page)).toBe(digest)
    await page.context().close()
  })

  it('survives any hash', () => {
    for (const hash of [
      '',
      '#',
      '#env=None&labels=x',
      '#labels=1e9&temp=-1&axes=1,1&held=a',
      '#add=1,2;;3&hidden=0,4',
    ]) {
      const config = fromHash(hash)
      expect(fromHash(toHash(config))).toEqual(config)
    }
  })
})

describe('uploads', () => {
  const header = 'observation_0,observation_1,observation_2,observation_3,action'
  const csv = (rows: readonly string[]) => ({
    name: 'mine.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from([header, ...rows].join('\n')),
  })
  const rows = Array.from({ length: 40 }, (_, i) => {
    const [angle, velocity] = [(i % 7) / 30 - 0.1, (i % 11) / 5 - 1]
    return `0,0,${angle.toFixed(3)},${velocity},${Number(3 * angle + velocity > 0)}`
  })

  it('learns from observations and actions alone, by hard labels', async () => {
    const { page, faults } = await open(local)
    const before = await studentOf(page)
    await page.setInputFiles('#csv-file', csv(rows))
    const digest = await studentOf(page, before)
    expect(await page.inputValue('#target')).toBe('hard')
    expect(await text(page, 'labels-out')).toBe('mine.csv')
    expect(Number(await text(page, 'student-mean'))).toBeGreaterThan(100)
    await page.click('#clear')
    expect(await studentOf(page, digest)).not.toBe(digest)
    expect(faults).toEqual([])
    await page.context().close()
  })

  const across = (i: number, low: number, high: number) => low + ((high - low) * (i % 400)) / 399
  const swingUp = (angle: number, speed: number) => {
    const energy = 0.5 * speed ** 2 + 15 * (Math.cos(angle) - 1) // 0 at rest upright
    const torque = Math.cos(angle) > 0.85 ? -10 * angle - 2 * speed : -2 * energy * speed
    return Math.min(Math.max(torque, -2), 2)
  }
  it.each([
    [
      ...(['MountainCarContinuous-v0', 'observation_0,observation_1,action', 50] as const),
      (i: number) => {
        const [position, velocity] = [across(37 * i, -1.2, 0.6), across(149 * i, -0.07, 0.07)]
        return [position, velocity, Math.sign(velocity)]
      },
    ],
    [
      ...(['Pendulum-v1', 'observation_0,observation_1,observation_2,action_0', -800] as const),
      (i: number) => {
        const [angle, speed] = [across(37 * i, -Math.PI, Math.PI), across(149 * i, -8, 8)]
        return [Math.cos(angle), Math.sin(angle), speed, swingUp(angle, speed)]
      },
    ],
  ])('learns continuous actions from observations and actions alone: %s', async (id, titles, least, row) => {
    const { page, faults } = await open(`${local}#env=${id}`)
    const before = await studentOf(page)
    const table = [titles, ...Array.from({ length: 400 }, (_, i) => row(i).map((x) => x.toFixed(5)))].join('\n')
    const upload = (name: string, content: string) =>
      page.setInputFiles('#csv-file', { name, mimeType: 'text/csv', buffer: Buffer.from(content) })
    await upload('mine.csv', table)
    const digest = await studentOf(page, before)
    const counts = await Promise.all(['labels', 'evaluations', 'steps'].map((name) => text(page, `count-${name}`)))
    expect(counts).toEqual(['400', '0', '0'])
    expect(await text(page, 'map-help')).toContain('mine.csv')
    const mean = Number((await text(page, 'student-mean'))!.replace('−', '-'))
    expect(mean).toBeGreaterThan(least)
    const file = join(folder, `${id}-uploaded.mjs`)
    writeFileSync(file, await downloaded(page, 'save-js'))
    const { act } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
      act: (x: Float32Array) => Float32Array
    }
    expect(evaluatePolicy({ act }, () => make(id), { episodes: 20 }).mean.toFixed(1)).toBe(mean.toFixed(1))

    await upload('broken.csv', `${table}\n0,0,left`)
    await page.locator('#labels-failure').waitFor()
    expect(await text(page, 'labels-failure')).toMatch(
      id === 'Pendulum-v1' ? /line 402 has 3/ : /line 402, column action: "left"/,
    )
    await upload('other.csv', [header, ...rows].join('\n'))
    await page.locator('#labels-failure', { hasText: 'observations of 4 numbers' }).waitFor()
    expect(await text(page, 'labels-out')).toBe('mine.csv')
    await page.click('#clear')
    expect(await studentOf(page, digest)).toBe(before)
    expect(faults).toEqual([])
    await page.context().close()
  })

  it('answers a broken table with its line and column', async () => {
    const { page } = await open(local)
    await studentOf(page)
    await page.setInputFiles('#csv-file', csv([...rows.slice(0, 3), '0,0,zero,1,1']))
    await page.locator('#labels-failure').waitFor()
    expect(await text(page, 'labels-failure')).toContain('line 5, column observation_2: "zero"')
    await page.context().close()
  })

  it('takes a trained policy, and refuses what is none', async () => {
    const { page } = await open(local)
    const before = await studentOf(page)
    await page.setInputFiles('#policy-file', join(teachers, 'cartpole-ppo.safetensors'))
    await studentOf(page, before)
    expect(await text(page, 'teacher-mean')).toBe('500.0')
    expect(await text(page, 'teacher-parameters')).toBe('9,155')
    await page.setInputFiles('#policy-file', {
      name: 'none.safetensors',
      mimeType: '',
      buffer: Buffer.from('no network'),
    })
    await page.locator('#teacher-failure').waitFor()
    expect((await text(page, 'teacher-failure'))!.length).toBeGreaterThan(20)
    await page.context().close()
  })
})

describe('the page', () => {
  it('works under a sub-path, and goes on without a network', async () => {
    const server = createServer((request, response) => {
      const file = join(folder, request.url!.replace(/^\/some\/path\//, ''))
      if (!request.url!.startsWith('/some/path/') || !existsSync(file)) return void response.writeHead(404).end()
      response.setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'text/html')
      response.end(readFileSync(file))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { page, faults } = await open(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/path/index.html`,
    )
    const before = await studentOf(page)
    await page.context().setOffline(true)
    await page.fill('#labels', '30')
    expect(await studentOf(page, before)).not.toBe(before)
    expect(faults).toEqual([])
    await page.context().close()
    server.close()
  })

  it('shows a student within seconds and stays fluent while a teacher trains', async () => {
    const { page } = await open(local)
    await studentOf(page)
    const seconds = await page.evaluate(() => performance.now() / 1000)
    const first = Number(await page.evaluate(() => document.documentElement.dataset.firstFrame))
    await page.selectOption('#teacher', 'ppo')
    const frames = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const [start, ends] = [performance.now(), performance.now() + 2000]
          let count = 0
          const each = (now: number) => {
            count++
            if (now < ends) requestAnimationFrame(each)
            else resolve((1000 * count) / (now - start))
          }
          requestAnimationFrame(each)
        }),
    )
    console.log(
      `first frame after ${first} ms, first student after ${seconds.toFixed(1)} s, ${frames.toFixed(0)} frames a second while training`,
    )
    expect(frames).toBeGreaterThan(20)
    await page.context().close()
  })

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('has no serious finding of axe at %i pixels in %s', async (width, scheme) => {
    const { page } = await open(local, width, scheme)
    await studentOf(page)
    await page.evaluate(axe.source)
    const check = () => page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    const serious = ({ violations }: axe.AxeResults) =>
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => [id, nodes[0]!.html])
    expect(serious(await check())).toEqual([])
    await page.click('#code')
    expect(serious(await check())).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await page.context().close()
  })

  it('is small and has no kernels for graphics cards', async () => {
    const size = ['index.html', 'main.js'].reduce(
      (sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length,
      0,
    )
    console.log(`${(size / 1000).toFixed(0)} kB gzipped`)
    expect(size).toBeLessThan(400_000)
    const entryPoints = ['main', 'worker'].map((name) => join(root, `site/playground/${name}.ts`))
    const plugins = [(await import('../../site/worker-plugin.ts')).workerPlugin()]
    const { metafile } = await build({
      ...{ entryPoints, bundle: true, write: false, metafile: true, outdir: folder, plugins, logLevel: 'error' },
    })
    expect(Object.keys(metafile.inputs).filter((path) => /gpu\.js|src\/gpu\//.test(path))).toEqual([])
  })
})
