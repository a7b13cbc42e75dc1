// The built site in headless Chromium, served under a sub-path or opened from `file://`.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { serve } from '../../site/serve.ts'
import { launchChromium } from '../browser/chromium.ts'

export const folder = fileURLToPath(new URL('../../site/dist', import.meta.url))
if (!existsSync(folder)) throw new Error('site/dist is not there: npm run site')

export interface Site {
  readonly browser: Browser
  /** Where the site is served, with a slash at its end. */
  readonly url: string
  close(): Promise<void>
}

export async function openSite(): Promise<Site> {
  const browser = await launchChromium(['--no-sandbox', '--no-first-run', '--disable-background-networking'])
  const served = await serve(folder, { prefix: '/some/where/' })
  return {
    browser,
    url: served.url,
    async close() {
      await browser.close()
      await served.close()
    },
  }
}

export interface Visit {
  readonly page: Page
  /** Errors of the page's scripts, and requests for anything that is not of the site. */
  readonly faults: string[]
}

/** Opens a page in a fresh context that has no network beside the site's own folder. */
export async function visit(
  browser: Browser,
  base: string,
  path: string,
  { width = 1280, dark = false, reducedMotion = true } = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`))
  await context.route(
    (url) => !url.href.startsWith(base) && !/^(blob|data):/.test(url.href),
    (route) => {
      faults.push(`from elsewhere: ${route.request().url()}`)
      return route.abort()
    },
  )
  await page.goto(base + path)
  return { page, faults }
}

/** Presses a cell's button and waits for its end. Returns the printed lines, pictures left out, and the words beside the button. */
export async function runCell(cell: Locator, seconds: number): Promise<{ lines: string[]; state: string }> {
  await cell.locator('.run').press('Enter') // a picture that loads above may move the button between press and release of a mouse
  await cell.locator('.run').waitFor({ state: 'visible', timeout: (seconds + 30) * 1000 })
  const lines = await cell.locator('.printed .line').allTextContents()
  return { lines, state: (await cell.locator('.state').textContent()) ?? '' }
}

/** Replaces a cell's program. */
export async function type(cell: Locator, code: string): Promise<void> {
  await cell.locator('.cm-content').focus()
  await cell.page().keyboard.press('Control+A')
  await cell.page().keyboard.insertText(code)
}
