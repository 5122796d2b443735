// SPDX-License-Identifier: Apache-2.0
// What the actors have in common: orders come in as lines of JSON, the log goes out as lines of JSON, and a plug's
// data points are put into the words of a timeline.
'use strict';
const readline = require('readline');

const description = JSON.parse(process.argv[2]);

// Nanoseconds since 1970 as an integer in text, of which JSON.stringify would lose the end.
function now() {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}

function log(what, values = {}) {
  const marked = JSON.stringify({what, ...values}, (_, value) => typeof value === 'bigint' ? `@${value}@` : value);
  process.stdout.write(marked.replace(/"@(\d+)@"/g, '$1') + '\n');
}

// Calls the order's function, and says when it is done.
function obey(orders) {
  readline.createInterface({input: process.stdin}).on('line', async line => {
    const order = JSON.parse(line);
    await orders[order.do](order);
    log('done');
  }).on('close', () => process.exit(0));
}

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

const tenths = number => `${Math.floor(number / 10)}.${number % 10}`;
const thousandths = number => `${Math.floor(number / 1000)}.${String(number % 1000).padStart(3, '0')}`;

// What the data points of a plug mean: its relays, and its meter if it has one.
function statements(plug, dps) {
  const device = `tuya:${plug.id}`;
  const said = [];
  for (const channel of plug.relays) {
    if (channel in dps) {
      said.push({kind: 'power.state', device, channel, data: {state: dps[channel] ? 'on' : 'off'}});
    }
  }
  const data = {};
  if ('19' in dps) data.power_w = tenths(dps['19']);
  if ('20' in dps) data.voltage_v = tenths(dps['20']);
  if ('18' in dps) data.current_a = thousandths(dps['18']);
  if (plug.metered && Object.keys(data).length > 0) said.push({kind: 'power.reading', device, channel: null, data});
  return said;
}

module.exports = {description, now, log, obey, sleep, statements};
