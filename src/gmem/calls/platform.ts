/**
 * What happens to the machine while VMs end: SNP is shut down (sev_snp_shutdown(), drivers/crypto/ccp/sev-dev.c), CPUs go and come
 * (kernel/cpu.c; keys: docs/kernel.md). Imported by the registry.
 */

import { waitUntil } from '../../core/ops/choice.js';
import { atomic, type Routine } from '../../core/ops/routine.js';
import { EBUSY } from '../errno.js';
import type { Gmem } from '../gmem.js';
import { inFunction } from '../in-function.js';
import { callKind } from './call-kind.js';
import { rmpoptCleanup } from './rmpopt.js';

/** SNP is shut down: by who unloads the driver of the security processor, or by kexec. */
export const snpShutdownCall = callKind({
  name: 'snp-shutdown',
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['fileEnds', 'snpShutdown'],
  words: () => 'shut SNP down',
  routine: (g) => () => snpShutdown(g),
});

/** CPU 1 goes offline. */
export const cpuOfflineCall = callKind({
  name: 'cpu-offline',
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['fileEnds', 'cpuHotplug'],
  words: () => 'take a CPU offline',
  routine: (g) => () => cpuOffline(g),
});

/** CPU 2 comes online, which was not there at set-up. */
export const cpuOnlineCall = callKind({
  name: 'cpu-online',
  by: 'host',
  pages: 'none',
  takes: {},
  needs: ['fileEnds', 'cpuHotplug'],
  words: () => 'bring a CPU online',
  routine: (g) => () => cpuOnline(g),
});

/** 0, or -EBUSY while the firmware has the context of a guest. */
function* snpShutdown(g: Gmem): Routine<number> {
  return yield* inFunction('__sev_snp_shutdown_locked', g.version, function* () {
    const { attribute, enabled } = g.world.platform.snp!;
    for (const { end } of g.world.vms) if ((yield* end!.users.read()) > 0) return -EBUSY;
    yield* rmpoptCleanup(g);
    yield* atomic('SNP_SHUTDOWN_EX', function* () {
      yield* enabled.write(0);
      // Nobody looks at the RMP any more.
      for (let frame = 0; frame < g.scenario.frames; frame++) yield* g.folios.at(frame).send('UNASSIGN');
    });
    yield* attribute.write(0).named('cc_platform_clear(CC_ATTR_HOST_SEV_SNP)');
    return 0;
  });
}

/** 0, or -EBUSY where CPUs must stay. */
function* cpuOffline(g: Gmem): Routine<number> {
  const { disabled, lock, pinned, online } = g.world.platform.cpus!;
  if ((yield* disabled.read()) === 1) return -EBUSY;
  return yield* inFunction('_cpu_down', g.version, function* () {
    yield* lock.downWrite();
    yield* waitUntil([pinned], (tasks) => tasks === 0, 'balance_hotplug_wait()');
    yield* online.write(0);
    yield* lock.upWrite();
    return 0;
  });
}

function* cpuOnline(g: Gmem): Routine<number> {
  const { disabled, lock, late } = g.world.platform.cpus!;
  if ((yield* disabled.read()) === 1) return -EBUSY;
  return yield* inFunction('_cpu_up', g.version, function* () {
    yield* lock.downWrite();
    yield* late.write(1);
    yield* lock.upWrite();
    return 0;
  });
}
