# SPDX-License-Identifier: Apache-2.0
"""Those who switch and watch: a controller on Paho, of MQTT 3.1.1 or 5, and a user of mosquitto_pub."""

import re
import socket
import subprocess
import time

from paho.mqtt import client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from .actor import PORTS, Actor


class Controller(Actor):
    """`filters` are topic filters, or pairs of a filter and MQTT 5's options for it (no_local,
    retain_as_published, retain_handling). `session_expiry` keeps the session at the broker while the
    controller is away; `will` is topic, payload, QoS and RETAIN, `will_delay` its seconds."""

    def __init__(self, name, host, broker_address, seed, client_id, version=mqtt.MQTTv311, filters=(), qos=0,
                 keep_alive=20, login=None, will=None, aliases=False, session_expiry=None, will_delay=None, transport="tcp"):
        super().__init__(name, host, broker_address, seed, client_id)
        self.version, self.filters, self.qos = version, filters, qos
        self.keep_alive, self.login, self.will, self.aliases = keep_alive, login, will, aliases
        self.session_expiry, self.will_delay, self.transport = session_expiry, will_delay, transport

    def prepare(self, client):
        self.alias_numbers, self.delivered = {}, set()
        if self.login:
            client.username_pw_set(*self.login)
        if self.will:
            properties = None
            if self.will_delay:
                properties = Properties(PacketTypes.WILLMESSAGE)
                properties.WillDelayInterval = self.will_delay
                properties.ContentType = "text/plain"
            client.will_set(*self.will, properties=properties)

    def connect_to_broker(self):
        if self.version != mqtt.MQTTv5:
            return super().connect_to_broker()
        properties = Properties(PacketTypes.CONNECT)
        properties.ReceiveMaximum = 20
        properties.TopicAliasMaximum = 16
        if self.session_expiry:
            properties.SessionExpiryInterval = self.session_expiry
        return self.client.connect(self.broker_address, PORTS[self.transport], self.keep_alive,
                                   clean_start=not self.session_expiry, properties=properties)

    def on_online(self, first):
        self.alias_numbers = {}
        if self.filters and self.version == mqtt.MQTTv5:
            properties = Properties(PacketTypes.SUBSCRIBE)
            if self.session_expiry:
                properties.SubscriptionIdentifier = 7
            self.client.subscribe([self.with_options(f) for f in self.filters], properties=properties)
        elif self.filters:
            self.client.subscribe([(f, self.qos) for f in self.filters])

    def on_received(self, topic, payload, number, retained):
        self.delivered.add((topic, payload))

    def do_heard(self, topic, payload):
        return (topic, payload) in self.delivered

    def with_options(self, topic_filter):
        options = {}
        if not isinstance(topic_filter, str):
            topic_filter, options = topic_filter
        self.retain_as_published |= options.get("retain_as_published", False)
        return topic_filter, SubscribeOptions(
            qos=self.qos, noLocal=options.get("no_local", False),
            retainAsPublished=options.get("retain_as_published", False),
            retainHandling=options.get("retain_handling", SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE))

    def do_send(self, topic, payload, statements=(), qos=0, retain=False, user_properties=(), response_topic=None,
                expiry=None):
        """Publishes; with MQTT 5 and aliases, a topic goes once in words and then by its number."""
        properties, wire_topic = None, None
        if self.version == mqtt.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)
            for pair in user_properties:
                properties.UserProperty = tuple(pair)
            if response_topic:
                properties.ResponseTopic = response_topic
                properties.CorrelationData = self.random.randbytes(8)
                properties.PayloadFormatIndicator = 1
                properties.ContentType = "application/json"
            if expiry:
                properties.MessageExpiryInterval = expiry
            if self.aliases and topic in self.alias_numbers:
                properties.TopicAlias, wire_topic = self.alias_numbers[topic], ""
            elif self.aliases and len(self.alias_numbers) < 10:
                properties.TopicAlias = self.alias_numbers[topic] = len(self.alias_numbers) + 1
        return self.publish(topic, payload, statements, qos, retain, None, properties, wire_topic)

    def do_drop(self, seconds):
        """Its connection breaks without a DISCONNECT; it comes back after so many seconds, if ever."""
        sock = self.client.socket()
        sock.shutdown(socket.SHUT_RDWR)
        self.client.loop_read()
        self.wanted = seconds is not None
        self.retry_at = time.monotonic() + (seconds or 0)


class MosquittoPub(Actor):
    """A person or script that runs mosquitto_pub: one connection for each command."""

    def do_send(self, topic, payload, statements=(), qos=0, retain=False, user_properties=()):
        command = ["mosquitto_pub", "-h", self.broker_address, "-d", "-t", topic, "-m", payload, "-q", str(qos)]
        command += self.security.options(self.name) if self.security else []
        self.session += 1
        before = time.time_ns()
        done = subprocess.run(command + (["-r"] if retain else []), capture_output=True, text=True, timeout=5)
        after = time.time_ns()
        said = re.search(r"Client (\S+) sending PUBLISH", done.stdout)
        if done.returncode != 0 or not said:
            raise RuntimeError("mosquitto_pub: " + done.stdout + done.stderr)
        self.publications += 1
        client_id = "" if said.group(1) == "(null)" else said.group(1)  # mosquitto_pub's word for an empty id
        self.log("session", event="open", time=before, session=self.session, client_id=client_id, port=None)
        self.log("publish", number=self.publications, before=before, after=after, topic=topic, payload=payload,
                 qos=qos, retain=retain, session=self.session, client_id=client_id, port=None, answers=None,
                 statements=list(statements))
        self.log("session", event="close", time=after, session=self.session, by="device")
        return self.publications

    def _reconnect(self):
        """It keeps no connection of its own."""

    def do_online(self):
        return True
