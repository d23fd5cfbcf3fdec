// Linux, z3fold (patch of 2022-04-29): reclaim takes a reference under pool->lock, trylocks the page, fails and puts; if that is
// the last, its release takes pool->lock again. Fixed: the reference is taken once the page is locked.
import { defineModel } from 'faultline';

export default defineModel({
  name: 'z3fold',
  source: import.meta.url,
  parameters: { broken: true },
  build(m, p) {
    const [pool, page] = [m.spinlock('pool->lock'), m.spinlock('page_lock')];
    const ref = m.refcount('zhdr->refcount');
    function* release() {
      yield* pool.lock(); // list_del(&zhdr->buddy)
      yield* pool.unlock();
    }
    function* isolate() {
      if (p.broken && !(yield* ref.getUnlessZero())) return false;
      if (!(yield* page.trylock())) {
        if (p.broken) yield* ref.putAnd(release);
        return false;
      }
      if (p.broken || (yield* ref.getUnlessZero())) return true;
      yield* page.unlock();
      return false;
    }
    m.actor('reclaim', function* z3fold_reclaim_page() {
      yield* pool.lock();
      const isOurs = yield* isolate();
      yield* pool.unlock();
      if (!isOurs) return;
      yield* page.unlock();
      yield* ref.putAnd(release);
    });
    m.actor('free', function* z3fold_free() {
      yield* page.lock(); // get_z3fold_header()
      const last = yield* ref.put();
      yield* page.unlock();
      if (last) yield* release();
    });
  },
});
