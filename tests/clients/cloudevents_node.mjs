// cloudevents: binary, structured and batched mode in turn. The package sends once and tells no
// status, so the sender repeats until it reads that its events were taken.
import { load, run, settings } from './client.mjs';

const { CloudEvent, HTTP, Mode, emitterFor, httpTransport } = load('cloudevents');
const transport = httpTransport(`${settings.url}/v1/cloudevents`);
const emit = {
  binary: emitterFor(transport, { mode: Mode.BINARY }),
  structured: emitterFor(transport, { mode: Mode.STRUCTURED }),
  batched: (event, options) => transport({
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: `[${HTTP.structured(event).body}]`,
  }, options),
};
const modes = Object.keys(emit);
let sent = 0;

// A client's clock is only corrected where the event says when it was sent: `sentat`.
async function send(attributes) {
  const mode = modes[sent % modes.length];
  sent += 1;
  const event = new CloudEvent({ source: '/shop', time: new Date().toISOString(), ...attributes });
  for (;;) {
    try {
      const options = { headers: { Authorization: `Bearer ${settings.key}` } };
      const sentat = new Date().toISOString();
      const answer = await emit[mode](event.cloneWith({ sentat }), options);
      if (JSON.parse(answer.body).success) return;
    } catch {
      // the connection broke
    }
    await new Promise((done) => { setTimeout(done, 100); });
  }
}

await run({
  track: (mark) => send({ type: 'Looked', subject: mark, data: { mark } }),
  identify: (mark) => send({ type: 'identify', subject: mark, data: { traits: { plan: 'pro' } } }),
  page: (mark) => send({
    type: 'org.example.visit', subject: 'ignored',
    data: { type: 'page', userId: mark, name: 'Home', properties: { mark } },
  }),
  screen: (mark) => send({
    type: 'screen', anonymousid: mark, data: { name: 'Start', properties: { mark } },
  }),
  group: (mark) => send({ type: 'group', subject: mark, data: { groupId: mark, traits: {} } }),
  alias: (mark) => send({ type: 'alias', subject: mark, data: { previousId: `before-${mark}` } }),
}, async () => {}, []);
