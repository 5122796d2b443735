// SPDX-License-Identifier: Apache-2.0
// An app on a phone: tuyapi, unmodified, with one device object a plug.
'use strict';
const TuyAPI = require('tuyapi');
const {description, now, log, obey, sleep} = require('./common.js');

const devices = {};
let sessions = 0;

async function connect({plug}) {
  const {id, key, address, version} = description.plugs[plug];
  const device = new TuyAPI({id, key, ip: address, version, issueGetOnConnect: false, issueRefreshOnConnect: false});
  device.on('error', error => log('trouble', {plug, error: error.message}));
  await device.connect();
  for (let i = 0; i < 100 && Number(version) >= 3.4 && !device.sessionKey; i++) await sleep(10);
  devices[plug] = device;
  sessions++;
}

// Sets data points, and logs what that asks for.
async function set({plug, dps}) {
  const {id, relays} = description.plugs[plug];
  const device = devices[plug];
  const said = relays.filter(channel => channel in dps).map(channel => (
    {kind: 'power.command', device: `tuya:${id}`, channel, data: {state: dps[channel] ? 'on' : 'off'}}));
  const port = device.client.localPort;
  const before = now();
  const set = device.set({multiple: true, data: dps, shouldWaitForResponse: false});
  const after = now();
  log('send', {command: 'control', to: plug, payload: JSON.stringify({dps}), statements: said, session: sessions, port,
    before, after});
  await Promise.race([set, sleep(100)]);
  await sleep(50);
}

async function get({plug}) {
  await devices[plug].get({schema: true});
}

async function disconnect({plug}) {
  devices[plug].disconnect();
  delete devices[plug];
  await sleep(50);
}

obey({connect, set, get, disconnect});
log('ready');
