/** A model file that runs an engine on its own model as it is loaded: the worker threads of that engine must not. */

/** The text of the file; `run` is the call, of `verb`, that it ends with. */
export function selfRunningModel(verb: 'explore' | 'verify', run: string): string {
  return `import { defineModel, ${verb} } from 'faultline';
const model = defineModel({
  name: 'itself',
  source: import.meta.url,
  build(m) {
    const x = m.cell('x');
    m.actor('a', function* a() { yield* x.read(); });
  },
});
export default model;
await ${run};
`;
}
