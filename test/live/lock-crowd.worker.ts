/** A thread of a crowd: runs its actors and posts what came of it, or what it stumbled over, in words. */
import { parentPort, workerData } from 'node:worker_threads';
import { Crowd, type CrowdOptions } from './lock-crowd.js';

const post = (message: unknown) => parentPort!.postMessage(message);

new Crowd(workerData as CrowdOptions).run().then(post, (error) => post(String(error)));
