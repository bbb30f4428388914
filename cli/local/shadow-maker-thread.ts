/** The thread of `shadow-maker.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { Population, type PopulationRequest } from '../../simulation/shadow/population.ts';

const population = new Population(workerData as PopulationRequest);
parentPort!.on('message', (indices: readonly number[]) => parentPort!.postMessage(population.make(indices)));
