// SPDX-License-Identifier: Apache-2.0
// npm wemore's emulated WeMo plug, which says on standard output what its relay does, with the time in
// milliseconds. A line "press" on standard input is a hand at its button: the relay moves, and nobody is told.
const wemore = require('wemore');
const [friendlyName, serial, uuid] = process.argv.slice(2);
const say = (what, state) => console.log(JSON.stringify({ time: Date.now(), what, state }));
const plug = wemore.Emulate({ friendlyName, serial, uuid, port: 49153 });
plug.on('listening', () => say('listening', plug.binaryState));
plug.on('state', (state) => say('told', state));
process.stdin.on('data', () => {
    plug.binaryState = plug.binaryState ? 0 : 1;
    say('pressed', plug.binaryState);
});
process.stdin.on('end', () => process.exit(0));
