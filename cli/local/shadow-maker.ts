/** Makes shadow travellers in a thread of its own: the embedded database needs this one. */
import { Worker } from 'node:worker_threads';
import type { MadeTravellers, PopulationRequest } from '../../simulation/shadow/population.ts';

export interface ShadowMaker {
  /** One call after the other is answered, in their order. */
  make(indices: readonly number[]): Promise<MadeTravellers>;
  close(): Promise<void>;
}

export function startShadowMaker(request: PopulationRequest): ShadowMaker {
  const thread = new Worker(new URL('./shadow-maker-thread.ts', import.meta.url), { workerData: request });
  const waiting: PromiseWithResolvers<MadeTravellers>[] = [];
  thread.on('message', (made: MadeTravellers) => waiting.shift()?.resolve(made));
  thread.on('error', (error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  return {
    make(indices) {
      const answer = Promise.withResolvers<MadeTravellers>();
      waiting.push(answer);
      thread.postMessage(indices);
      return answer.promise;
    },
    async close() {
      await thread.terminate();
    },
  };
}
