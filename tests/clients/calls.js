// The calls that every client makes, for Node and for pages: the six types in turn, each with a
// mark of its own by which it is found in the lake.
(() => {
  const TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias'];

  // Makes `count` calls, one every `pause` ms; make[type](mark) makes one. A type that a client
  // does not have is left out. Gives what was called, with the true times.
  globalThis.makeCalls = async (make, { prefix, count, pause }) => {
    const types = TYPES.filter((type) => make[type]);
    const made = [];
    for (let i = 0; i < count; i += 1) {
      const type = types[i % types.length];
      const mark = `${prefix}-${i}`;
      made.push({ type, mark, at: globalThis.trueNow() });
      await make[type](mark);
      if (pause) await new Promise((done) => { setTimeout(done, pause); });
    }
    return made;
  };
})();
