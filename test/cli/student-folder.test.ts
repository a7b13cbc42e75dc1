import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OutputFolder } from '../../src/cli/output-folder.ts'
import { readStudent, studentFile, writeStudent } from '../../src/cli/student-folder.ts'
import { prepareTarget, type Student, targetNames } from '../../src/distill/targets.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { StateValueAgent } from '../../src/rl/discrete-policies.ts'
import { CheckpointError, Rng, tensor } from '../../src/tensor/index.ts'
import { someSet } from '../distill/support.ts'

const path = mkdtempSync(join(tmpdir(), 'alambic-student-'))
afterAll(() => rmSync(path, { recursive: true, force: true }))
const folder = OutputFolder.open(path)
const set = someSet()
const observations = tensor(set.observations, [set.size, set.observationSize])

const outputs = (student: Student) =>
  student instanceof StateValueAgent
    ? student.stateValues(observations).toArray()
    : (student.logits ?? student.actionValues!).call(student, observations).toArray()

describe('a folder of a student', () => {
  it.each(targetNames)('gives back one of %s as it was', (target) => {
    const prepared = prepareTarget(target, set)
    const student = prepared.student(new MLP([4, 6, prepared.outputs], new Rng(1)))
    writeStudent(folder, target, student, { env: 'CartPole-v1', target })
    const again = readStudent(join(path, target))
    expect(again.env).toBe('CartPole-v1')
    expect(again.student.constructor).toBe(student.constructor)
    expect(outputs(again.student)).toEqual(outputs(student))
    expect(studentFile(join(path, target))).toBe(join(path, target, 'student.safetensors'))
  })

  it('is refused with a configuration of another network', () => {
    const prepared = prepareTarget('policy', set)
    writeStudent(folder, 'broken', prepared.student(new MLP([4, 2], new Rng(1))), { env: 'CartPole-v1' })
    const config = join(path, 'broken', 'config.json')
    const right = readFileSync(config, 'utf8')
    const readWith = (from: string, to: string) => () => {
      writeFileSync(config, right.replace(from, to))
      return readStudent(join(path, 'broken'))
    }
    expect(readWith('"logits"', '"values"')).toThrow(CheckpointError)
    expect(readWith('"actionCount": 2', '"actionCount": 3')).toThrow(/expected 3/)
    expect(readWith('{', '[')).toThrow(/is broken/)
    expect(studentFile(join(path, 'none'))).toBeUndefined()
  })
})
