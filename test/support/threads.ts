// Threads that divide every call, however small.

import { useWorkforce } from '../../src/tensor/backends/wasm/parts.ts'
import { setThreads } from '../../src/tensor/index.ts'
import { Team } from '../../src/tensor/threads/threads.ts'

/** Divides every call between `count` threads. A part that no helper begins within `patience` milliseconds is done by the caller. */
export async function divideEverything(count: number, patience: number): Promise<Team> {
  setThreads(2)
  const team = new Team()
  team.resize(count)
  while (!team.start()) await new Promise((resolve) => setTimeout(resolve, 1))
  Object.assign(team, { threshold: Number.MIN_VALUE, patience, isReady: true })
  useWorkforce(team)
  return team
}
