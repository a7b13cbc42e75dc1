// Names of observation entries and actions of some environments, for the rules of a decision tree.

import type { TreeNames } from '../../policies/decision-tree.ts'

const names: Readonly<Record<string, TreeNames>> = {
  CartPole: {
    observations: ['cart position', 'cart velocity', 'pole angle', 'pole angular velocity'],
    actions: ['push left', 'push right'],
  },
  Acrobot: {
    observations: [
      ...['cos of angle 1', 'sin of angle 1', 'cos of angle 2', 'sin of angle 2'],
      ...['angular velocity 1', 'angular velocity 2'],
    ],
    actions: ['torque -1', 'torque 0', 'torque +1'],
  },
  MountainCar: {
    observations: ['position', 'velocity'],
    actions: ['push left', 'no push', 'push right'],
  },
}

/** Empty for other environments. */
export function namesOf(envId: string): TreeNames {
  return names[envId.replace(/-v\d+$/, '')] ?? {}
}
