// @rudderstack/rudder-sdk-node as a service uses it; its bodies are gzip, labelled as a form.
import { load, run, settings } from './client.mjs';

const Rudder = load('@rudderstack/rudder-sdk-node');
const failures = [];
let waiting = 0;
// Its three retries last 1.4 s, less than a server takes to come back.
const client = new Rudder(settings.key, {
  dataPlaneUrl: settings.url,
  flushAt: 5,
  flushInterval: 200,
  retryCount: 12,
  logLevel: 'none',
  errorHandler: (error) => failures.push(String(error)),
});
const call = (type) => (message) => {
  waiting += 1;
  client[type](message, (error) => {
    waiting -= 1;
    if (error) failures.push(String(error));
  });
};

async function finish() {
  while (waiting > 0) {
    await client.flush();
    await new Promise((done) => { setTimeout(done, 20); });
  }
}

await run({
  track: (mark) => call('track')({ userId: mark, event: 'Looked', properties: { mark } }),
  identify: (mark) => call('identify')({ userId: mark, traits: { plan: 'pro' } }),
  page: (mark) => call('page')({ userId: mark, name: 'Home', properties: { mark } }),
  screen: (mark) => call('screen')({ anonymousId: mark, name: 'Start', properties: { mark } }),
  group: (mark) => call('group')({ userId: mark, groupId: mark, traits: { seats: 3 } }),
  alias: (mark) => call('alias')({ userId: mark, previousId: `before-${mark}` }),
}, finish, failures);
