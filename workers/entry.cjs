'use strict';
/**
 * What piscina loads in a thread of its pools, by require() and before its first task: it loads the ES module that the
 * thread is for by import(). To require() that, as piscina would, Node instantiates all of it at once, and ends the process
 * with a fatal error when the thread is told to end at that very moment ("v8::Module::IsGraphAsync must be used on an
 * instantiated module", Node 20.20).
 */

const { workerData } = require('node:worker_threads');

const { entry, task } = workerData;
const loaded = import(`./${entry}.js`);
// Whoever sends a task hears of it.
loaded.catch(() => {});

exports[task] = async (work) => (await loaded)[task](work);
