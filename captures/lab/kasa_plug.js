// SPDX-License-Identifier: Apache-2.0
// Drives tplink-smarthome-simulator: one plug or strip. Protocol, answers and their order are the simulator's; ours are
// the load behind the relay, and a strip's on_time, which the simulator leaves at 0.
'use strict';
const { Device, UdpServer } = require('tplink-smarthome-simulator');
const { settings, now, write, obey, shifted } = require('./driver.js');

const { model, mac, alias, deviceId, watts } = settings;
const name = 'mac:' + mac;
const plug = new Device({ model, address: settings.address, port: 9999, data: { mac, alias, deviceId } });
const children = model === 'hs300' ? plug.children : [];
const since = new Map();
const latest = new Map(); // channel to its last switching
let received = 0, published = 0, switchings = 0, text = null;
let remote = null;
const answers = [];

// ---- the relays and the load

const full = (id) => (id.length <= 2 ? deviceId + id : id);

function relays() {
    if (children.length === 0)
        return new Map([[null, plug.data.system.sysinfo.relay_state]]);
    return new Map(children.map((child) => [full(child.sysinfo.id), child.sysinfo.state]));
}

function draw(realtime, on, share) {
    realtime.power = on ? Math.round(watts * share * (0.99 + 0.02 * Math.random()) * 1000) / 1000 : 0;
    realtime.current = Math.round(realtime.power / realtime.voltage * 1000) / 1000;
    realtime.voltage = Math.round((229 + 3 * Math.random()) * 1000) / 1000;
}

function measure() {
    if (children.length === 0)
        draw(plug.data.emeter.realtime, plug.data.system.sysinfo.relay_state === 1, 1);
    children.forEach((child, n) => draw(child.emeter.realtime, child.sysinfo.state === 1, 1 / (n + 1)));
}

// Notes what has moved since `before`.
function noteMoves(before, time, why, command) {
    for (const [channel, state] of relays()) {
        if (before.get(channel) === state)
            continue;
        since.set(channel, Date.now());
        latest.set(channel, ++switchings);
        write('switch', { number: switchings, before: time, after: now(), device: name, channel,
                          state: state ? 'on' : 'off', why, answers: command, trigger: command ? 'lan' : why });
    }
}

for (const child of children)
    Object.defineProperty(child.sysinfo, 'on_time', {
        enumerable: true,
        get: () => (child.sysinfo.state ? Math.round((Date.now() - since.get(full(child.sysinfo.id))) / 1000) : 0),
    });

// ---- what an answer states

function state(channel, on) {
    return { kind: 'power.state', device: name, channel, data: { state: on ? 'on' : 'off' },
             switching: latest.get(channel) || null };
}

const counter = (channel, data) => ({ kind: 'energy.counter', device: name, channel, data });

function* statistics(result, channel, small, large) {
    const list = result.day_list || result.month_list;
    const scope = result.day_list ? 'day' : 'month';
    for (const entry of list || []) {
        if (entry.time !== undefined)
            yield counter(channel, { scope, runtime_min: entry.time });
        else
            yield counter(channel, { scope, energy_wh: small in entry ? shifted(entry[small], 0) : shifted(entry[large], 3) });
    }
}

function* metered(realtime, channel) {
    const v2 = 'power_mw' in realtime;
    const of = (a, b) => (v2 ? shifted(realtime[a], -3) : shifted(realtime[b], 0));
    yield { kind: 'power.reading', device: name, channel, data: {
        power_w: of('power_mw', 'power'), voltage_v: of('voltage_mv', 'voltage'), current_a: of('current_ma', 'current') } };
    yield counter(channel, { scope: 'total', energy_wh: v2 ? shifted(realtime.total_wh, 0) : shifted(realtime.total, 3) });
}

function* stated(answer, request) {
    const ids = (request.context || {}).child_ids;
    const channel = ids && children.length ? full(ids[0]) : null;
    const { system = {}, emeter = {}, schedule = {} } = answer;
    const info = system.get_sysinfo;
    if (info && info.children)
        yield* info.children.map((child) => state(full(child.id), child.state));
    else if (info)
        yield state(null, info.relay_state);
    if (emeter.get_realtime && emeter.get_realtime.err_code === 0)
        yield* metered(emeter.get_realtime, channel);
    for (const result of [emeter.get_daystat, emeter.get_monthstat, schedule.get_daystat, schedule.get_monthstat])
        yield* statistics(result || {}, channel, 'energy_wh', 'energy');
}

// ---- around the simulator

const process_ = plug.processMessage.bind(plug);
plug.processMessage = (message, ...more) => {
    const before = relays(), time = now();
    const number = ++received;
    write('receive', { time, number, topic: settings.address, payload: message, qos: 0, retain: false, dup: false,
                       retain_as_published: false, session: 1, port: remote.remotePort,
                       question: message === '{"system":{"get_sysinfo":{}}}' });
    measure();
    const made = process_(message, ...more);
    noteMoves(before, time, 'command', number);
    answers.push({ number, statements: [...stated(JSON.parse(made.responseForLog), JSON.parse(message))] });
    return made;
};
plug.deviceNetworking.on('data', (data) => { remote = data; });
plug.deviceNetworking.on('response', ({ message, remoteAddress }) => {
    const { number, statements } = answers.shift();
    const before = now();
    write('publish', { number: ++published, before, after: before, topic: remoteAddress, payload: message, qos: 0,
                       retain: false, session: 1, client_id: null, port: 9999, answers: number, statements });
});
plug.deviceNetworking.on('error', (error) => { throw error; });

// ---- what the director may ask

obeyWhenReady();

async function obeyWhenReady() {
    await UdpServer.start({ port: 9999 });
    await plug.start();
    measure();
    obey({
        relays: () => [...relays()],
        button: (child) => {
            const before = relays(), time = now();
            const id = child === undefined ? null : full(children[child].sysinfo.id);
            if (id)
                plug.api.context.child_ids([id]);
            plug.api.system.set_relay_state({ state: before.get(id) ? 0 : 1 });
            noteMoves(before, time, 'button', null);
        },
    });
}
