/** Small models for tests of traces and reports: a lost update, a deadlock with a queued writer, folios under a race. */

import { folioMachine } from '../../machines/folio.js';
import { atomic, call, choose, defineModel, here, within } from '../../src/index.js';

/** A read and a write where an atomic add was needed. */
export const counter = defineModel({
  name: 'counter',
  parameters: { tellers: 2 },
  build(m, p) {
    const balance = m.cell('balance');
    function* deposit() {
      const seen = yield* balance.read();
      yield* balance.write(seen + 1);
    }
    m.actors('teller', p.tellers, () => deposit);
    m.finally('all counted', [balance], (value) => value === p.tellers || 'a deposit was lost');
  },
});

/** Populate holds the invalidate lock and needs mmap_lock; a fault holds mmap_lock; munmap queues for it between. */
export const lockOrder = defineModel({
  name: 'lock-order',
  build(m) {
    const mmap = m.rwsem('mmap_lock');
    const invalidate = m.rwsem('invalidate_lock');
    const touched = m.cell('touched');
    m.actor('populate', [
      call('populate gfn 0', function* () {
        yield* within('kvm_gmem_populate', 'V1', function* () {
          yield* invalidate.downWrite();
          yield* within('get_user_pages_fast', '', function* () {
            yield* mmap.downRead();
            yield* touched.add(1);
            yield* mmap.upRead();
          });
          yield* invalidate.upWrite();
        });
      }),
    ]);
    m.actor('toucher', [
      call('touch gfn 1', function* () {
        yield* within('handle_mm_fault', '', function* () {
          yield* mmap.downRead();
          yield* within('kvm_gmem_fault_user_mapping', 'V3b', function* () {
            yield* invalidate.downRead();
            yield* touched.add(1);
            yield* invalidate.upRead();
          });
          yield* mmap.upRead();
        });
      }),
    ]);
    m.actor('unmapper', [
      call('munmap', function* () {
        yield* within('vm_munmap', '', function* () {
          yield* mmap.downWrite();
          yield* mmap.upWrite();
        });
      }),
    ]);
  },
});

/** vCPUs that fault a page in without a lock, against a punch that frees it. */
export const folios = defineModel({
  name: 'folios',
  parameters: { vcpus: 1, frames: 2, retries: true },
  build(m, p) {
    const gfn = m.domain('gfn', 1);
    const folio = m.objects('folio', folioMachine, p.frames, { events: ['RMP_ABSENT'] });
    const pages = m.cells('i_pages', 1, { refTo: folio });
    const lock = m.mutex('folio_lock', {
      count: p.frames,
      labels: { lock: 'folio_lock(%)', trylock: 'folio_trylock(%)', unlock: 'folio_unlock(%)' },
    });
    const faults = m.cells('faults', 4);
    function fault(vcpu: number) {
      return function* fault(at: Parameters<typeof pages.at>[0]) {
        const again = yield* here();
        const found = yield* within('filemap_get_folio', '', () => pages.at(at).read()[Symbol.iterator]());
        if (found === null) {
          const fresh = yield* folio.claim('free', 'ALLOCATE');
          if (fresh === null) return -12;
          yield* folio.at(fresh).send('CLEAR');
          const inserted = yield* atomic('filemap_add_folio()', function* () {
            const won = yield* pages.at(at).cmpxchg(null, fresh);
            yield* folio.at(fresh).send(won ? 'INSERT' : 'FREE');
            return won;
          });
          if (!inserted && p.retries) yield* again();
          return 0;
        }
        yield* within('kvm_gmem_get_pfn', 'V1', function* () {
          yield* lock.at(found).lock();
          if (!(yield* folio.at(found).is('uptodate').named('folio_test_uptodate()'))) {
            yield* folio.at(found).send('MARK_UPTODATE');
          }
          yield* lock.at(found).unlock();
        });
        for (let i = 0; i < 5; i++) yield* faults.at(vcpu).add(1);
        yield* within('kvm_tdp_mmu_map', '', () => folio.at(found).send('MAP_SHARED')[Symbol.iterator]());
        return 0;
      };
    }
    m.actors('vCPU', p.vcpus, (index) => {
      const body = fault(index);
      return [call('fault gfn 0', body, gfn.id(0)), call('fault gfn 0 again', body, gfn.id(0))];
    });
    m.actor('CPU1', [
      call('punch hole', function* () {
        yield* within('kvm_gmem_punch_hole', 'V1', function* () {
          if ((yield* choose(2, 'signal_pending()', ['false', 'true'])) === 1) return;
          const found = yield* pages.at(0).read();
          if (found === null) return;
          yield* lock.at(found).lock();
          yield* pages.at(0).write(null);
          yield* folio.at(found).send('REMOVE');
          yield* lock.at(found).unlock();
          yield* within('kvm_gmem_free_folio', 'V1', () => folio.at(found).send('FREE')[Symbol.iterator]());
        });
      }),
    ]);
  },
});
