// A network on another device: its parameters move, and what is computed with them follows.
// Read next: ../tensor/device.ts.

import { toDevice } from '../tensor/device.ts'
import type { Device } from '../tensor/storage.ts'
import { type ParameterSource, parameterList } from './module.ts'

/**
 * Moves the parameters of a network to another device, in place; gradients they hold are dropped. Make the optimizer
 * afterwards: its state lives where the parameters do. Throws a DeviceError if no GPU is open.
 */
export async function moveParameters(source: ParameterSource, device: Device): Promise<void> {
  for (const parameter of new Set(parameterList(source))) {
    const moved = device === 'gpu' ? toDevice(parameter, device) : await toDevice(parameter, device)
    parameter.storage = moved.storage
    parameter.gradHome = moved.gradHome
    parameter.grad = null
  }
}
