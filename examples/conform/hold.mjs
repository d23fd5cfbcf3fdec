/**
 * Holds the log of the program beside it against the model of a ticket lock: does some execution of the model explain every
 * line?
 *
 *   node examples/conform/hold.mjs lock.log
 *
 * Exits 0 when it does, 1 at a line that none explains, 3 when it cannot tell.
 */
import { readFileSync } from 'node:fs';
import { conform, loadModel } from 'faultline';

/** What an event of the log is the trace of, in the model. */
const MARKS = { drew: 'drew', 'is-in': 'is in', leaves: 'leaves' };

const lines = readFileSync(process.argv[2], 'utf8').trimEnd().split('\n');
const tasks = [...new Set(lines.map((line) => line.split(' ')[1]))];
const rounds = lines.filter((line) => line.includes(` ${tasks[0]} drew `)).length;

const lock = await loadModel(new URL('../ticket-lock.ts', import.meta.url).href);

/** The table of observation: from a line to an event, with what it says of the state of the model. */
function observe(model) {
  const events = lines.map((text, place) => {
    const [time, task, event, number] = text.split(' ');
    return {
      actor: model.actor(task),
      kind: 'tracepoint',
      name: MARKS[event],
      time: Number(time),
      line: place + 1,
      text,
      check: ({ values: [drawn] }) => (drawn === Number(number) ? undefined : `${task} has number ${drawn}`),
    };
  });
  return { events, visible: new Set(Object.values(MARKS).map((name) => `tracepoint ${name}`)) };
}

const { verdict, explained, event, reasons, states } = await conform(
  lock.with({ tasks: tasks.length, rounds }),
  observe,
);
if (verdict === 'explained') {
  console.log(`Explained: all ${explained} lines; ${states.most} states at most.`);
} else if (verdict === 'refused') {
  console.log(`Refused: line ${event.line}, "${event.text}".`);
  for (const { words } of reasons) console.log(`The model allows here: ${words}.`);
} else console.log(`Undecided behind line ${explained}.`);
process.exitCode = { explained: 0, refused: 1, undecided: 3 }[verdict];
