// How the teachers of the study learn: an algorithm with settings for each task. Read next: train-teacher.ts.

export interface TeacherRecipe {
  readonly algorithm: string
  readonly numEnvs: number
  /** What differs from the algorithm's defaults; the seed is added. */
  readonly options: Readonly<Record<string, unknown>> & { readonly totalTimesteps: number }
  /** How often, spread evenly over the training, the greedy policy is judged; the best checkpoint is kept. */
  readonly checks: number
  /** A mean validation return that cannot be bettered by much: training stops there. */
  readonly enough: number
  /**
   * The share of random actions in the validation. Policies that are perfect on their own paths may know nothing beside
   * them; those are poor teachers, since no student keeps to a path exactly. Default 0.
   */
  readonly validationNoise?: number
}

/** By the name of the task. */
export const teacherRecipes: Readonly<Record<string, TeacherRecipe>> = {
  cartpole: {
    algorithm: 'dqn',
    numEnvs: 1,
    options: {
      hidden: [256, 256],
      totalTimesteps: 60_000,
      learningRate: 1e-3,
      annealLearningRate: true,
      numSteps: 5,
      targetInterval: 512,
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
      targetInterval: 250,
      trainInterval: 8,
      gradientSteps: 4,
      explorationFraction: 0.12,
      finalEpsilon: 0.1,
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
      numSteps: 8, // rewards are all alike until the flag: without long sums, few seeds ever value it
      targetInterval: 600,
      trainInterval: 16,
      gradientSteps: 8,
      explorationFraction: 0.2,
      finalEpsilon: 0.07,
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
      targetInterval: 200,
      trainInterval: 8,
      gradientSteps: 4,
      explorationFraction: 0.2,
      finalEpsilon: 0.05,
    },
    checks: 40,
    enough: -145,
  },
}
