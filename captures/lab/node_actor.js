// SPDX-License-Identifier: Apache-2.0
// What actors in Node.js share: their settings, their log, and the director's orders (node.py).
'use strict';
const fs = require('fs');
const readline = require('readline');

const settings = JSON.parse(process.argv[2]);

// Nanoseconds since 1970 on the clock that also stamps the packets; Node.js reads it to the millisecond.
function now() {
  return BigInt(Date.now()) * 1000000n;
}

function text(record) {
  return JSON.stringify(record, (key, value) => (typeof value === 'bigint' ? '@' + value + '@' : value))
    .replace(/"@(\d+)@"/g, '$1');
}

function log(record) {
  fs.appendFileSync(settings.log, text(record) + '\n');
}

function obey(orders) {
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', async (line) => {
    const order = JSON.parse(line);
    try {
      const value = order.do === 'hold' ? true : await orders[order.do](order);
      process.stdout.write(JSON.stringify({ id: order.id, value: value === undefined ? null : value }) + '\n');
    } catch (error) {
      process.stdout.write(JSON.stringify({ id: order.id, error: String((error && error.stack) || error) }) + '\n');
    }
  });
  lines.on('close', () => process.exit(0));
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

module.exports = { settings, now, log, obey, pause };
