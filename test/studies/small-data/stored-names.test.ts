// Records of earlier versions stay valid: their fingerprints, written down in test/golden/studies, are those of today's plan.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellFingerprint } from '../../../studies/small-data/cell.ts'
import { studyMethods } from '../../../studies/small-data/methods.ts'
import { studentSizes } from '../../../studies/small-data/plan.ts'
import { Baselines } from '../../../studies/small-data/run.ts'
import { withCurrentNames, withStoredNames } from '../../../studies/small-data/stored-names.ts'
import { studyTasks } from '../../../studies/small-data/tasks.ts'
import { TeacherFolder } from '../../../studies/small-data/teachers/folder.ts'
import { teacherRecipes } from '../../../studies/small-data/teachers/recipes.ts'
import { property } from '../../support/property.ts'

interface Stored {
  readonly teacher: string
  /** By method, at 7 % of the teacher's size. */
  readonly cells: Readonly<Record<string, string>>
}

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url))
const stored = JSON.parse(readFileSync(path('test/golden/studies/fingerprints.json'), 'utf8')) as Record<string, Stored>
const baselines = new Baselines(new TeacherFolder(path('bench/teachers')))
const size = studentSizes.find(({ name }) => name === '7')!

describe.each(studyTasks)('the stored records of $name', (task) => {
  const teacher = baselines.teacher(task, 1)

  it('are of the teacher in the repository', () => expect(teacher.fingerprint).toBe(stored[task.name]!.teacher))

  it.each(studyMethods.map((method) => [method.name, method] as const))('are of %s', (name, method) => {
    const cell = { task, teacher: 1, method, size, labels: 50, seed: 0 }
    expect(cellFingerprint(cell, teacher, teacherRecipes[task.name]!)).toBe(stored[task.name]!.cells[name])
  })
})

describe('renamed options', () => {
  const names = { nStep: 'numSteps', relative: 'gap' }

  it('are stored under their old names, at any depth, as keys and as values', () => {
    const now = { nStep: 3, list: [{ kind: 'relative', c: 0.3 }], none: null }
    const then = { numSteps: 3, list: [{ kind: 'gap', c: 0.3 }], none: null }
    expect(JSON.stringify(withStoredNames(now, names))).toBe(JSON.stringify(then))
    expect(withCurrentNames(then, names)).toEqual(now)
  })

  property('come back from a file as they were, whatever they hold', [fc.jsonValue({ maxDepth: 3 })], (value) => {
    const plain = JSON.parse(JSON.stringify(value).replace(/numSteps|gap/g, 'other')) as unknown
    expect(withCurrentNames(withStoredNames(plain, names), names)).toEqual(plain)
  })
})
