# SPDX-License-Identifier: Apache-2.0
"""The stories of plugs whose MQTT goes over TLS: switched from an app and by hand, a connection that breaks and
comes back, and one that is opened once more."""

from .controller import Controller, MosquittoPub
from .shelly_gen2 import ShellyGen2
from .tasmota import Tasmota


def steps(lab, app, plugs, count, others=()):
    """Switchings by the app, by who else there is, and by hand."""
    random = lab.random
    for _ in range(count):
        plug = random.choice(plugs)
        channel = random.choice(plug.channels())
        if random.random() < 0.3:
            plug.do("button", channel)
        else:
            sender = random.choice([app, *others])
            sender.do("send", *plug.command(channel, random.choice(["on", "off", "toggle"]), random),
                      qos=random.choice([0, 1]))
        lab.pause(0.25, 0.6)


def story(lab):
    kettle_host = lab.host("kettle", 21, "dc:4f:22:1a:2b:3c")
    shelly_host = lab.host("shelly2", 32, "80:64:6f:d0:5a:78")
    phone_host = lab.host("phone", 20, "3c:28:6d:0b:91:5e")
    lab.record()
    kettle = lab.make(Tasmota, "kettle", kettle_host, topic="kettle", watts=lab.random.randint(1850, 2200),
                      tele_period=2.4)
    shelly = lab.make(ShellyGen2, "shelly2", shelly_host, watts=lab.random.choice([42, 65, 120]))
    for plug in (kettle, shelly):
        plug.await_online()
    app = lab.make(Controller, "app", phone_host, client_id="app-%04d" % lab.random.randint(0, 9999),
                   filters=("stat/#", "tele/#", "+/status/#", "+/events/rpc", "user_flow/rpc"))
    app.do("connect")
    app.await_online()
    lab.pause(0.4, 0.7)
    steps(lab, app, [kettle, shelly], 5)
    # The app's connection breaks, and it opens another: its session of TLS may go on or begin anew.
    app.do("drop", lab.random.uniform(0.2, 0.4))
    lab.pause(0.1, 0.2)
    app.await_online()
    lab.pause(0.3, 0.5)
    steps(lab, app, [kettle, shelly], 4)
    lab.pause(0.4, 0.6)


def psk_story(lab):
    kettle_host = lab.host("kettle", 21, "dc:4f:22:1a:2b:3c")
    phone_host = lab.host("phone", 20, "3c:28:6d:0b:91:5e")
    shell_host = lab.host("laptop", 10, "a4:83:e7:20:11:7d")
    lab.record()
    kettle = lab.make(Tasmota, "kettle", kettle_host, topic="kettle", watts=lab.random.randint(1850, 2200),
                      tele_period=2.4)
    kettle.await_online()
    app = lab.make(Controller, "app", phone_host, client_id="app-%04d" % lab.random.randint(0, 9999),
                   filters=("stat/#", "tele/#"))
    app.do("connect")
    app.await_online()
    shell = lab.make(MosquittoPub, "shell", shell_host, client_id=None)
    lab.pause(0.4, 0.7)
    steps(lab, app, [kettle], 8, [shell])
    app.do("disconnect")
    lab.pause(0.4, 0.6)
