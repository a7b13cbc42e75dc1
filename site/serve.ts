// Serves site/dist on localhost: `npm run site:serve`, or `-- --port 8000`.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
}

/** Serves a folder under `prefix`, such as `/alambic/`. A free port unless one is given. */
export async function serve(folder: string, { prefix = '/', port = 0 } = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').split(/[?#]/)[0]!)
    const file = path.startsWith(prefix) ? join(folder, normalize(`/${path.slice(prefix.length)}`)) : ''
    const found = [file, join(file, 'index.html')].find((each) => existsSync(each) && statSync(each).isFile())
    if (file === '' || found === undefined) {
      response.writeHead(404).end('not found')
      return
    }
    response.setHeader('content-type', TYPES[extname(found)] ?? 'application/octet-stream')
    response.end(readFileSync(found))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${prefix}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = Number(process.argv[process.argv.indexOf('--port') + 1] || 8080) || 8080
  const { url } = await serve(fileURLToPath(new URL('dist', import.meta.url)), { port })
  console.log(`the site is at ${url}`)
}
