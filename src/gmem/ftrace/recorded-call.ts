/**
 * Recorded calls: what the outermost frames of a task are in the model. Imported by who reads traces, and by the models of recorded
 * runs.
 */

/** A call of the model that the trace shows. */
export type RecordedCall =
  /** A mark by itself: into the guest and out of it, a system call. */
  | { readonly call: 'point'; readonly name: string }
  /** A fault on a page of the file's memslot; whether it is private is asked for, where the trace does not say. */
  | { readonly call: 'fault'; readonly page: number; readonly isPrivate: boolean | undefined }
  /**
   * A fault on memory of another memslot, whose `leaf` is the page that it was mapped by, as far as the trace shows.
   * `isOpen`: it does not show enough to say whether that is mapped already.
   */
  | {
      readonly call: 'ordinary-fault';
      readonly page: number;
      readonly gfn: number;
      readonly leaf: { readonly gfn: number; readonly count: number };
      readonly isOpen: boolean;
    }
  | { readonly call: 'user-fault'; readonly page: number }
  | { readonly call: 'set-attributes'; readonly first: number; readonly count: number; readonly isPrivate: boolean }
  | { readonly call: 'punch' | 'allocate'; readonly first: number; readonly count: number }
  /** The memslot of the file goes: what `flushes` its mappings is all roots, or its own leaves. */
  | { readonly call: 'delete-slot'; readonly flushes: 'all-roots' | 'leaves' }
  /** And comes again; the file is bound to it before it is published, or behind that. */
  | { readonly call: 'create-slot'; readonly binds: 'first' | 'last' }
  /** No call of the model: what lies in it has no explanation. */
  | { readonly call: 'none' };
