// Teachers from a log of mixed quality and students of a hundred of its states, without an environment; the returns are measured afterwards.
// The full figures are those of `npm run study -- offline`.

import { expect, it } from 'vitest'
import { measure } from '../../studies/offline/run.ts'

it('conservative Q-learning finds a better policy in a log than imitation does, and a student keeps it', () => {
  const [offline, imitation] = [measure('MountainCar-v0', 'cql', 1), measure('MountainCar-v0', 'behaviour-cloning', 1)]
  expect(offline.logReturn).toBeLessThan(-140)
  expect(offline.teacherReturn).toBeGreaterThan(-120)
  expect(offline.studentReturn).toBeGreaterThan(-130)
  expect(imitation.teacherReturn).toBeLessThan(offline.teacherReturn - 15)
  // Imitation gives the frequencies of the log's actions, so it is calibrated.
  expect(imitation.teacherCalibrationError).toBeLessThan(0.03)
})

it('conservative Q-learning balances the pole from a log whose episodes mostly fall', () => {
  const { logReturn, teacherReturn, studentReturn } = measure('CartPole-v1', 'cql', 1)
  expect(logReturn).toBeLessThan(70)
  expect(teacherReturn).toBeGreaterThan(420)
  expect(studentReturn).toBeGreaterThan(400)
})
