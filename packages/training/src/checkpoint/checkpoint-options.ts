import { option } from '@retail-sim/cli';

/** How a command is told which checkpoint to read. */
export const checkpointOptions = {
  checkpoints: option.path({ default: 'checkpoints', description: 'folder of the checkpoints' }),
  run: option.text({
    description: 'name of the run',
    placeholder: 'NAME',
    otherwise: 'the run that was trained last',
  }),
  checkpoint: option.text({
    default: 'best',
    description: 'checkpoint of the run: best, latest, epoch_N, or a folder',
    placeholder: 'NAME|PATH',
  }),
} as const;
