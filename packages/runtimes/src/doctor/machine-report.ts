import { existsSync, readdirSync } from 'node:fs';
import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { processorFeatures } from '../setup/compiler.js';
import { runTool } from '../setup/run-tool.js';

export interface NvidiaGpu {
  readonly name: string;
  readonly memory: string;
  readonly driver: string;
  /** CUDA compute capability, such as 9.0. */
  readonly computeCapability: string;
}

/** What a machine has, as far as it matters for computing. */
export interface MachineReport {
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  /** Vector features of the processor that some engine makes use of. */
  readonly features: readonly string[];
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly nvidiaGpus: readonly NvidiaGpu[];
  readonly vulkan: {
    readonly loader: string | undefined;
    /** Files that describe drivers. */
    readonly drivers: readonly string[];
  };
}

const FEATURES = [
  'sse4_2',
  'avx',
  'avx2',
  'fma',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'amx_tile',
  'asimd',
  'sve',
];

const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
];
const DRIVER_FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

/** What this machine has that devices depend on: Node, processor, memory, GPU, driver, Vulkan. */
export async function machineReport(): Promise<MachineReport> {
  const features = processorFeatures();
  return {
    node: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    features: FEATURES.filter((feature) => features.has(feature)),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    nvidiaGpus: await nvidiaGpus(),
    vulkan: { loader: vulkanLoader(), drivers: vulkanDrivers() },
  };
}

async function nvidiaGpus(): Promise<NvidiaGpu[]> {
  const { code, stdout } = await runTool('nvidia-smi', [
    '--query-gpu=name,memory.total,driver_version,compute_cap',
    '--format=csv,noheader',
  ]);
  return code === 0 ? parseNvidiaSmi(stdout) : [];
}

/** Lines such as `NVIDIA H100 80GB HBM3, 81559 MiB, 580.159.04, 9.0`. */
export function parseNvidiaSmi(text: string): NvidiaGpu[] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 4)
    .map(([name = '', memory = '', driver = '', computeCapability = '']) => ({
      name,
      memory,
      driver,
      computeCapability,
    }));
}

function vulkanLoader(): string | undefined {
  return LIBRARY_FOLDERS.map((folder) => join(folder, 'libvulkan.so.1')).find((path) => existsSync(path));
}

function vulkanDrivers(): string[] {
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (named !== undefined) return named.split(':').filter((path) => existsSync(path));
  return DRIVER_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name)),
  );
}
