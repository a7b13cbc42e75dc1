// In which order the tests judge a mutant, and how many of them: first those named after its file, then the quickest of the others.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from 'vitest/node'

/** Of tests beside those named after the file; a mutant that would need more counts as a survivor. */
const MOST_SECONDS = 4

const stored = fileURLToPath(new URL('../../node_modules/.cache/test-seconds.json', import.meta.url))

/** The longest time that each test file took, by its path. It is what it took with all its tests: a mutant runs some of them. */
function storedSeconds(): Record<string, number> {
  return existsSync(stored) ? (JSON.parse(readFileSync(stored, 'utf8')) as Record<string, number>) : {}
}

const nameOf = (path: string) => /([^/.]+)(\.test)?\.ts$/.exec(path)![1]!

/** 0 for a test named after the source, 1 for one named after its folder or a part of it, or in a folder of its floor, 2 for others. */
function distance(test: string, source: string): number {
  if (nameOf(test) === nameOf(source)) return 0
  const [folder, folderOfTest] = [source.split('/').slice(1, -1), test.split('/').slice(1, -1)]
  const isNamed = nameOf(test).startsWith(nameOf(source)) || nameOf(test).startsWith(folder.at(-1)!)
  const isBeside = folderOfTest.length > 1 && folderOfTest.every((each, i) => each === folder[i])
  return isNamed || isBeside ? 1 : 2
}

export class NearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { related, root } = this.ctx.config
    // The dry run, which shows the tests that each mutant needs, has no pattern.
    if (this.ctx.projects[0]!.config.testNamePattern === undefined || related === undefined) return files
    const seconds = storedSeconds()
    const source = relative(root, related[0]!)
    const ranked = files.map((file) => {
      const path = relative(root, file.moduleId)
      return { file, rank: distance(path, source), seconds: seconds[path] ?? 0 }
    })
    ranked.sort((a, b) => a.rank - b.rank || a.seconds - b.seconds)
    let left = MOST_SECONDS
    const chosen = ranked.filter(({ rank, seconds }) => {
      if (rank === 2) left -= seconds
      return left >= 0 || rank < 2
    })
    return chosen.map(({ file }) => file)
  }
}

export class Seconds implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const seconds = storedSeconds()
    const path = relative(module.project.config.root, module.moduleId)
    const now = module.diagnostic().duration / 1000
    if (now <= (seconds[path] ?? 0)) return
    mkdirSync(dirname(stored), { recursive: true })
    writeFileSync(stored, `${JSON.stringify({ ...seconds, [path]: now }, null, 1)}\n`)
  }
}
