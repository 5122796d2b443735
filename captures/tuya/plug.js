// SPDX-License-Identifier: Apache-2.0
// A plug of protocol 3.3, 3.4 or 3.5, as tinytuya's PROTOCOL.md describes devices: return codes, the header with a
// running number on what it pushes, the negotiation of session keys, broadcasts every five seconds. Its ciphers are
// those of Node.js.
'use strict';
const crypto = require('crypto');
const dgram = require('dgram');
const net = require('net');
const {description: plug, now, log, obey, statements} = require('./common.js');

const START = 3, RESPONSE = 4, FINISH = 5, CONTROL = 7, STATUS = 8, HEART_BEAT = 9, QUERY = 10, CONTROL_NEW = 13,
  QUERY_NEW = 16, UPDATE_DPS = 18, UDP_NEW = 19;
const LOCAL = Buffer.from(plug.key), BROADCAST = crypto.createHash('md5').update('yGAdlopoPVldABfn').digest();
const sealing = plug.version === '3.5', signing = plug.version === '3.4';
const none = Buffer.alloc(0);

// ---- ciphers and frames

const table = Array.from({length: 256}, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1;
  return n >>> 0;
});
const crc32 = bytes => (bytes.reduce((crc, byte) => table[(crc ^ byte) & 255] ^ crc >>> 8, ~0) ^ ~0) >>> 0;
const hmac = (key, bytes) => crypto.createHmac('sha256', key).update(bytes).digest();

function ecb(key, bytes, padding = true, decipher = false) {
  const cipher = (decipher ? crypto.createDecipheriv : crypto.createCipheriv)('aes-128-ecb', key, null);
  cipher.setAutoPadding(padding);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

const word = number => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number >>> 0);
  return bytes;
};

function sealed(key, sequence, command, plain) {
  const head = Buffer.concat([Buffer.from('000066990000', 'hex'), word(sequence), word(command),
    word(plain.length + 28)]);
  const iv = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv('aes-128-gcm', key, iv).setAAD(head.subarray(4));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([head, iv, body, cipher.getAuthTag(), Buffer.from('00009966', 'hex')]);
}

function plainFrame(sequence, command, payload, key) {
  const end = Buffer.from('0000aa55', 'hex');
  const all = Buffer.concat([Buffer.from('000055aa', 'hex'), word(sequence), word(command),
    word(payload.length + (key ? 36 : 8)), payload]);
  return Buffer.concat([all, key ? hmac(key, all) : word(crc32(all)), end]);
}

// A frame of this plug's version: the header in clear (3.3) or with the payload (3.4, 3.5).
function frame(key, sequence, command, header, payload) {
  const code = word(0);
  if (sealing) return sealed(key, sequence, command, Buffer.concat([code, header, payload]));
  if (signing) return plainFrame(sequence, command, Buffer.concat([code, ecb(key, Buffer.concat([header, payload]))]), key);
  return plainFrame(sequence, command, Buffer.concat([code, header, payload.length ? ecb(key, payload) : none]));
}

// The frames of what an app sent, and the bytes that are left.
function* frames(key, bytes) {
  while (bytes.length >= 18) {
    const length = sealing ? 22 + bytes.readUInt32BE(14) : 16 + bytes.readUInt32BE(12);
    if (bytes.length < length) break;
    const one = bytes.subarray(0, length);
    bytes = bytes.subarray(length);
    const command = one.readUInt32BE(sealing ? 10 : 8), sequence = one.readUInt32BE(sealing ? 6 : 4);
    let payload;
    if (sealing) {
      const cipher = crypto.createDecipheriv('aes-128-gcm', key(command), one.subarray(18, 30));
      cipher.setAAD(one.subarray(4, 18)).setAuthTag(one.subarray(length - 20, length - 4));
      payload = Buffer.concat([cipher.update(one.subarray(30, length - 20)), cipher.final()]);
    } else if (signing) {
      if (!hmac(key(command), one.subarray(0, length - 36)).equals(one.subarray(length - 36, length - 4))) {
        throw new Error('HMAC');
      }
      payload = ecb(key(command), one.subarray(16, length - 36), true, true);
    } else {
      payload = one.subarray(16, length - 8);
      if (payload.subarray(0, 3).toString() === '3.3') payload = payload.subarray(15);
      payload = payload.length ? ecb(key(command), payload, true, true) : payload;
    }
    if (/^3\.\d/.test(payload.subarray(0, 3).toString('latin1'))) payload = payload.subarray(15);
    yield {command, sequence, payload};
  }
  return bytes;
}

// ---- what the plug does

let session = 0, pushes = plug.pushes, own = 1000, app = null;

class App {
  constructor(socket) {
    this.socket = socket;
    this.session = ++session;
    this.left = none;
    this.key = null;
    this.sent = 0;
    socket.on('data', bytes => this.take(Buffer.concat([this.left, bytes])));
    socket.on('error', () => {});
    socket.on('close', () => { if (app === this) app = null; });
  }

  take(bytes) {
    const negotiating = command => command >= START && command <= FINISH;
    const some = frames(command => negotiating(command) || !this.key ? LOCAL : this.key, bytes);
    let next;
    while (!(next = some.next()).done) this.answer(next.value);
    this.left = Buffer.from(next.value || none);
  }

  send(command, sequence, payload, {header = none, key = null, said = [], text = ''} = {}) {
    const bytes = frame(key || this.key || LOCAL, sealing ? ++own : sequence, command, header, payload);
    const before = now();
    this.socket.write(bytes);
    log('send', {command: plug.names[command] || String(command), session: this.session, port: 6668, payload: text,
      statements: said, before, after: now()});
  }

  state(command, sequence, dps) {
    const text = JSON.stringify({dps});
    this.send(command, sequence, Buffer.from(text), {text, said: statements(plug, dps)});
  }

  push(dps) {
    const t = Math.floor(Number(now() / 1000000n) / 1000) + plug.ahead;
    const text = JSON.stringify(plug.version === '3.3' ? {dps, t} : {protocol: 4, t, data: {dps}});
    const header = Buffer.concat([Buffer.from(plug.version), word(0), word(pushes++), word(1)]);
    this.send(STATUS, ++own, Buffer.from(text), {header, text, said: statements(plug, dps)});
  }

  answer({command, sequence, payload}) {
    if (command === START) {
      this.client = payload.subarray(0, 16);
      this.own = crypto.randomBytes(16);
      this.send(RESPONSE, sequence, Buffer.concat([this.own, hmac(LOCAL, this.client)]), {key: LOCAL});
    } else if (command === FINISH) {
      if (!hmac(LOCAL, this.own).equals(payload.subarray(0, 32))) throw new Error('finish');
      const both = Buffer.from(this.client.map((byte, i) => byte ^ this.own[i]));
      if (signing) {
        this.key = ecb(LOCAL, both, false);
      } else {
        const cipher = crypto.createCipheriv('aes-128-gcm', LOCAL, this.client.subarray(0, 12));
        this.key = Buffer.concat([cipher.update(both), cipher.final()]);
      }
    } else if (command === HEART_BEAT) {
      this.send(HEART_BEAT, sequence, none);
    } else if (command === QUERY || command === QUERY_NEW || command === UPDATE_DPS) {
      this.state(command, sequence, plug.dps);
    } else if (command === CONTROL || command === CONTROL_NEW) {
      const words = JSON.parse(payload);
      log('receive', {time: now()});
      apply((words.data || words).dps, 'command');
      this.send(command, sequence, none);
      this.push((words.data || words).dps);
    }
  }
}

function apply(dps, why) {
  for (const channel of plug.relays) {
    if (channel in dps && dps[channel] !== plug.dps[channel]) {
      const before = now();
      plug.dps[channel] = dps[channel];
      log('switch', {before, after: now(), device: `tuya:${plug.id}`, channel, state: dps[channel] ? 'on' : 'off', why});
    }
  }
  Object.assign(plug.dps, dps);
}

// A button is pressed, or the load changes: connected apps hear of it.
function press({channel}) {
  const dps = {[channel]: !plug.dps[channel]};
  apply(dps, 'button');
  if (app) app.push(dps);
}

function measure({dps}) {
  apply(dps, 'load');
  if (app) app.push(dps);
}

// A push is made while nobody listens: its number is used all the same.
function skip() {
  pushes++;
}

function announce(socket) {
  const words = Buffer.from(JSON.stringify({ip: plug.address, gwId: plug.id, active: 2, ablilty: 0, encrypt: true,
    productKey: plug.product, version: plug.version}));
  const bytes = sealing ? sealed(BROADCAST, 0, UDP_NEW, Buffer.concat([word(0), words]))
    : plainFrame(0, UDP_NEW, Buffer.concat([word(0), ecb(BROADCAST, words)]));
  socket.send(bytes, 6667, plug.address.replace(/\d+$/, '255'));
}

const speaker = dgram.createSocket('udp4');
speaker.bind(() => {
  speaker.setBroadcast(true);
  setInterval(() => announce(speaker), 5000);
});
obey({press, measure, skip});
net.createServer({noDelay: true}, socket => { app = new App(socket); }).listen(6668, plug.address, () => log('ready'));
