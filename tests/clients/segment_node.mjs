// @segment/analytics-node as a service uses it. It has no compression.
import { load, run, settings } from './client.mjs';

const { Analytics } = load('@segment/analytics-node');
const failures = [];
const analytics = new Analytics({
  writeKey: settings.key,
  host: settings.url,
  flushAt: 5,
  flushInterval: 200,
});
analytics.on('error', (error) => failures.push(`${error.code}: ${error.reason}`));

await run({
  track: (mark) => analytics.track({ userId: mark, event: 'Looked', properties: { mark } }),
  identify: (userId) => analytics.identify({ userId, traits: { plan: 'pro' } }),
  page: (mark) => analytics.page({ userId: mark, name: 'Home', properties: { mark } }),
  screen: (mark) => analytics.screen({ anonymousId: mark, name: 'Start', properties: { mark } }),
  group: (mark) => analytics.group({ userId: mark, groupId: mark, traits: { seats: 3 } }),
  alias: (mark) => analytics.alias({ userId: mark, previousId: `before-${mark}` }),
}, () => analytics.closeAndFlush({ timeout: 60_000 }), failures);
