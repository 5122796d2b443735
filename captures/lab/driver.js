// SPDX-License-Identifier: Apache-2.0
// What the drivers of third-party programs share: the log, and the director's words (program.py).
'use strict';
const fs = require('fs');
const readline = require('readline');

const settings = JSON.parse(process.argv[2]);
const log = fs.openSync(settings.log, 'a');

// Nanoseconds since 1970, to the microsecond.
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1000) * 1000;

const write = (what, values) => fs.writeSync(log, JSON.stringify({ what, ...values }) + '\n');

const reply = (good, value) => process.stdout.write(JSON.stringify([good, value === undefined ? null : value]) + '\n');

// Obeys the director: an action is a function of its words.
function obey(actions) {
    readline.createInterface({ input: process.stdin }).on('line', async (line) => {
        const [action, ...words] = JSON.parse(line);
        try {
            reply(true, await actions[action](...words));
        } catch (error) {
            reply(false, String(error.stack));
        }
    }).on('close', () => process.exit(0));
    reply(true);
}

// A decimal number's text times ten to the power of `digits`, exact to the millionth.
function shifted(number, digits) {
    const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(number));
    const text = whole.padStart(30, '0') + part.padEnd(40, '0');
    const at = 30 + digits;
    const scaled = BigInt(text.slice(0, at + 6));
    const rest = text.slice(at + 6).replace(/0+$/, '');
    const up = rest > '5' || (rest === '5' && scaled % 2n === 1n) ? 1n : 0n; // half to even
    const millionths = String(scaled + up).padStart(7, '0');
    return sign + millionths.slice(0, -6) + '.' + millionths.slice(-6);
}

module.exports = { settings, now, write, obey, shifted };
