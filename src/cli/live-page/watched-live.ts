/**
 * A live run that can be watched: opens the live page where that is asked for, and hands it the beats. Used by the verbs
 * that run live.
 */

import type { Observable, Subscription } from 'rxjs';
import { htmlPageOf } from '../../report/page.js';
import type { LiveBeat } from '../../trace/live-beat.js';
import type { LiveWords } from '../options/live-option.js';
import { say } from '../terminal/terminal.js';
import { LiveServer } from './live-server.js';

/** A live page, open or not asked for. */
export interface WatchedLive {
  /** Shows these beats from now on, in place of those before. */
  show(beats: Observable<LiveBeat>): void;
  /** Says how the run ended, and closes the page. */
  end(words: string): Promise<void>;
}

const NOBODY: WatchedLive = { show: () => {}, end: async () => {} };

/**
 * Opens the page if `--live` is given, and says where.
 *
 * @throws InputError when the port is taken
 */
export async function watchedLive({ live }: LiveWords, title: string): Promise<WatchedLive> {
  if (live === undefined) return NOBODY;
  const server = await LiveServer.open(htmlPageOf({ kind: 'live', title }), live === true ? 0 : live);
  say(`faultline: the run is shown at ${server.address} as long as it goes on.`);
  let shown: Subscription | undefined;
  return {
    show: (beats) => {
      shown?.unsubscribe();
      // The run itself says what goes wrong with it.
      shown = beats.subscribe({ next: (beat) => server.beat(beat), error: () => {} });
    },
    end: async (words) => {
      shown?.unsubscribe();
      await server.end({ words });
    },
  };
}
