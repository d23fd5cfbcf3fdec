/**
 * Listening: what a verb runs is loaded while the thread that waits for Ctrl-C starts. Imported by the verbs that run
 * something.
 */

/** What `load` loads, once no Ctrl-C can be missed any more. */
export async function whileListening<T>(load: () => Promise<T>): Promise<T> {
  const { listenForInterrupts } = await import('./interrupt.js');
  const listening = listenForInterrupts();
  const loaded = await load();
  await listening;
  return loaded;
}
