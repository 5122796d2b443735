# SPDX-License-Identifier: Apache-2.0
"""A process on a host of the laboratory with one real MQTT client (Eclipse Paho), which logs what it does as
it does it. The director (the recipe's own process) tells it what to do; everything else it does because a
message or a timer made it.

The client runs without a thread of its own, so that a PUBLISH is written to the socket by the call that is
logged: the two times of a publication enclose the system call."""

import heapq
import json
import os
import random
import select
import signal
import time
import traceback
from multiprocessing import Pipe

from paho.mqtt import client as mqtt

from . import space

PORTS = {"tcp": 1883, "websockets": 9001}


def port_of(sock):
    """The client's port, of a socket, of what Paho wraps around one for WebSocket, or of a tunnel (tls.py)."""
    return getattr(sock, "lab_port", None) or getattr(sock, "_socket", sock).getsockname()[1]


class Actor:
    """Base of controllers and plugs. The object lives on both sides of the fork: the director uses what
    describes the actor (topics, device names), the child runs it."""

    version = mqtt.MQTTv311
    keep_alive = 20
    transport = "tcp"  # or "websockets"
    security = None  # TLS, where the laboratory speaks it (tls.py)

    def __init__(self, name, host, broker_address, seed, client_id):
        self.name, self.host, self.client_id = name, host, client_id
        self.broker_address = broker_address
        self.random = random.Random("%s/%s" % (seed, name))
        self.process = None
        self.pipe = None

    # ---- the director's side

    def launch(self, log_folder):
        self.log_path = os.path.join(log_folder, self.name + ".jsonl")
        with open(self.log_path, "x", encoding="utf-8") as log:
            log.write(json.dumps({"what": "host", "address": self.host.address}) + "\n")
        ours, theirs = Pipe()
        self.process = os.fork()
        if self.process == 0:
            ours.close()
            self._child(theirs)
        theirs.close()
        self.pipe = ours

    def do(self, action, *words, wait=5.0, **named):
        """Has the child do something, and waits until it is done."""
        self.pipe.send((action, words, named))
        return self.answer(wait)

    def answer(self, wait=5.0):
        if not self.pipe.poll(wait):
            raise RuntimeError("%s does not answer" % self.name)
        good, value = self.pipe.recv()
        if not good:
            raise RuntimeError("%s: %s" % (self.name, value))
        return value

    def await_online(self, wait=8.0):
        limit = time.monotonic() + wait
        while not self.do("online"):
            if time.monotonic() > limit:
                raise RuntimeError("%s is not online" % self.name)
            time.sleep(0.02)

    def kill(self):
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.pipe.close()
            self.process = None

    # ---- the child's side

    def _child(self, pipe):
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            space.move_into(self.host.namespace)
            self.pipe = pipe
            self.log_file = open(self.log_path, "a", encoding="utf-8", buffering=1)
            self.timers, self.timer_count = [], 0
            self.inbox, self.received = [], 0
            self.session, self.connected, self.seen_online = 0, False, False
            self.held = False
            self.wanted, self.leaving, self.retry_at = False, False, 0.0
            self.queue_names = {}
            self.publications, self.switchings = 0, 0
            self.latest_switching = {}
            self.retain_as_published = False
            self.make_client()
            self.begin()
            self._loop()
            status = 0
        except (EOFError, BrokenPipeError):
            status = 0  # the director is gone
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)

    def make_client(self):
        more = {} if self.version == mqtt.MQTTv5 else {"clean_session": True}
        self.client = mqtt.Client(self.client_id, protocol=self.version, transport=self.transport, **more)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_message = lambda client, data, message: self.inbox.append((time.time_ns(), message))
        if self.security:
            self.security.equip(self.client, self.name, (self.broker_address, self.host.address))
        self.prepare(self.client)

    def log(self, what, **values):
        self.log_file.write(json.dumps({"what": what, **values}) + "\n")

    def _on_connect(self, client, data, flags, code, properties=None):
        if (code.value if hasattr(code, "value") else code) == 0:
            self.session += 1
            self.inbox.append((time.time_ns(), "online"))
            self.log("session", event="open", time=time.time_ns(), session=self.session,
                     client_id=self.client_id, port=port_of(client.socket()))
            for number in sorted(self.queue_names):  # Paho sends again what was not acknowledged
                if number in client._out_messages:
                    self.log("resend", time=time.time_ns(), publication=self.queue_names[number])

    def _on_disconnect(self, client, data, code, properties=None):
        if self.connected:
            self.log("session", event="close", time=time.time_ns(), session=self.session,
                     by="device" if self.leaving else "lost")
        self.connected = False
        self.retry_at = time.monotonic() + self.random.uniform(0.15, 0.7)

    def _loop(self):
        while True:
            self._reconnect()
            sock = self.client.socket()
            reading = [self.pipe] + ([sock] if sock else [])
            writing = [sock] if sock and self.client.want_write() else []
            wait = 0.1
            if self.timers:
                wait = max(0.0, min(wait, self.timers[0][0] - time.monotonic()))
            readable, writable, _ = select.select(reading, writing, [], wait)
            while sock and sock in readable:
                self.client.loop_read()
                more = getattr(sock, "pending", None)  # what WebSocket's wrapper has read and not handed on
                if self.client.socket() is not sock or not more or not more():
                    break
            if sock and sock in writable and self.client.socket() is sock:
                self.client.loop_write()
            self.client.loop_misc()
            self._deliver()
            if self.pipe in readable:
                self._obey()
            self._ring()

    def _reconnect(self):
        if not self.wanted or self.client.socket() or time.monotonic() < self.retry_at:
            return
        try:
            self.connect_to_broker()
        except OSError:
            self.retry_at = time.monotonic() + self.random.uniform(0.1, 0.3)

    def connect_to_broker(self):
        port = self.security.port if self.security else PORTS[self.transport]
        self.client.connect(self.broker_address, port, self.keep_alive)

    def _deliver(self):
        while self.inbox:
            stamp, message = self.inbox.pop(0)
            if message == "online":
                self.connected = True
                first, self.seen_online = not self.seen_online, True
                self.on_online(first)
                continue
            self.received += 1
            payload = message.payload.decode("utf-8")
            self.log("receive", time=stamp, number=self.received, topic=message.topic, payload=payload,
                     qos=message.qos, retain=bool(message.retain), dup=bool(message.dup),
                     retain_as_published=self.retain_as_published, session=self.session)
            self.on_received(message.topic, payload, self.received, bool(message.retain))

    def _obey(self):
        action, words, named = self.pipe.recv()
        try:
            self.pipe.send((True, getattr(self, "do_" + action)(*words, **named)))
        except Exception:
            self.pipe.send((False, traceback.format_exc()))

    def _ring(self):
        while self.timers and self.timers[0][0] <= time.monotonic():
            _, _, function, routine = heapq.heappop(self.timers)
            if routine and self.held:
                self.after(0.05, function, routine=True)
            else:
                function()

    def after(self, seconds, function, routine=False):
        """Calls the function later. A routine one (telemetry) waits while the director holds the actor."""
        self.timer_count += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.timer_count, function, routine))

    def every(self, seconds, function, first=None):
        def again():
            function()
            self.after(seconds, again, routine=True)
        self.after(seconds if first is None else first, again, routine=True)

    # ---- what an actor does

    def subscribe(self, *filters, qos=0):
        for topic_filter in filters:
            self.client.subscribe(topic_filter, qos)

    def publish(self, topic, payload, statements=(), qos=0, retain=False, answers=None, properties=None,
                wire_topic=None):
        """Publishes and logs. A firmware that has no connection says nothing, and so does this."""
        if not self.connected:
            return None
        before = time.time_ns()
        done = self.client.publish(topic if wire_topic is None else wire_topic, payload, qos, retain, properties)
        after = time.time_ns()
        if done.rc != mqtt.MQTT_ERR_SUCCESS:
            return None
        self.publications += 1
        if qos:
            self.queue_names[done.mid] = self.publications
        sock = self.client.socket()
        self.log("publish", number=self.publications, before=before, after=after, topic=topic, payload=payload,
                 qos=qos, retain=retain, session=self.session, client_id=self.client_id,
                 port=port_of(sock) if sock else None, answers=answers, statements=list(statements))
        return self.publications

    # ---- to be filled in

    def prepare(self, client):
        """Sets will, credentials and the like, before the first connection."""

    def begin(self):
        """Starts the actor: by default it waits for the director's word."""

    def on_online(self, first):
        """The broker has accepted the connection."""

    def on_received(self, topic, payload, number, retained):
        """A message was delivered."""

    # ---- what the director may ask of any actor

    def do_connect(self):
        self.wanted, self.retry_at = True, 0.0

    def do_online(self):
        return self.connected

    def do_hold(self, held):
        self.held = held

    def do_disconnect(self):
        self.wanted, self.leaving = False, True
        self.client.disconnect()

    def do_stay_away(self):
        """If its connection ends, it does not come back."""
        self.wanted = False
