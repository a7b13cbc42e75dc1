import { expect, it } from 'vitest'
import { labelLog, labelsBy } from '../../src/distill/index.ts'
import { EpisodeLog, make, RecordLog } from '../../src/rl/index.ts'
import { Rng } from '../../src/tensor/index.ts'
import { pendulum, someAgent } from './support.ts'

/** `steps` of random play. */
function randomLog(steps: number): EpisodeLog {
  const env = new RecordLog(make('CartPole-v1'))
  const rng = new Rng(5)
  env.reset({ seed: 5 })
  for (let i = 0; i < steps; i++) {
    const { terminated, truncated } = env.step(rng.integer(2))
    if (terminated || truncated) env.reset()
  }
  return env.log
}

it('labels different states of the log, a function of the seed', () => {
  const [log, teacher] = [randomLog(60), someAgent()]
  const dataset = labelLog(log, teacher, { labels: 20, seed: 3 })
  const states = Array.from({ length: 20 }, (_, i) => dataset.observation(i).join())
  const { observations } = log.columns(0)
  const logged = Array.from({ length: 60 }, (_, i) => observations.subarray(4 * i, 4 * i + 4).join())
  expect(new Set(states).size).toBe(20)
  expect(logged).toEqual(expect.arrayContaining(states))
  expect(dataset.column('actionValues')).toEqual(labelsBy(teacher, dataset.column('observations'), 20).actionValues)
  expect([dataset.labels, dataset.environmentSteps]).toEqual([20, 0])
  expect(labelLog(log, teacher, { labels: 20, seed: 3 }).column('observations')).toEqual(dataset.column('observations'))
  expect(labelLog(log, teacher, { labels: 20, seed: 4 }).column('observations')).not.toEqual(
    dataset.column('observations'),
  )
})

it('refuses more labels than states, a teacher of other spaces and misspelt options', () => {
  const log = randomLog(30)
  expect(() => labelLog(log, someAgent(), { labels: 31 })).toThrow('labels is 31, but the log has 30 different states')
  expect(() => labelLog(new EpisodeLog(pendulum() as never), someAgent())).toThrow(/Pendulum-v1 has Box/)
  expect(() => labelLog(log, someAgent(), { lables: 3 } as never)).toThrow('Did you mean "labels"?')
})
