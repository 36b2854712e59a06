/**
 * The training loop: epoch after epoch of steps, validation, log and checkpoint. Everything that is
 * drawn at random follows from seed, epoch and index, so a run that was stopped goes on as it would
 * have.
 * @module
 */
import { HebbError } from '../../shared/model/index.ts';
import { EpochRun, save } from './epoch.ts';
import type { TrainingSession, TrainingState } from './graph/session.ts';
import type { LoopOptions } from './loop-options.ts';
import { carried, startSession } from './stage-session.ts';
import { type Stage, sameStage, stageOf } from './stages.ts';

export interface LoopResult {
  readonly state: TrainingState;
  /** False when `shouldStop` ended it early; a checkpoint was written then. */
  readonly finished: boolean;
}

export async function trainingLoop(options: LoopOptions): Promise<LoopResult> {
  const { config, dataset, start } = options;
  const steps = Math.floor(dataset.train.length / config.batchSize);
  if (steps === 0) {
    throw new HebbError(
      'invalid_argument',
      `${dataset.train.length} training images do not fill a batch of ${config.batchSize}.`,
      { hint: `Choose a smaller one: --batch-size ${Math.min(8, dataset.train.length)}` },
    );
  }
  let state: TrainingState = start.state;
  let stage: Stage | undefined;
  let session: TrainingSession | undefined;
  try {
    let step = start.step;
    for (let epoch = start.epoch; epoch < config.epochs; epoch++) {
      const next = stageOf(epoch, config);
      if (!session || !sameStage(stage, next)) {
        if (session) state = carried(session, state);
        session?.dispose();
        session = await startSession(options, next, state);
        stage = next;
      }
      const epochRun = new EpochRun(options, session, { epoch, step, steps, size: next.size });
      step = await epochRun.run();
      if (step < (epoch + 1) * steps) {
        await save(options, session, epoch, step);
        return { state: session.state(), finished: false };
      }
      await save(options, session, epoch + 1, step);
    }
    return { state: session ? carried(session, state) : state, finished: true };
  } finally {
    session?.dispose();
  }
}
