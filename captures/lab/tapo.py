# SPDX-License-Identifier: Apache-2.0
"""Tapo plugs and the apps that use them: KLAP over HTTP, discovery by TDP.

Both ends are the laboratory's own. Methods, members and their units follow the answers of real devices that
python-kasa publishes; the server's head is what real ones send ("SHIP 2.0", cookies TP_SESSIONID and TIMEOUT). A
plug keeps its relays and a meter, and answers from them; it pushes nothing."""

import base64
import json
import select
import socket
import time
from http.client import HTTPConnection

from . import klap
from .actor import Actor
from .plug import Meter, Plug

TDP_PORT, HTTP_PORT = 20002, 80


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


class Connection:
    """The server's end of one HTTP connection: requests of known length, one after another."""

    def __init__(self, sock, address):
        self.sock, self.address, self.unread = sock, address, b""

    def requests(self):
        """Those that are whole by now: (target, cookie, body). None at the connection's end."""
        data = self.sock.recv(65536)
        if not data:
            return None
        self.unread += data
        found = []
        while b"\r\n\r\n" in self.unread:
            head, rest = self.unread.split(b"\r\n\r\n", 1)
            lines = head.decode().split("\r\n")
            fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
            length = int(fields.get("content-length", 0))
            if len(rest) < length:
                break
            cookies = dict(pair.split("=", 1) for pair in fields.get("cookie", "").split("; ") if "=" in pair)
            found.append((lines[0].split(" ")[1], cookies.get("TP_SESSIONID"), rest[:length]))
            self.unread = rest[length:]
        return found

    def answer(self, status, cookie, body):
        reason = {200: "OK", 403: "Forbidden"}[status]
        head = "HTTP/1.1 %d %s\r\nServer: SHIP 2.0\r\nContent-Length: %d\r\n" % (status, reason, len(body))
        head += "Set-Cookie: TP_SESSIONID=%s;TIMEOUT=1440\r\n" % cookie if cookie else ""
        self.sock.sendall((head + "Content-Type: text/html\r\n\r\n").encode() + body)


class TapoPlug(Plug):
    """A metering plug (P110), or with `outlets` a strip (P300) whose outlets are its children."""

    def __init__(self, name, host, broker_address, seed, version, account, watts, model="P110", outlets=0,
                 clock_offset=0):
        super().__init__(name, host, broker_address, seed, None)
        self.version, self.account, self.watts, self.model = version, account, watts, model
        self.clock_offset = clock_offset
        self.device = "mac:" + host.mac
        stem = self.random.randbytes(20).hex().upper()
        self.device_id = stem
        self.outlets = [stem + "%02d" % n for n in range(outlets)]

    def channels(self):
        return self.outlets or ["relay"]

    def channel_name(self, channel):
        return channel if self.outlets else None

    # ---- the process

    def make_client(self):
        """There is no broker in this house."""

    def begin(self):
        self.relays = dict.fromkeys(self.channels(), False)
        self.since, self.meter = {}, Meter(self.random, self.watts, total_wh=self.random.uniform(100, 9000))
        self.sessions = klap.DeviceEnd(self.version, self.account, self.random, self.reply)
        self.log("boot", device=self.device, time=time.time_ns())
        self.server = socket.create_server((self.host.address, HTTP_PORT))
        self.discovery = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.discovery.bind(("", TDP_PORT))
        self.open = {}

    def _loop(self):
        while True:
            readable, _, _ = select.select([self.pipe, self.server, self.discovery, *self.open], [], [])
            for sock in readable:
                if sock is self.pipe:
                    self._obey()
                elif sock is self.server:
                    accepted, address = sock.accept()
                    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.open[accepted] = Connection(accepted, address)
                elif sock is self.discovery:
                    self.found(*sock.recvfrom(4096))
                else:
                    self.serve(self.open[sock])

    def serve(self, connection):
        requests = connection.requests()
        if requests is None:
            del self.open[connection.sock]
            connection.sock.close()
            return
        for request in requests:
            self.plain = None
            status, cookie, body = self.sessions.handle(*request)
            before = time.time_ns()
            connection.answer(status, cookie, body)
            if self.plain:
                text, statements = self.plain
                self.publications += 1
                self.log("publish", number=self.publications, before=before, after=time.time_ns(), topic="KLAP answer",
                         payload=text, qos=0, retain=False, session=1, client_id=None, port=HTTP_PORT, answers=None,
                         statements=statements)

    def found(self, datagram, address):
        result = {"device_id": self.device_id[:32].lower(), "owner": klap.md5(self.account[0].encode()).hex().upper(),
                  "device_type": "SMART.TAPOPLUG", "device_model": self.model + "(EU)", "ip": self.host.address,
                  "mac": self.host.mac.upper().replace(":", "-"), "is_support_iot_cloud": True, "obd_src": "tplink",
                  "factory_default": False,
                  "mgt_encrypt_schm": {"is_support_https": False, "encrypt_type": "KLAP", "http_port": 80,
                                       "lv": 2 if self.version == 2 else 1}}
        serial = int.from_bytes(datagram[8:12], "big")
        self.discovery.sendto(klap.tdp(klap.compact({"result": result, "error_code": 0}).encode(), serial), address)

    # ---- what it is asked, and what it says

    def reply(self, text):
        question = json.loads(text)
        self.received += 1
        self.log("receive", time=time.time_ns(), number=self.received, topic="KLAP request", payload=text, qos=0,
                 retain=False, dup=False, retain_as_published=False, session=1)
        statements = []
        said = klap.compact(self.respond(question, None, statements))
        self.plain = said, statements
        return said

    def respond(self, question, outlet, statements):
        method, params = question["method"], question.get("params") or {}
        if method == "multipleRequest":
            said = {"responses": [{"method": q["method"], **self.respond(q, outlet, statements)}
                                  for q in params["requests"]]}
        elif method == "control_child":
            said = {"responseData": self.respond(params["requestData"], params["device_id"], statements)}
        elif method == "set_device_info":
            self.set_relay(outlet or "relay", params["device_on"], "command", answers=self.received)
            return {"error_code": 0}
        elif hasattr(self, "say_" + method):
            said = getattr(self, "say_" + method)(outlet, statements)
        else:
            return {"error_code": -1001}
        return {"result": said, "error_code": 0}

    def relay_moved(self, channel, on):
        self.since[channel] = time.monotonic()
        self.meter.switch(any(self.relays.values()))

    def relay_members(self, channel, statements):
        statements.append(self.state(channel))
        on = self.relays[channel]
        return {"device_on": on, "on_time": int(time.monotonic() - self.since[channel]) if on else 0}

    def child(self, outlet, statements):
        return {"device_id": outlet, "position": 1 + self.outlets.index(outlet), "slot_number": len(self.outlets),
                "mac": self.host.mac.upper().replace(":", ""), "model": self.model, "fw_ver": "1.0.15 Build 231130",
                "nickname": base64_of("outlet %d" % self.outlets.index(outlet)), **self.relay_members(outlet, statements)}

    def say_get_device_info(self, outlet, statements):
        if outlet:
            return self.child(outlet, statements)
        said = {"device_id": self.device_id, "mac": self.host.mac.upper().replace(":", "-"), "model": self.model,
                "fw_ver": "1.2.3 Build 240617 Rel.153525", "nickname": base64_of(self.name), "ip": self.host.address,
                "ssid": base64_of("lab"), "rssi": -44, "latitude": 0, "longitude": 0, "has_set_location_info": False,
                "region": "Europe/Berlin", "time_diff": 60, "overheated": False}
        return said if self.outlets else {**said, **self.relay_members("relay", statements)}

    def say_get_child_device_list(self, outlet, statements):
        return {"child_device_list": [self.child(o, statements) for o in self.outlets], "start_index": 0,
                "sum": len(self.outlets)}

    def say_get_device_time(self, outlet, statements):
        return {"timestamp": int(time.time()) + self.clock_offset, "time_diff": 60, "region": "Europe/Berlin"}

    def say_get_energy_usage(self, outlet, statements):
        self.meter.reading()
        power, today = round(self.meter.watt * 1000), round(self.meter.today_wh)
        month = round(self.meter.total_wh)
        statements.append(self.measured(power_w="%d.%03d" % divmod(power, 1000)))
        statements.append(self.energy(str(today), "today"))
        statements.append(self.energy(str(month), "month"))
        return {"today_runtime": 31, "month_runtime": 977, "today_energy": today, "month_energy": month,
                "local_time": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + self.clock_offset + 3600)),
                "electricity_charge": [0, 0, 0], "current_power": power}

    def say_get_current_power(self, outlet, statements):
        statements.append(self.measured(power_w=str(round(self.meter.watt))))
        return {"current_power": round(self.meter.watt)}

    def say_get_emeter_data(self, outlet, statements):
        self.meter.reading()
        current, power = round(self.meter.ampere * 1000), round(self.meter.watt * 1000)
        voltage, energy = round(self.meter.volt * 1000), round(self.meter.total_wh)
        thousandths = lambda value: "%d.%03d" % divmod(value, 1000)
        statements.append(self.measured(power_w=thousandths(power), voltage_v=thousandths(voltage),
                                        current_a=thousandths(current)))
        statements.append(self.energy(str(energy), None))
        return {"current_ma": current, "energy_wh": energy, "power_mw": power, "voltage_mv": voltage}

    # ---- what the director may ask of it

    def do_button(self, channel=None):
        channel = channel or self.channels()[0]
        self.set_relay(channel, not self.relays[channel], "button")

    def do_online(self):
        return True


class TapoApp(Actor):
    """An app or hub that knows an account. A session of its own with each plug; connections come and go."""

    def __init__(self, name, host, broker_address, seed, account, versions):
        super().__init__(name, host, broker_address, seed, None)
        self.account, self.versions = account, versions
        self.uuid = base64_of(self.random.randbytes(12).hex())

    def make_client(self):
        """There is no broker in this house."""

    def begin(self):
        self.connections, self.ends = {}, {}

    def _loop(self):
        while True:
            self._obey()

    def post(self, address, target, cookie, body):
        if address in self.connections and self.random.random() < 0.3:
            self.connections.pop(address).close()
        connection = self.connections.get(address)
        if not connection:
            connection = self.connections[address] = HTTPConnection(address, HTTP_PORT, timeout=5)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = connection.sock.getsockname()[1]
        fields = {"Content-Type": "application/octet-stream"}
        if cookie:
            fields["Cookie"] = "TP_SESSIONID=" + cookie
        connection.request("POST", target, body, fields)
        answer = connection.getresponse()
        given = answer.getheader("Set-Cookie", "")
        told = dict(pair.split("=", 1) for pair in given.split(";") if "=" in pair)
        return answer.status, told.get("TP_SESSIONID"), answer.read()

    # ---- what the director may ask of it

    def do_discover(self, broadcast, expected):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.settimeout(2)
            serial = self.random.getrandbits(32)
            sock.sendto(klap.tdp(b"", serial), (broadcast, TDP_PORT))
            return sorted(sock.recvfrom(4096)[1][0] for _ in range(expected))

    def do_begin(self, address):
        """A handshake; False where the plug has another account."""
        post = lambda target, cookie, body: self.post(address, target, cookie, body)
        end = klap.ClientEnd(self.versions[address], self.account, self.random, post)
        try:
            end.begin()
        except ValueError:
            return False
        self.ends[address] = end
        return True

    def do_ask(self, address, question, statements=()):
        text = klap.compact({**question, "request_time_milis": time.time_ns() // 1000000, "terminal_uuid": self.uuid})
        before = time.time_ns()
        answer = json.loads(self.ends[address].ask(text))
        self.publications += 1
        self.log("publish", number=self.publications, before=before, after=time.time_ns(), topic="KLAP request",
                 payload=text, qos=0, retain=False, session=1, client_id=None, port=self.port, answers=None,
                 statements=list(statements))
        return answer["error_code"]

    def do_online(self):
        return True
