import { expect, test } from 'vitest';
import { machineReport, parseNvidiaSmi } from './machine-report.js';

test('reads the GPUs out of what nvidia-smi prints', () => {
  expect(parseNvidiaSmi('NVIDIA H200, 143771 MiB, 580.159.04, 9.0\n')).toEqual([
    { name: 'NVIDIA H200', memory: '143771 MiB', driver: '580.159.04', computeCapability: '9.0' },
  ]);
  expect(parseNvidiaSmi('No devices were found\n')).toEqual([]);
});

test('describes this machine', async () => {
  const { node, cores, memoryBytes, freeMemoryBytes } = await machineReport();
  expect(node).toBe(process.versions.node);
  expect(cores).toBeGreaterThan(0);
  expect(memoryBytes).toBeGreaterThan(freeMemoryBytes);
});
