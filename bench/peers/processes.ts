// The processes of the peers: one for each package and number of threads. A process that waits for a request takes no time.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Answer, Request } from './serve.ts'

export class PeerProcess {
  private readonly child: ChildProcess
  private readonly lines: AsyncIterator<string>
  private errors = ''

  constructor(command: string, argv: readonly string[], threads: number) {
    const count = String(threads)
    // One compiler process: the others would go on taking time from the next samples.
    const env = { ...process.env, OMP_NUM_THREADS: count, ALAMBIC_THREADS: count, TORCHINDUCTOR_COMPILE_THREADS: '1' }
    this.child = spawn(command, argv, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.child.stderr!.on('data', (chunk) => {
      this.errors = (this.errors + chunk).slice(-2000)
    })
    this.child.on('error', () => {}) // the lines end
    this.child.stdin!.on('error', () => {})
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
  }

  /** Whether it has ended, or was ended because an answer took too long. */
  isEnded = false

  /** Asks for a sample, at most `limit` milliseconds. */
  async ask(request: Request, limit: number): Promise<Answer> {
    this.child.stdin!.write(`${JSON.stringify(request)}\n`)
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.child.kill()
    }, limit)
    try {
      for (;;) {
        const { value, done } = await this.lines.next()
        if (done) {
          this.isEnded = true
          const last = this.errors.trim().split('\n').at(-1)
          return { none: isLate ? `no answer within ${limit / 1000} s` : `the process ended: ${last}` }
        }
        if (value.startsWith('{')) return JSON.parse(value) // packages print lines of their own
      }
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.child.stdin!.end()
    this.child.kill()
  }
}

export interface Python {
  readonly command: string
  /** Version of torch, and the name of its BLAS's file where it has one of its own. */
  readonly torch: string
  /** Whether that is Netlib's reference BLAS, whose products are many times slower than OpenBLAS's. */
  readonly isReferenceBlas: boolean
}

// The BLAS of a Debian build is a file of its own, chosen by update-alternatives; that of a wheel is linked in.
const PROBE = `
import numpy, torch
torch.mm(torch.ones(64, 64), torch.ones(64, 64))
try:
    maps = open("/proc/self/maps").read().split()
except OSError:
    maps = []
blas = next((part for part in maps if "/lib" in part and ("blas.so" in part or "blasp" in part)), "its own BLAS")
print(torch.__version__ + ", " + blas)
`

/** The first Python that has torch and numpy; null if none has. */
export function findPython(candidates: readonly string[]): Python | null {
  for (const command of candidates) {
    const { status, stdout } = spawnSync(command, ['-c', PROBE], { encoding: 'utf8' })
    const torch = stdout?.trim()
    const isReferenceBlas = /\/blas\/libblas\.so/.test(torch)
    if (status === 0) return { command, torch: torch.replace(/\/.*\//, ''), isReferenceBlas }
  }
  return null
}
