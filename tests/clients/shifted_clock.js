// Shifts what a program takes for the time by clientClockMs, as a wrong clock does. For Node by
// --require, for a page before its scripts; trueNow() still tells the real time.
(() => {
  const RealDate = globalThis.Date;
  const node = typeof process === 'object';
  const shift = Number(node ? process.env.CLIENT_CLOCK_MS : globalThis.clientClockMs);
  const shifted = () => RealDate.now() + shift;
  globalThis.trueNow = () => RealDate.now();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, words, made) =>
      Reflect.construct(target, words.length ? words : [shifted()], made),
    apply: () => new RealDate(shifted()).toString(),
    get: (target, name, receiver) =>
      name === 'now' ? shifted : Reflect.get(target, name, receiver),
  });
})();
