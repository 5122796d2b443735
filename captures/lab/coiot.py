# SPDX-License-Identifier: Apache-2.0
"""Shelly devices of Gen1 that report by CoIoT, and a controller that listens: npm's coap sends and answers, npm's
shellies listens, asks and switches. What the devices say is after the Shelly API reference for Gen1 (CoIoT, and each
product's /relay/{index})."""

from .node import NodeActor


class CoiotPlug(NodeActor):
    """`model` is the device's type (SHPLG-S, SHSW-25), `number` its id, `version` that of CoIoT. Reports go to the
    multicast group, or to `peer`."""

    script = "coiot_plug.js"
    packages = ("coap",)

    def __init__(self, *words, model, number, version, device, serial, relays=1, peer=None):
        super().__init__(*words, kind=model, number=number, version=version, device=device, serial=serial,
                         relays=relays, peer=peer)
        self.device, self.relays = device, relays
        self.key = model + "#" + number


class ShelliesClient(NodeActor):
    script = "coiot_client.js"
    packages = ("shellies", "coap")
