// PyTorch's losses by the names they have in test/golden/torch/losses.json, as calls of ours.

import * as nn from '../../src/nn/index.ts'
import { klDivergences } from '../../src/nn/losses/kl.ts'
import type { Reduction } from '../../src/nn/losses/reduction.ts'
import type { Tensor } from '../../src/tensor/index.ts'
import * as t from '../../src/tensor/index.ts'

type Inputs = Readonly<Record<string, Tensor>>
type Attrs = Readonly<Record<string, unknown>>
/** The case's outputs under the case's names; `main` is its `out` or `loss`. */
export type Run = (
  inputs: Inputs,
  attrs: Attrs,
) => Tensor | ({ readonly main: Tensor } & Readonly<Record<string, Tensor>>)

const reduction = (attrs: Attrs) => ({ reduction: attrs.reduction as Reduction })
const number = (value: unknown) => value as number

/** T² · mean over the rows of KL(softmax(p / T) || softmax(q / T)). */
function softened(logitsP: Tensor, logitsQ: Tensor, temperature: number): Tensor {
  const logSoft = (logits: Tensor) => t.logSoftmax(t.mul(logits, 1 / temperature))
  return t.mul(nn.klDivergence(logSoft(logitsP), logSoft(logitsQ)), temperature ** 2)
}

export const torchLosses: Record<string, Run> = {
  mse: ({ input, target }, attrs) => nn.mseLoss(input!, target!, reduction(attrs)),
  l1: ({ input, target }, attrs) => nn.l1Loss(input!, target!, reduction(attrs)),
  huber: ({ input, target }, attrs) =>
    nn.huberLoss(input!, target!, { delta: number(attrs.delta), ...reduction(attrs) }),
  smooth_l1: ({ input, target }, attrs) =>
    nn.smoothL1Loss(input!, target!, { beta: number(attrs.beta), ...reduction(attrs) }),
  cross_entropy: ({ logits, labels, weight }, attrs) =>
    nn.crossEntropy(logits!, labels!, {
      ...reduction(attrs),
      labelSmoothing: number(attrs.label_smoothing ?? 0),
      ...(weight && { weight: weight }),
      ...(attrs.ignore_index === undefined ? {} : { ignoreIndex: number(attrs.ignore_index) }),
    }),
  cross_entropy_soft: ({ logits, target_probs }, attrs) =>
    nn.crossEntropy(logits!, target_probs!, {
      ...reduction(attrs),
      labelSmoothing: number(attrs.label_smoothing ?? 0),
    }),
  nll: ({ log_probs, labels }, attrs) => nn.nllLoss(log_probs!, labels!, reduction(attrs)),
  bce_with_logits: ({ logits, target, pos_weight }, attrs) =>
    nn.binaryCrossEntropyWithLogits(logits!, target!, {
      ...reduction(attrs),
      ...(pos_weight && { posWeight: pos_weight }),
    }),
  bce: ({ probs, target }, attrs) => nn.binaryCrossEntropy(probs!, target!, reduction(attrs)),
  kl_div: ({ input_log_probs, target }, { reduction, log_target }) => {
    const logTarget = log_target === true ? target! : t.log(target!)
    if (reduction === 'batchmean') return nn.klDivergence(logTarget, input_log_probs!)
    if (reduction === 'sum') return nn.klDivergence(logTarget, input_log_probs!, { reduction: 'sum' })
    const terms = klDivergences(logTarget, input_log_probs!)
    return reduction === 'none' ? terms : t.mean(terms)
  },
  kd: ({ student_logits, teacher_logits }, { temperature }) =>
    softened(teacher_logits!, student_logits!, number(temperature)),
  kd_reverse: ({ student_logits, teacher_logits }, { temperature }) =>
    softened(student_logits!, teacher_logits!, number(temperature)),
  kd_mix: ({ student_logits, teacher_logits, labels }, { temperature, alpha }) => {
    const hard = nn.crossEntropy(student_logits!, labels!)
    const soft = softened(teacher_logits!, student_logits!, number(temperature))
    return { main: t.add(t.mul(hard, number(alpha)), t.mul(soft, 1 - number(alpha))), hard, soft }
  },
  gaussian_nll: ({ input, target, var: variance }, attrs) =>
    nn.gaussianNllLoss(input!, target!, variance!, {
      ...reduction(attrs),
      full: attrs.full === true,
      epsilon: number(attrs.eps),
    }),
}
