// A program of this project as a page on localhost: bundled by esbuild and served from memory. WebGPU requires a secure
// context, and localhost is one.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'

export interface ServedPage {
  readonly url: string
  close(): Promise<void>
}

export interface ServeOptions {
  /** Default: any free port. */
  readonly port?: number
  /** Minified, as a site would be. */
  readonly minify?: boolean
  /** The page's content security policy, such as `script-src 'self'`. */
  readonly policy?: string
  /** Served as cross-origin isolated, which shared memory requires. */
  readonly isolated?: boolean
}

/** Serves a page that runs `entry`. */
export async function servePage(
  entry: string,
  title: string,
  { port = 0, minify = false, policy, isolated = false }: ServeOptions = {},
): Promise<ServedPage> {
  const bundle = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify,
    external: ['bun:*', 'node:*'], // what mitata looks for elsewhere
    logLevel: 'error',
  })
  const script = bundle.outputFiles[0]!.text
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body><script type="module" src="/page.js"></script></body></html>`
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', `text/${isScript ? 'javascript' : 'html'}; charset=utf-8`)
    if (policy !== undefined) response.setHeader('content-security-policy', policy)
    if (isolated) {
      response.setHeader('cross-origin-opener-policy', 'same-origin')
      response.setHeader('cross-origin-embedder-policy', 'require-corp')
    }
    response.end(isScript ? script : html)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
