import * as tf from '@tensorflow/tfjs';
import { type KernelInputs, requiredInput } from '../named-kernel.js';
import { axisLength } from '../shapes.js';
import {
  BACKWARD_INPUTS,
  backwardCode,
  FORWARD_INPUTS,
  forwardCode,
  gradientPlaces,
  LONGEST_SCAN,
  MOST_STATES,
  type ScanLayout,
  type ScanSizes,
  scanLayout,
} from './selective-scan-shader.js';
import { runWebgpuProgram } from './webgpu-program.js';

/** Whether the shaders take a scan of these inputs. */
export function fitsScanShader(inputs: KernelInputs): boolean {
  const { length, states } = scanSizes(inputs);
  return length <= LONGEST_SCAN && states <= MOST_STATES;
}

export function selectiveScan(inputs: KernelInputs): tf.Tensor[] {
  const layout = scanLayout(scanSizes(inputs));
  const y = runWebgpuProgram(
    {
      key: `selectiveScan ${layoutKey(layout)}`,
      inputs: FORWARD_INPUTS,
      outputLength: layout.batch * layout.length * layout.channels,
      groups: layout.batch * layout.forwardChunks,
      uniforms: { groups: layout.batch * layout.forwardChunks },
      threads: layout.threads,
      code: forwardCode(layout),
    },
    FORWARD_INPUTS.map((name) => requiredInput(inputs, name)),
  );
  return [y.reshape(requiredInput(inputs, 'x').shape)];
}

export function selectiveScanGradient(inputs: KernelInputs): tf.Tensor[] {
  const layout = scanLayout(scanSizes(inputs));
  const places = gradientPlaces(layout);
  const gradients = runWebgpuProgram(
    {
      key: `selectiveScanGradient ${layoutKey(layout)}`,
      inputs: BACKWARD_INPUTS,
      outputLength: places.total,
      groups: layout.batch * layout.backwardChunks,
      uniforms: { groups: layout.batch * layout.backwardChunks },
      threads: layout.threads,
      code: backwardCode(layout),
    },
    BACKWARD_INPUTS.map((name) => requiredInput(inputs, name)),
  );
  const { batch, length, channels, states } = layout;
  const part = (start: number, shape: number[]) =>
    gradients.slice([start], [tf.util.sizeFromShape(shape)]).reshape(shape);
  const rows = [batch, length, states];
  const dy = requiredInput(inputs, 'dy');
  return [
    part(places.x, [batch, length, channels]),
    part(places.dt, [batch, length, channels]),
    part(places.aLog, [batch, channels, states]).sum(0), // [E, N]
    part(places.b, [places.parts, ...rows]).sum(0), // [B, L, N]
    part(places.c, [places.parts, ...rows]).sum(0), // [B, L, N]
    dy.mul(requiredInput(inputs, 'x')).sum([0, 1]), // [E]
  ];
}

function scanSizes(inputs: KernelInputs): ScanSizes {
  const x = requiredInput(inputs, 'x');
  const [batch, length, channels] = [axisLength(x, 0), axisLength(x, 1), axisLength(x, 2)];
  return { batch, length, channels, states: axisLength(requiredInput(inputs, 'aLog'), 1) };
}

/** Sizes are constants of the code. */
function layoutKey({ batch, length, channels, states }: ScanLayout): string {
  return [batch, length, channels, states].join(' ');
}
