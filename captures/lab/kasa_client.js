// SPDX-License-Identifier: Apache-2.0
// Drives tplink-smarthome-api: somebody who asks and commands plugs. What is sent is the library's, but for the context
// that the maker's app adds and the library does not.
'use strict';
const { Client } = require('tplink-smarthome-api');
const { settings, now, write, obey } = require('./driver.js');

const quiet = { debug() {}, info() {}, warn() {}, error() {}, trace() {} };
const client = new Client({ logLevel: 'error', logger: quiet, defaultSendOptions: { timeout: 5000 } });
const plugs = new Map();
let published = 0;

// What a request asks of relays.
function asked(text, host) {
    const { context = {}, system = {} } = JSON.parse(text);
    if (!system.set_relay_state)
        return [];
    const data = { state: system.set_relay_state.state ? 'on' : 'off' };
    return (context.child_ids || [null]).map((channel) => (
        { kind: 'power.command', device: settings.devices[host], channel, data }));
}

async function logged(text, host, send) {
    const before = now();
    const answer = await send();
    write('publish', { number: ++published, before, after: now(), topic: host, payload: text, qos: 0, retain: false,
                       session: 1, client_id: null, port: null, answers: null, statements: asked(text, host) });
    return answer;
}

function watch(plug) {
    for (const connection of [plug.tcpConnection, plug.udpConnection]) {
        const send = connection.send.bind(connection);
        connection.send = (payload, port, host, options) => (
            logged(payload, host, () => send(payload, port, host, { ...options, timeout: 5000 })));
    }
    return plug;
}

async function plugAt(host, childId) {
    const key = host + '/' + childId;
    if (!plugs.has(key)) {
        const text = JSON.stringify({ system: { get_sysinfo: {} } });
        const answer = JSON.parse(await logged(text, host, () => client.send(text, host)));
        plugs.set(key, watch(client.getPlug({ host, childId, sysInfo: answer.system.get_sysinfo })));
    }
    return plugs.get(key);
}

obey({
    // Calls a function of the library's for a plug, named as its users write it: emeter.getRealtime.
    call: async (host, child, path, ...words) => {
        const plug = await plugAt(host, child === null ? undefined : child);
        const names = path.split('.');
        const method = names.pop();
        const owner = names.reduce((object, part) => object[part], plug);
        const answer = await owner[method](...words);
        return answer && typeof answer === 'object' ? JSON.parse(JSON.stringify(answer)) : answer;
    },
    // A request in the app's own words.
    send: async (host, request, transport) => {
        const text = JSON.stringify(request);
        return JSON.parse(await logged(text, host, () => client.send(text, host, 9999, { transport, timeout: 5000 })));
    },
    // Asks the whole network by broadcast, as apps do while they are in front.
    discover: (broadcast, interval, milliseconds) => new Promise((resolve) => {
        client.startDiscovery({ broadcast, discoveryInterval: interval });
        setTimeout(() => { client.stopDiscovery(); resolve(client.devices.size); }, milliseconds);
    }),
});
