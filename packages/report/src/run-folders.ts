import { findManifest, type Manifest } from '@retail-sim/artifacts';

/** Where the stages have written. */
export interface RunFolders {
  readonly raw: string;
  readonly processed: string;
  readonly features: string;
  readonly tensors: string;
  readonly checkpoints: string;
}

/** Each stage's folder: what makes it, and the manifest if it is there. */
export interface StageFolder {
  readonly name: keyof RunFolders;
  readonly folder: string;
  readonly command: string;
  readonly manifest: Manifest | undefined;
}

const COMMANDS: Readonly<Record<Exclude<keyof RunFolders, 'checkpoints'>, string>> = {
  raw: 'retail-sample-data',
  processed: 'retail-data-pipeline',
  features: 'retail-feature-engineering',
  tensors: 'retail-build-tensors',
};

/** Looks what is there. The raw folder has a manifest only where it holds sample data. */
export async function readStageFolders(folders: RunFolders): Promise<readonly StageFolder[]> {
  const names = ['raw', 'processed', 'features', 'tensors'] as const;
  return Promise.all(
    names.map(async (name) => {
      const folder = folders[name];
      const command = COMMANDS[name];
      return { name, folder, command, manifest: await findManifest(folder, command) };
    }),
  );
}
