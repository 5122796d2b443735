// SPDX-License-Identifier: Apache-2.0
// npm wemore's client: reads {"url","do","state"} a line, and says how it went, with the times in milliseconds.
const WemoDevice = require('wemore');
const known = {};
const act = async (wish) => {
    const plug = known[wish.url] || (known[wish.url] = new WemoDevice(wish.url));
    if (wish.do === 'resolve') return plug.resolve().then((found) => found.friendlyName);
    if (wish.do === 'get') return plug.getBinaryState();
    return plug.setBinaryState(wish.state).then(() => wish.state);
};
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const before = Date.now();
    act(JSON.parse(line))
        .then((result) => console.log(JSON.stringify({ before, after: Date.now(), result })))
        .catch((error) => console.log(JSON.stringify({ before, after: Date.now(), error: String(error) })));
}).on('close', () => process.exit(0));
