/**
 * What a bound says of the world of guest_memfd that was named. Imported by the verbs that print one.
 */

import type { GuestMemfdWorld } from '../../report/verify-text.js';
import type { Subject } from '../../subject/subject.js';

/** The world of a scenario; undefined for a model of the user's own. */
export function guestMemfdWorldOf({ record }: Subject): GuestMemfdWorld | undefined {
  if (record.model !== 'guest_memfd') return undefined;
  const { frames, actors, maxOrder, files = [] } = record.scenario;
  const vcpus = actors.filter(({ kind }) => kind === 'vcpu').length;
  return {
    frames,
    vcpus,
    ...(maxOrder === undefined ? {} : { maxOrder }),
    ...(files.length < 2 ? {} : { vms: files.length }),
  };
}
