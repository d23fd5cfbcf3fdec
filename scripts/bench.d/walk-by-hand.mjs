/**
 * The preparedness benchmark walked at random by hand: program counters and shared words in an Int32Array and a switch,
 * written for this one program and nothing else. What somebody would write who wants the number and not a tool; the
 * yardstick of scripts/bench explore.
 */

const LOCK = 0;
const FLAG = 1;
const RMP = 2;
const CONTENT = 3;
const V = 4;
const PC = 5;
const FAULT_END = 8;
const CONVERTER_END = 4;

/** Walks N faults and the converter; returns the steps and counts V in `ends`. One function, so that all is inline. */
export function walkByHand(faults, runs, random, ends) {
  const words = new Int32Array(PC + faults + 1);
  const runnable = new Int32Array(faults + 1);
  const converter = PC + faults;
  let steps = 0;
  for (let run = 0; run < runs; run++) {
    words.fill(0);
    words[CONTENT] = -1;
    for (;;) {
      let count = 0;
      const lock = words[LOCK];
      for (let actor = 0; actor < faults; actor++) {
        const pc = words[PC + actor];
        if (pc < FAULT_END && (pc !== 0 || lock >= 0)) runnable[count++] = actor;
      }
      const pc = words[converter];
      if (pc < CONVERTER_END && (pc !== 0 || lock === 0)) runnable[count++] = faults;
      if (count === 0) break;
      const actor = runnable[random.below(count)];
      steps++;
      if (actor === faults) {
        switch (words[converter]++) {
          case 0:
            words[LOCK] = -1;
            break;
          case 1:
            words[RMP] = 0;
            break;
          case 2:
            words[FLAG] = 0;
            break;
          case 3:
            words[LOCK] = 0;
        }
        continue;
      }
      const at = PC + actor;
      switch (words[at]) {
        case 0:
          words[LOCK]++;
          words[at] = 1;
          break;
        case 1:
          words[at] = words[FLAG] === 1 ? 5 : 2;
          break;
        case 2:
          words[CONTENT] = 0;
          words[at] = 3;
          break;
        case 3:
          if (words[RMP] === 1) words[V] |= 1;
          words[RMP] = 1;
          words[at] = 4;
          break;
        case 4:
          words[FLAG] = 1;
          words[at] = 5;
          break;
        case 5:
          words[LOCK]--;
          words[at] = 6;
          break;
        case 6:
          words[CONTENT] = actor + 1;
          words[at] = 7;
          break;
        case 7:
          if (words[CONTENT] === 0) words[V] |= 2;
          else if (words[CONTENT] === -1) words[V] |= 4;
          words[at] = 8;
      }
    }
    ends[words[V]]++;
  }
  return steps;
}
