import { expect, it } from 'vitest'
import { distill } from '../../src/distill/distill.ts'
import { MLP } from '../../src/nn/mlp.ts'
import type { NetworkAgent } from '../../src/rl/agent.ts'
import { argmax, Rng, tensor } from '../../src/tensor/index.ts'
import { cartPole, someTeacher } from './support.ts'

it('turns a teacher into a student that chooses as it does, from as many labels as asked', () => {
  const { agent } = someTeacher()
  const network = new MLP([4, 8, 2], new Rng(1))
  const { student, set } = distill({
    teacher: agent,
    env: cartPole(),
    student: network,
    labels: 50,
    poolSize: 300,
    updates: 500,
  })
  expect([set.labels, set.size]).toEqual([50, 50])
  const observations = tensor(set.observations, [50, 4])
  const taught = argmax(agent.actionValues!(observations), 1).toArray()
  const learned = argmax((student as NetworkAgent).logits!(observations), 1).toArray()
  expect(learned.filter((action, i) => action === taught[i]).length).toBeGreaterThan(45)
})
