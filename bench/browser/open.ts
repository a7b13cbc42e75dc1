// `npm run bench:browser`: serves the kernel benchmark as a page; open it in any browser of this machine. Ctrl-C ends it.

import { fileURLToPath } from 'node:url'
import { servePage } from './serve.ts'

const entry = fileURLToPath(new URL('./page.ts', import.meta.url))
const { url } = await servePage(entry, 'Kernels', { port: Number(process.env.PORT ?? 0) })
console.log(`open ${url} in a browser (${url}?quick for a short run); Ctrl-C ends this`)
