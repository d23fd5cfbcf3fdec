/** The same program with its actors declared in the reverse order, on which the stream of `mixed` depends. */

/** The model with the actors, or groups of them, in the reverse order. */
export function reversed(model) {
  const { definition } = model;
  const build = (m, parameters, loaded) => {
    const groups = [];
    m.actor = (...declared) => groups.push({ method: 'actor', count: 1, declared });
    m.actors = (name, count, ...more) => groups.push({ method: 'actors', count, declared: [name, count, ...more] });
    definition.build(m, parameters, loaded);
    delete m.actor;
    delete m.actors;
    const all = groups.reduce((sum, { count }) => sum + count, 0);
    const places = groups.flatMap(({ count }, group) => {
      const before = groups.slice(0, group).reduce((sum, earlier) => sum + earlier.count, 0);
      return Array.from({ length: count }, (_, index) => all - before - count + index);
    });
    for (const { method, declared } of groups.reverse()) {
      const at = method === 'actor' ? 1 : 2;
      m[method](...declared.map((each, place) => (place === at ? moved(each, places) : each)));
    }
  };
  return { ...model, definition: { ...definition, build } };
}

/** A script whose calls wait for actors at their new places; the factories of `actors` give scripts without such calls. */
function moved(script, places) {
  if (!Array.isArray(script)) return script;
  return script.map((each) => ({
    ...each,
    after: each.after.map(({ actor, calls }) => ({ actor: places[actor], calls })),
  }));
}
