// A page in headless Chromium, driven by Playwright with the system's browser.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type ServeOptions, servePage } from '../../bench/browser/serve.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

// Without a graphics card both APIs run on SwiftShader, Chromium's software renderer.
const FLAGS = [
  ...'--no-sandbox --enable-unsafe-webgpu --enable-unsafe-swiftshader --enable-features=Vulkan'.split(' '),
  ...'--use-angle=swiftshader --use-webgpu-adapter=swiftshader --no-first-run'.split(' '),
  ...'--disable-background-networking --disable-component-update --disable-sync'.split(' '),
]

export interface OpenPage {
  readonly page: Page
  readonly version: string
  /** What the page has written by `console.warn` so far. */
  readonly warnings: readonly string[]
  close(): Promise<void>
}

/** Starts the system's Chromium. Throws, with what to install, if there is none. */
export function launchChromium(args: string[] = FLAGS): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync)
  if (executablePath === undefined) {
    throw new Error(
      `no Chromium at ${PLACES.join(', ')}; install it (Debian and Ubuntu: apt-get install chromium), or name it in CHROMIUM`,
    )
  }
  return chromium.launch({ executablePath, args })
}

/** Opens a page that runs `entry`, a file relative to this folder. */
export async function openPage(entry: string, query = '', options: ServeOptions = {}): Promise<OpenPage> {
  const browser = await launchChromium()
  const served = await servePage(fileURLToPath(new URL(entry, import.meta.url)), 'alambic', options)
  const page = await browser.newPage()
  const warnings: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'warning') warnings.push(message.text())
  })
  page.on('pageerror', (error) => console.error(`page: ${error.message}`))
  await page.goto(served.url + query)
  return {
    page,
    version: browser.version(),
    warnings,
    async close() {
      await browser.close()
      await served.close()
    },
  }
}
