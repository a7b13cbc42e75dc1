import { expect, it } from 'vitest'
import type { VectorEnv } from '../../../src/rl/envs/vector/vector-env.ts'
import { addFinished, type FinishedEpisode, finish } from '../../../src/rl/training/training.ts'

it('addFinished adds the episodes that ended, in the order of the sub-environments', () => {
  const episodes: FinishedEpisode[] = [{ return: 1, length: 2, step: 3 }]
  const envs = { dones: [1, 0, 1], episodeReturns: [4, 5, 6], episodeLengths: [7, 8, 9] } as unknown as VectorEnv
  addFinished(episodes, envs, 30)
  expect(episodes).toEqual([
    { return: 1, length: 2, step: 3 },
    { return: 4, length: 7, step: 30 },
    { return: 6, length: 9, step: 30 },
  ])
})

it('finish runs a training to its end and gives its result', () => {
  let reports = 0
  function* training() {
    for (; reports < 3; reports++) yield reports
    return 'agent'
  }
  expect([finish(training()), reports]).toEqual(['agent', 3])
  expect(() => finish({} as never)).toThrow(/^finish: the training is \{\}; expected what an algorithm returns/)
})
