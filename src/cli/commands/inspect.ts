// `alambic inspect`: looks inside. `inspect kernel matmul` prints a kernel as the text form of WebAssembly; `inspect devices`
// says where tensors can live on this machine.

import type { Command } from 'commander'
import { kernelNames, kernelText } from '../../tensor/backends/wasm/kernels.ts'
import { devices } from '../../tensor/device.ts'
import { formatTable } from '../tables.ts'

export function registerInspect(program: Command): void {
  const inspect = program.command('inspect').description('look inside: the kernels, the devices of this machine')
  inspect
    .command('kernel')
    .description('print a WebAssembly kernel in its text form; without a name, list them')
    .argument('[name]', 'such as matmul')
    .action((name?: string) => {
      console.log(name === undefined ? kernelNames().join('\n') : kernelText(name))
    })
  inspect
    .command('devices')
    .description('list the devices and modes that this machine has')
    .action(async () => {
      const rows = (await devices()).map((each) => [
        each.device,
        each.mode,
        each.available ? 'yes' : 'no',
        each.hardware,
        each.adapter,
      ])
      console.log(formatTable(['device', 'mode', 'present', 'made of', 'adapter, or what to install'], rows))
    })
}
