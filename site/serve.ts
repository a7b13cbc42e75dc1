// Serves site/dist on localhost: `npm run site:serve`, or `-- --port 8000`.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { flags } from './flags.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.gif': 'image/gif',
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
  const { port: given } = flags(
    `npm run site:serve -- [--port 8080]

  serves site/dist on localhost
  --port <n>  default 8080; 0: any free port`,
    { port: { type: 'string', default: '8080' } },
  )
  const port = Number(given)
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    console.error(`--port takes a whole number from 0 to 65535, and got ${given}`)
    process.exit(2)
  }
  const { url } = await serve(fileURLToPath(new URL('dist', import.meta.url)), { port })
  console.log(`the site is at ${url}`)
}
