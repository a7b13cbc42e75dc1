/** Logits, one an action. Takes 4 finite numbers, throws a RangeError on others, gives 2. */
export declare function forward(observation: ArrayLike<number>): Float32Array

/** The action whose output is largest, from 0 to 1. */
export declare function act(observation: ArrayLike<number>): number
