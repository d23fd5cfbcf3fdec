/**
 * Instance names: what the cells of an object are called where there may be several objects of its kind. The first has the
 * bare names, so that a world of one VM and one inode reads like the kernel; of a further one the number stands in front.
 */

/** Names the cells of an object: `mmu_lock` of the first VM, `vm1.mmu_lock` of the second. */
export function instanceNames(kind: 'vm' | 'inode' | 'file', number: number): (name: string) => string {
  return (name) => (number === 0 ? name : `${kind}${number}.${name}`);
}
