# SPDX-License-Identifier: Apache-2.0
"""What all plugs of the laboratory have: relays, a meter, and statements in the timeline's terms.

A statement is what a publication means: kind, device, channel and data, the numbers as decimal text in the
units of the field names. A plug writes them down where it writes the payload, from the same values."""

import time
from decimal import Decimal

from .actor import Actor

WATT_HOUR_DIGITS = Decimal("0.000001")


def watt_hours(value, factor=1):
    """An energy as decimal text in watt-hours, rounded half to even at the microwatt-hour."""
    hours = (Decimal(value) * Decimal(factor)).quantize(WATT_HOUR_DIGITS)
    return format(hours, "f")


def number(value, digits):
    return "%.*f" % (digits, value)


def celsius_and_fahrenheit(value):
    return number(value, 2), number(value * 9 / 5 + 32, 2)


class Meter:
    """A load behind a relay: what it draws while the relay is on, and what it has drawn."""

    def __init__(self, random, watts, power_factor=1.0, total_wh=0.0):
        self.random, self.watts, self.power_factor = random, watts, power_factor
        self.on = False
        self.total_wh, self.today_wh = total_wh, total_wh * 0.03
        self.yesterday_wh = random.uniform(50, 900)
        self.mark = time.monotonic()
        self.reading()

    def advance(self):
        now = time.monotonic()
        if self.on:
            drawn = self.watts * (now - self.mark) / 3600
            self.total_wh += drawn
            self.today_wh += drawn
        self.mark = now

    def switch(self, on):
        self.advance()
        self.on = on

    def reading(self):
        """Measures anew; the values stay until the next measurement."""
        self.advance()
        self.volt = self.random.uniform(227.5, 233.5)
        self.watt = self.watts * (self.volt / 230) ** 2 * self.random.uniform(0.99, 1.01) if self.on else 0.0
        self.factor = self.power_factor if self.on else 0.0
        self.voltampere = self.watt / self.power_factor
        self.var = max(0.0, self.voltampere ** 2 - self.watt ** 2) ** 0.5
        self.ampere = self.voltampere / self.volt
        self.hertz = self.random.uniform(49.95, 50.05)


class Plug(Actor):
    """A device with relays. `device` is its name in the timeline."""

    device = None

    def begin(self):
        self.booted = time.time_ns()
        self.relays = dict.fromkeys(self.channels(), False)
        self.log("boot", device=self.device, time=self.booted)
        self.do_connect()

    def channels(self):
        raise NotImplementedError

    def set_relay(self, channel, on, why, answers=None, device=None):
        """Moves the relay and logs it, if it moves."""
        if self.relays[channel] == on:
            return False
        before = time.time_ns()
        self.relays[channel] = on
        after = time.time_ns()
        self.switchings += 1
        self.latest_switching[channel] = self.switchings
        self.log("switch", number=self.switchings, before=before, after=after, device=device or self.device,
                 channel=self.channel_name(channel), state="on" if on else "off", why=why, answers=answers)
        self.relay_moved(channel, on)
        return True

    def channel_name(self, channel):
        return channel

    def relay_moved(self, channel, on):
        """The load follows."""

    def do_relays(self):
        return dict(self.relays)

    # ---- statements

    def state(self, channel, on=None, device=None, past=False):
        on = self.relays[channel] if on is None else on
        said = {"kind": "power.state", "device": device or self.device, "channel": self.channel_name(channel),
                "data": {"state": "on" if on else "off"}}
        if past:
            said["past"] = True
        else:
            said["switching"] = self.latest_switching.get(channel)
        return said

    def measured(self, channel=None, device=None, **values):
        return {"kind": "power.reading", "device": device or self.device, "channel": channel, "data": values}

    def energy(self, energy_wh, scope, channel=None, device=None, optional=False):
        said = {"kind": "energy.counter", "device": device or self.device, "channel": channel,
                "data": {"energy_wh": energy_wh, "scope": scope}}
        if optional:
            said["optional"] = True
        return said

    def ask(self, channel, wanted, device=None):
        """The statement of a command for this plug."""
        return {"kind": "power.command", "device": device or self.device,
                "channel": self.channel_name(channel) if channel else None, "data": {"state": wanted}}
