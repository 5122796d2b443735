// SPDX-License-Identifier: Apache-2.0
// A Shelly of Gen1 as far as CoIoT and /relay/{index} go: relays, a meter each, a serial that grows with each change.
// Its CoAP is npm's coap; its reports leave from port 5683 without a token, as real devices' do.
'use strict';
const http = require('http');
const coap = require('coap');
const packet = require('coap-packet');
const { settings, now, log, obey, pause } = require('./node_actor.js');

const GROUP = '224.0.1.187';
const PORT = 5683;
const VALIDITY = 380;
const second = settings.version === '2';

const relays = [];
for (let n = 0; n < settings.relays; n++)
  relays.push({ on: false, load: 0, minutes: 0, over: 0, overValue: 0, switching: null });
let serial = settings.serial;
let messageId = 4000;
let numbers = 0;
let last = null; // the last report that got out: serial and payload
const temperature = 31.25;

const u16 = (value) => { const bytes = Buffer.alloc(2); bytes.writeUInt16BE(value); return bytes; };
for (const number of ['3412', '3420']) coap.registerOption(number, u16, (bytes) => bytes.readUInt16BE(0));
coap.registerOption('3332', (value) => Buffer.from(value), (bytes) => bytes.toString());
const identity = settings.kind + '#' + settings.number + '#' + settings.version;

// ---- what is reported, and what that means

const power = (relay) => (relay.on ? relay.load : 0);

function values() {
  const G = [];
  if (second) G.push([0, 9103, 0]);
  relays.forEach((relay, n) => {
    if (second) {
      G.push([0, 1101 + 100 * n, relay.on ? 1 : 0], [0, 4101 + 100 * n, power(relay)],
        [0, 4103 + 100 * n, relay.minutes], [0, 6102 + 100 * n, relay.over]);
      if (settings.relays === 1) G.push([0, 6109, relay.overValue]);
    } else {
      G.push([0, 111 + 10 * n, power(relay)], [0, 112 + 10 * n, relay.on ? 1 : 0], [0, 214 + 10 * n, relay.minutes]);
    }
  });
  G.push(...(second ? [[0, 3104, temperature], [0, 6101, 0]] : [[0, 113, temperature], [0, 115, 0]]));
  return JSON.stringify({ G });
}

// Watt-minutes as watt-hours with six digits, half to even.
function wattHours(minutes) {
  const micro = BigInt(minutes) * 1000000n;
  let whole = micro / 60n;
  const rest = micro % 60n;
  if (rest > 30n || (rest === 30n && whole % 2n === 1n)) whole += 1n;
  const digits = whole.toString().padStart(7, '0');
  return digits.slice(0, -6) + '.' + digits.slice(-6);
}

function meaning() {
  const said = [];
  relays.forEach((relay, n) => {
    const about = { device: settings.device, channel: 'relay:' + n };
    said.push({ kind: 'power.state', ...about, data: { state: relay.on ? 'on' : 'off' }, switching: relay.switching });
    said.push({ kind: 'power.reading', ...about, data: { power_w: String(power(relay)) } });
    said.push({ kind: 'energy.counter', ...about, data: { scope: 'total', energy_wh: wattHours(relay.minutes) } });
    if (second && settings.relays === 1 && relay.overValue > 0)
      said.push({ kind: 'power.reading', ...about, data: { power_w: String(relay.overValue) } });
  });
  return said;
}

function publish(record) {
  log({ what: 'publish', number: ++numbers, port: PORT, client_id: null, session: 1, qos: 0, retain: false,
    answers: null, ...record });
  return numbers;
}

// Writes down a report that went out, with what it states if it is not the last one again.
function told(before, topic, payload, lost) {
  const fresh = !last || last.serial !== serial || last.payload !== payload;
  const missed = last ? Math.max(0, serial - last.serial - 1) : 0;
  publish({ before, after: now(), topic, payload, sender: settings.kind + '#' + settings.number, serial, missed: fresh && !lost ? missed : 0, lost,
    statements: fresh && !lost ? meaning() : [] });
  if (!lost) last = { serial, payload };
}

// ---- sending

const options = () => [{ name: '3332', value: Buffer.from(identity) }, { name: '3412', value: u16(VALIDITY) },
  { name: '3420', value: u16(serial) }];

function report(lost) {
  const payload = values();
  const path = [{ name: 'Uri-Path', value: Buffer.from('cit') }, { name: 'Uri-Path', value: Buffer.from('s') }];
  const bytes = packet.generate({ code: settings.peer ? '2.05' : '0.30', confirmable: false, messageId: ++messageId,
    token: Buffer.alloc(0), options: [...path, ...options()], payload: Buffer.from(payload) });
  const before = now();
  return new Promise((done) => server._sock.send(bytes, PORT, settings.peer || GROUP, () => {
    told(before, '/cit/s', payload, Boolean(lost));
    done();
  }));
}

function describe() {
  const blk = relays.map((relay, n) => ({ I: second ? n + 1 : n, D: second ? 'relay_' + n : 'Relay' + n }));
  const device = second ? relays.length + 1 : 0;
  if (second) blk.push({ I: device, D: 'device' });
  const sen = [];
  relays.forEach((relay, n) => {
    const L = second ? n + 1 : n;
    if (second) {
      sen.push({ I: 1101 + 100 * n, T: 'S', D: 'output', R: '0/1', L });
      sen.push({ I: 4101 + 100 * n, T: 'P', D: 'power', U: 'W', R: ['0/2500', '-1'], L });
      sen.push({ I: 4103 + 100 * n, T: 'E', D: 'energy', U: 'Wmin', R: ['U32', '-1'], L });
      sen.push({ I: 6102 + 100 * n, T: 'A', D: 'overpower', R: ['0/1', '-1'], L });
    } else {
      sen.push({ I: 111 + 10 * n, T: 'P', D: 'Power', R: '0/2500', L });
      sen.push({ I: 112 + 10 * n, T: 'S', D: 'State', R: '0/1', L });
      sen.push({ I: 214 + 10 * n, T: 'S', D: 'Energy counter total [W-min]', L });
    }
  });
  if (second) {
    if (settings.relays === 1) sen.push({ I: 6109, T: 'P', D: 'overpowerValue', U: 'W', R: ['U32', '-1'], L: 1 });
    sen.push({ I: 3104, T: 'T', D: 'deviceTemp', U: 'C', R: ['-40/300', '999'], L: device });
    sen.push({ I: 6101, T: 'A', D: 'overtemp', R: ['0/1', '-1'], L: device });
    sen.push({ I: 9103, T: 'EVC', D: 'cfgChanged', R: 'U16', L: device });
  } else {
    sen.push({ I: 113, T: 'T', D: 'Temperature C', R: '-40/300', L: 0 }, { I: 115, T: 'S', D: 'Overtemp', R: '0/1', L: 0 });
  }
  return JSON.stringify({ blk, sen });
}

const server = coap.createServer({ multicastAddress: GROUP, multicastInterface: settings.address });
server.on('request', (request, response) => {
  const before = now();
  if (request.code !== '0.01' || !['/cit/s', '/cit/d'].includes(request.url)) return; // others' reports
  const status = request.url === '/cit/s';
  const payload = status ? values() : describe();
  response.setOption('3332', identity);
  if (status) {
    response.setOption('3412', u16(VALIDITY));
    response.setOption('3420', u16(serial));
  }
  response.end(payload);
  if (status) told(before, '/cit/s', payload, false);
});

// ---- switching

function turn(relay, on, why, answers) {
  if (relay.on === on) return false;
  const before = now();
  relay.on = on;
  if (on) relay.over = relay.overValue = 0;
  relay.switching = ++numbers;
  log({ what: 'switch', number: numbers, before, after: now(), device: settings.device,
    channel: 'relay:' + relays.indexOf(relay), state: on ? 'on' : 'off', why, answers });
  return true;
}

const web = http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://plug');
  const found = /^\/relay\/(\d+)$/.exec(url.pathname);
  const relay = found && relays[Number(found[1])];
  const wanted = url.searchParams.get('turn');
  if (!relay) { response.writeHead(404); response.end(); return; }
  const received = ++numbers;
  log({ what: 'receive', number: received, time: now(), topic: settings.device + url.pathname, payload: request.url, retain: false,
    retain_as_published: false });
  const changed = turn(relay, wanted === 'toggle' ? !relay.on : wanted === 'on', 'command', received);
  if (changed) {
    serial++;
    await report();
    await pause(20); // the report goes first, as the clients of real devices see it
  }
  const body = JSON.stringify({ ison: relay.on, has_timer: false, timer_started: 0, timer_duration: 0,
    timer_remaining: 0, overpower: relay.over === 1, source: 'http' });
  const before = now();
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(body);
  publish({ before, after: now(), topic: url.pathname, payload: body, answers: received, statements: [
    { kind: 'power.state', device: settings.device, channel: 'relay:' + relays.indexOf(relay),
      data: { state: relay.on ? 'on' : 'off' }, switching: relay.switching }] });
});

obey({
  listen: () => new Promise((done) => server.listen(PORT, () => web.listen(80, settings.address, done))),
  again: () => report(),
  button: ({ relay }) => { turn(relays[relay], !relays[relay].on, 'button', null); serial++; return report(); },
  load: ({ relay, watts, minutes, lost }) => {
    relays[relay].load = watts;
    relays[relay].minutes += minutes;
    serial++;
    return report(lost);
  },
  overpower: ({ relay, watts }) => {
    turn(relays[relay], false, 'overload', null);
    relays[relay].over = 1;
    relays[relay].overValue = watts;
    serial++;
    return report();
  },
  relays: () => relays.map((relay) => relay.on),
});
