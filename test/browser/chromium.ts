// A page in headless Chromium: bundled by esbuild, served on localhost (WebGPU wants a secure context), driven by Playwright
// with the system's browser.

import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { chromium, type Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

// Without a graphics card both APIs run on SwiftShader, Chromium's software renderer.
const FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--enable-unsafe-swiftshader',
  '--enable-features=Vulkan',
  '--use-angle=swiftshader',
  '--use-webgpu-adapter=swiftshader',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface OpenPage {
  readonly page: Page
  readonly version: string
  close(): Promise<void>
}

/** Opens a page that runs `entry`. Throws, with what to install, if there is no Chromium. */
export async function openPage(entry: string): Promise<OpenPage> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync)
  if (executablePath === undefined) {
    throw new Error(
      `no Chromium at ${PLACES.join(', ')}; install it (Debian and Ubuntu: apt-get install chromium), or name it in CHROMIUM`,
    )
  }
  const bundle = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: false,
    keepNames: true,
    logLevel: 'error',
  })
  const script = bundle.outputFiles[0]!.text
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8')
    response.end(
      isScript ? script : '<!doctype html><title>alambic</title><script type="module" src="/page.js"></script>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(`page: ${error.message}`))
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
  return {
    page,
    version: browser.version(),
    async close() {
      await browser.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
