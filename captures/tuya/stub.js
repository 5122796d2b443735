// SPDX-License-Identifier: Apache-2.0
// A plug of protocol 3.1: @tuyapi/stub as it is. What it encodes and what it sets is logged on the way.
'use strict';
const TuyaStub = require('@tuyapi/stub');
const {description: plug, now, log, obey, statements} = require('./common.js');

const CONTROL = 7, STATUS = 8, QUERY = 10;
let session = 0;

class Plug extends TuyaStub {
  _handleRequest(data) {
    for (const packet of this.parser.parse(data)) if (packet.commandByte === CONTROL) log('receive', {time: now()});
    super._handleRequest(data);
  }

  setProperty(property, value) {
    if (plug.relays.includes(property) && this.state[property] !== value) {
      const time = now();
      log('switch', {before: time, after: time, device: `tuya:${plug.id}`, channel: property,
        state: value ? 'on' : 'off', why: 'command'});
    }
    return super.setProperty(property, value);
  }
}

const stub = new Plug({id: plug.id, key: plug.key, ip: plug.address, state: plug.dps});
const encode = stub.parser.encode.bind(stub.parser);
stub.parser.encode = message => {
  // An answer to CONTROL is an acknowledgement, whatever the stub puts into it.
  const says = message.commandByte === STATUS || (message.commandByte === QUERY && stub.socket);
  if (says) {
    const time = now();
    log('send', {command: message.commandByte === STATUS ? 'status' : 'dp_query', session, port: 6668, before: time,
      after: time, payload: JSON.stringify(message.data), statements: statements(plug, message.data.dps)});
  }
  return encode(message);
};
stub.startServer();
stub.server.on('connection', () => session++);
stub.startUDPBroadcast({interval: 5});

// A load that is plugged in is seen with the next query or status.
obey({measure: ({dps}) => Object.assign(stub.state, dps)});
stub.server.on('listening', () => log('ready'));
