// SPDX-License-Identifier: Apache-2.0
// A controller: npm's shellies, which listens to reports, asks devices, and switches their relays over HTTP. It writes
// down what it made of the reports.
'use strict';
const shellies = require('shellies');
const { now, log, obey } = require('./node_actor.js');

let numbers = 0;

const heard = (device, property, value, found) => {
  if (property !== 'host' && property !== 'settings')
    log({ what: 'heard', time: now(), device: device.type + '#' + device.id, property, value, found });
};

shellies.on('discover', (device) => {
  for (const [property, value] of device) heard(device, property, value, true);
  device.on('change', (property, value) => heard(device, property, value, false));
});

obey({
  start: () => shellies.start(),
  known: () => [...shellies].map((device) => device.type + '#' + device.id),
  describe: async ({ address }) => {
    await shellies.Coap.getDescription(address);
  },
  poll: async ({ address }) => {
    await shellies.Coap.getStatus(address);
  },
  relay: async ({ kind, number, relay, on, device, wanted }) => {
    const before = now();
    const path = '/relay/' + relay;
    const asked = shellies.getDevice(kind, number).setRelay(relay, on);
    const topic = device + path; // two plugs may be asked alike
    log({ what: 'publish', number: ++numbers, port: null, client_id: null, session: 1, before, after: now(), topic,
      payload: path + '?turn=' + wanted, qos: 0, retain: false, answers: null, statements: [
        { kind: 'power.command', device, channel: 'relay:' + relay, data: { state: wanted } }] });
    await asked;
  },
});
