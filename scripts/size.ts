// Size of alambic: lines, files and public names of each floor of src/. Run by `npm run size`.

import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { flagsOf } from './flags.ts'
import { floorOf, sourceFiles } from './size/modules.ts'
import { publicNames } from './size/public-names.ts'

export interface FloorSize {
  readonly floor: string
  readonly lines: number
  readonly files: number
  /** Of its entry point; null where it has none. */
  readonly publicNames: number | null
}

/** Every floor, and last `all`. */
export function sizes(): FloorSize[] {
  const files = sourceFiles()
  const names = publicNames()
  const floors = [...new Set(files.map(({ path }) => floorOf(path)))].sort()
  const sizeOf = (floor: string, own: typeof files, publicNames: number | null): FloorSize => ({
    floor,
    lines: own.reduce((sum, { lines }) => sum + lines, 0),
    files: own.length,
    publicNames,
  })
  const own = (floor: string) => files.filter(({ path }) => floorOf(path) === floor)
  const allNames = new Set([...names.values()].flat()).size
  return [
    ...floors.map((floor) => sizeOf(floor, own(floor), names.get(`alambic/${floor}`)?.length ?? null)),
    sizeOf('all', files, allNames),
  ]
}

function main(): void {
  const command = new Command('npm run size --').description('lines, files and public names of each floor of src/')
  const { json } = flagsOf<{ readonly json?: true }>(command.option('--json', 'for machines'))
  const all = sizes()
  if (json) {
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
    return
  }
  console.table(Object.fromEntries(all.map(({ floor, ...numbers }) => [floor, numbers])))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
