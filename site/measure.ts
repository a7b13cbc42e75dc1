// Opens the playground of site/dist in Chromium at desktop and phone width, and prints its size, the time until it shows something,
// and its frame rate while a teacher trains. `npm run site`, then `npm run site:measure`.

import { existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { launchChromium } from '../test/browser/chromium.ts'
import { flags } from './flags.ts'
import { output } from './generator/places.ts'
import { serve } from './serve.ts'

const { seconds: given, json } = flags(
  `npm run site:measure -- [--seconds 3] [--json]

  --seconds <n>  how long frames are counted while a teacher trains (default 3)
  --json         print JSON instead of lines`,
  { seconds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
)
const seconds = Number(given)
if (!(seconds > 0)) {
  console.error(`--seconds takes a positive number, and got ${given}`)
  process.exit(2)
}
if (!existsSync(join(output, 'playground/index.html'))) {
  console.error('site/dist is not there; npm run site builds it')
  process.exit(1)
}

// A phone: four times slower, on a network of 10 Mbit/s with 40 ms to the server and back.
const devices = [
  { device: 'desktop', width: 1280, slowdown: 1, network: null },
  { device: 'phone', width: 390, slowdown: 4, network: { latency: 40, throughput: 10e6 / 8 } },
] as const
const trainings = [
  { env: 'CartPole-v1', teacher: 'ppo' },
  { env: 'MountainCar-v0', teacher: 'dqn' },
  { env: 'Pendulum-v1', teacher: 'sac' },
]

/** Frames in `ms` milliseconds: how many a second, and the time between two that 95 % of them stay below. */
function frames(ms: number): Promise<{ perSecond: number; p95: number; longest: number }> {
  return new Promise((resolve) => {
    const times: number[] = []
    const each = (now: number) => {
      times.push(now)
      if (now - times[0]! < ms) return void requestAnimationFrame(each)
      const between = times.slice(1).map((time, i) => time - times[i]!)
      between.sort((a, b) => a - b)
      const perSecond = (1000 * between.length) / (now - times[0]!)
      resolve({ perSecond, p95: between[Math.floor(0.95 * between.length)]!, longest: between.at(-1)! })
    }
    requestAnimationFrame(each)
  })
}

const stepsTrained = async (page: Page) =>
  Number((await page.locator('#teacher-steps').textContent())!.replace(/\D/g, ''))

const browser = await launchChromium(['--no-sandbox', '--no-first-run', '--disable-background-networking'])
const served = await serve(output)
const rows: object[] = []
const report = (row: Record<string, string | number>) => {
  rows.push(row)
  if (json) return
  const { device, what, ...figures } = row
  console.log(
    `${device}, ${what}: ${Object.entries(figures)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  )
}

for (const { device, width, slowdown, network } of devices) {
  const context = await browser.newContext({ viewport: { width, height: 900 } })
  const page = await context.newPage()
  await page.addInitScript('globalThis.__name = (it) => it') // esbuild's, around functions that are sent to the page
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  if (network !== null) {
    const { latency, throughput } = network
    await devtools.send('Network.enable')
    const speed = { downloadThroughput: throughput, uploadThroughput: throughput }
    await devtools.send('Network.emulateNetworkConditions', { offline: false, latency, ...speed })
  }
  let weight = 0
  page.on('response', async (response) => {
    if (!response.url().startsWith('http')) return
    const { length } = gzipSync(await response.body(), { level: 9 })
    weight += length
  })
  await page.goto(`${served.url}playground/`)
  await page.waitForFunction(() => document.documentElement.dataset.student !== undefined, null, { timeout: 120_000 })
  const opened = await page.evaluate(() => ({
    'first paint, ms': Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN),
    'teacher plays after, ms': Number(document.documentElement.dataset.firstFrame),
    'student ready after, ms': Math.round(performance.now()),
  }))
  report({ device, what: 'opening', 'gzipped, kB': Math.round(weight / 1000), ...opened })
  for (const { env, teacher } of trainings) {
    await page.goto('about:blank')
    await page.goto(`${served.url}playground/#env=${env}&teacher=${teacher}`)
    await page.uncheck('#stop-when-solved')
    await page.waitForFunction(() => Number.parseInt(document.getElementById('teacher-steps')!.textContent!, 10) > 0)
    const before = await stepsTrained(page)
    const { perSecond, p95, longest } = await page.evaluate(frames, 1000 * seconds)
    const steps = Math.round(((await stepsTrained(page)) - before) / seconds)
    report({
      device,
      what: `${teacher} on ${env}`,
      ...{ 'frames/s': Number(perSecond.toFixed(1)), 'p95, ms': Number(p95.toFixed(1)) },
      ...{
        'longest, ms': Number(longest.toFixed(1)),
        'steps trained/s': steps,
        load: Number(loadavg()[0]!.toFixed(2)),
      },
    })
  }
  await context.close()
}
if (json) console.log(JSON.stringify(rows, null, 2))
await browser.close()
await served.close()
