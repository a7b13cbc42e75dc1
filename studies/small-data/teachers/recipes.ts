// How the teachers of the study are trained: an algorithm with settings for each task. Read next: train.ts.

export interface TeacherRecipe {
  readonly algorithm: string
  readonly numEnvs: number
  /** Options that differ from the algorithm's defaults, without the seed. */
  readonly options: Readonly<Record<string, unknown>> & { readonly totalTimesteps: number }
  /** Validations of the greedy policy, at equal intervals. The best checkpoint is kept. */
  readonly checks: number
  /** Mean validation return at which training stops early. */
  readonly enough: number
  /**
   * Fraction of random actions in the validation. A policy can be perfect on its own trajectories and poor beside them; such
   * a policy is a poor teacher, because no student follows a trajectory exactly. Default 0.
   */
  readonly validationNoise?: number
}

/** The recipes by task name. */
export const teacherRecipes: Readonly<Record<string, TeacherRecipe>> = {
  cartpole: {
    algorithm: 'dqn',
    numEnvs: 1,
    options: {
      hidden: [256, 256],
      totalTimesteps: 60_000,
      learningRate: 1e-3,
      annealLearningRate: true,
      nStep: 5,
      targetUpdateInterval: 512,
      trainInterval: 64,
      gradientSteps: 16,
    },
    checks: 60,
    enough: 500,
    validationNoise: 0.1,
  },
  acrobot: {
    algorithm: 'dqn',
    numEnvs: 1,
    options: {
      hidden: [256, 256],
      totalTimesteps: 100_000,
      learningRate: 6.3e-4,
      batchSize: 128,
      bufferSize: 50_000,
      learningStarts: 1000,
      gamma: 0.99,
      targetUpdateInterval: 250,
      trainInterval: 8,
      gradientSteps: 4,
      explorationFraction: 0.12,
      explorationFinalEps: 0.1,
    },
    checks: 50,
    enough: -75,
  },
  mountaincar: {
    algorithm: 'dqn',
    numEnvs: 1,
    options: {
      hidden: [256, 256],
      totalTimesteps: 120_000,
      learningRate: 4e-3,
      annealLearningRate: true,
      batchSize: 128,
      bufferSize: 20_000,
      learningStarts: 1000,
      gamma: 0.99,
      nStep: 8, // rewards are all alike until the flag: without long sums, few seeds ever value it
      targetUpdateInterval: 600,
      trainInterval: 16,
      gradientSteps: 8,
      explorationFraction: 0.2,
      explorationFinalEps: 0.07,
    },
    checks: 60,
    enough: -100,
    validationNoise: 0.1,
  },
  pendulum: {
    algorithm: 'dqn',
    numEnvs: 1,
    options: {
      hidden: [256, 256],
      totalTimesteps: 40_000,
      learningRate: 1e-3,
      batchSize: 128,
      bufferSize: 40_000,
      learningStarts: 1000,
      gamma: 0.98,
      targetUpdateInterval: 200,
      trainInterval: 8,
      gradientSteps: 4,
      explorationFraction: 0.2,
      explorationFinalEps: 0.05,
    },
    checks: 40,
    enough: -145,
  },
}
