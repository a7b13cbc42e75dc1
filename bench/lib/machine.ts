// The machine that a bench runs on, and the file or stream that its JSON goes to.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform } from 'node:os'
import type { Machine } from './bench-file.ts'

export function thisMachine(): Machine {
  const git = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], { encoding: 'utf8' })
  return {
    cpu: cpus()[0]?.model ?? 'unknown processor',
    cores: cpus().length,
    platform: `${platform()} ${arch()}`,
    node: process.versions.node,
    load: loadavg().map((load) => Math.round(load * 100) / 100),
    commit: git.status === 0 ? git.stdout.trim() : null,
  }
}

/** Whether programs kept more than half of the cores busy at the start. */
export const isBusy = ({ cores, load }: Pick<Machine, 'cores' | 'load'>): boolean => (load[0] ?? 0) > cores / 2

/** The machine in one line, with a warning if other programs keep it busy. */
export function describeMachine({ cpu, cores, platform, node, load, commit }: Machine): string {
  const [recent = 0] = load
  const busy = isBusy({ cores, load }) ? ': BUSY, figures of a loaded machine' : ''
  return `${cpu}, ${cores} cores, ${platform}, Node ${node}, commit ${commit ?? 'unknown'}, load ${recent}${busy}`
}

/** Writes JSON to the file named by `--json <file>`, or to stdout for `--json` alone. */
export function writeJson(value: unknown, to: string | true): void {
  const text = `${JSON.stringify(value, null, 1)}\n`
  if (to === true) process.stdout.write(text)
  else writeFileSync(to, text)
}
