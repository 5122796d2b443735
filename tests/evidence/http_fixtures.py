#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real Shelly devices' recorded answers, served by HTTP and WebSocket: http_fixtures.py --wattrail PATH --data DIR

Each recording of aioshelly's tests is served by a small HTTP server, fetched by curl, and what went over the
connection becomes a capture: Gen1's /shelly, /status and /settings; Gen2's GET /rpc/<Method>, POST /rpc and frames
by WebSocket. What it states about power, energy and identity is worked out here from the recording, and the
timeline must say that and nothing else."""
import argparse
import base64
import glob
import hashlib
import http.server
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from decimal import ROUND_HALF_EVEN, Decimal

SKIPPED = 77
MICRO = Decimal("0.000001")
DEVICE, CLIENT = ("192.168.77.31", "aa:bb:cc:dd:ee:ff"), ("192.168.77.9", "02:00:00:00:00:09")


# ---- a server, a client, and what went between them


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        answer = self.server.routes[self.path]
        data = json.dumps(answer(body) if callable(answer) else answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if self.server.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(data), 700):
                part = data[at:at + 700]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Relay:
    """Listens where the client connects, and keeps what passes: (from server, bytes) in the order of passing."""

    def __init__(self, to):
        self.passed, self.to, self.ends = [], to, []
        self.lock, self.ready = threading.Lock(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.to))
        self.ends = [threading.Thread(target=self.pass_on, args=a)
                     for a in ((client, server, 0), (server, client, 1))]
        for end in self.ends:
            end.start()
        self.ready.set()

    def pass_on(self, source, sink, number):
        while data := source.recv(65536):
            with self.lock:
                self.passed.append((number, data))
            sink.sendall(data)
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def wait(self):
        self.ready.wait(10)
        for end in self.ends:
            end.join(10)


def fetch(routes, requests, chunked):
    """What passes when curl fetches the paths over one connection; a request is a path, or a path and a body."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.routes, server.chunked = routes, chunked
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    relay = Relay(server.server_address[1])
    arguments = []
    for path, body in requests:
        arguments += ["--next"] if arguments else []
        arguments += ["-s", "-o", os.devnull, "http://127.0.0.1:%d%s" % (relay.port, path)]
        arguments += ["-d", json.dumps(body), "-H", "Content-Type: application/json"] if body is not None else []
    subprocess.run(["curl"] + arguments, check=True, timeout=60)
    relay.wait()
    server.shutdown()
    return relay.passed


def masked(data):
    mask = hashlib.sha256(data).digest()[:4]
    head = bytes([0x81, 0x80 | len(data)]) if len(data) < 126 else struct.pack(">BBH", 0x81, 0xFE, len(data))
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))


def clear(data):
    return (bytes([0x81, len(data)]) if len(data) < 126 else struct.pack(">BBH", 0x81, 126, len(data))) + data


def websocket(frames):
    """The upgrade, and each (from server, frame) as a text message."""
    key = base64.b64encode(b"0123456789abcdef")
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    passed = [(0, b"GET /rpc HTTP/1.1\r\nHost: shelly\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"),
              (1, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")]
    for end, frame in frames:
        data = json.dumps(frame).encode()
        passed.append((end, clear(data) if end else masked(data)))
    return passed


# ---- a capture of it


def checksum(data):
    total = sum(struct.unpack(">%dH" % ((len(data) + 1) // 2), data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Capture:
    """One connection, from SYN to FIN, with a frame each millisecond."""

    def __init__(self, start_s):
        self.now_us = start_s * 1000000
        self.data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
        self.seq = [1000, 2000]

    def frame(self, end, flags, data=b""):
        hosts = (CLIENT, DEVICE) if end == 0 else (DEVICE, CLIENT)
        ips = [bytes(int(p) for p in host[0].split(".")) for host in hosts]
        macs = [bytes.fromhex(host[1].replace(":", "")) for host in hosts]
        ports = (50123, 80) if end == 0 else (80, 50123)
        acked = self.seq[1 - end] if flags & 0x10 else 0
        tcp = struct.pack(">HHIIBBHHH", *ports, self.seq[end], acked, 0x50, flags, 65535, 0, 0) + data
        total = checksum(ips[0] + ips[1] + struct.pack(">HH", 6, len(tcp)) + tcp)
        tcp = tcp[:16] + struct.pack(">H", total) + tcp[18:]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + ips[0] + ips[1]
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        packet = macs[1] + macs[0] + b"\x08\x00" + ip + tcp
        self.now_us += 1000
        self.data += struct.pack("<IIII", self.now_us // 1000000, self.now_us % 1000000, len(packet), len(packet))
        self.data += packet
        self.seq[end] = (self.seq[end] + len(data) + (flags & 3 != 0)) % 2 ** 32
        return self.now_us

    def write(self, path, passed):
        """Returns the time of the frame in which each of the server's runs of bytes begins."""
        begun, last = [], None
        for end, flags in ((0, 2), (1, 0x12), (0, 0x10)):
            self.frame(end, flags)
        for end, data in passed:
            for at in range(0, len(data), 1460):
                now = self.frame(end, 0x18, data[at:at + 1460])
                if last != end and end == 1:
                    begun.append(now)
                last = end
        for end, flags in ((0, 0x11), (1, 0x11), (0, 0x10)):
            self.frame(end, flags)
        with open(path, "wb") as file:
            file.write(self.data)
        return begun


# ---- what the recordings state


class Story:
    def __init__(self):
        self.expected = []

    def say(self, kind, channel=None, **data):
        kept = {k: v for k, v in data.items() if v is not None and v != ""}
        if kept:
            self.expected.append((kind, channel, plain(kept)))


def plain(data):
    return {k: Decimal(str(v)) if isinstance(v, (int, float, Decimal)) and not isinstance(v, bool) else v
            for k, v in data.items() if k not in ("change", "transition", "offset_s")}


def on_off(value):
    return None if value is None else "on" if value else "off"


def mac_of(text):
    return ":".join(text[i:i + 2] for i in range(0, 12, 2)).lower()


def quotient(watt_minutes):
    return (Decimal(str(watt_minutes)) / 60).quantize(MICRO, ROUND_HALF_EVEN)


def clock(story, status):
    unix = status.get("unixtime")
    if unix or status.get("uptime") is not None:
        story.say("clock.reading", device_time=str(unix) if unix is not None else None,
                  clock_kind="uptime" if unix is None else "utc" if unix else "unset",
                  uptime_s=status.get("uptime"),
                  reason=str(status["reset_reason"]) if "reset_reason" in status else None)


def gen1_shelly(story, d):
    story.say("device.identity", mac=mac_of(d["mac"]), model=d["type"], firmware=d["fw"], name=d.get("name"))


def gen1_relay(story, number, relay):
    story.say("power.state", "relay:%d" % number, state=on_off(relay["ison"]), source=relay.get("source"))
    if relay.get("has_timer"):
        story.say("timer.set", "relay:%d" % number, duration_s=relay.get("timer_duration"),
                  remaining_s=relay.get("timer_remaining"))


def gen1_status(story, d):
    story.say("device.identity", mac=mac_of(d["mac"]), firmware=d["update"]["old_version"])
    clock(story, d)
    wifi = d["wifi_sta"]
    if wifi["connected"]:
        story.say("network.join", ssid=wifi["ssid"], rssi_dbm=wifi["rssi"], ip=wifi["ip"])
    relays = d.get("relays", [])
    for i, relay in enumerate(relays):
        gen1_relay(story, i, relay)
    meters = d.get("meters", [])
    for i, meter in enumerate(meters):
        channel = "relay:%d" % i if len(meters) == len(relays) else None
        if not meter["is_valid"] or "total" not in meter:
            continue
        story.say("power.reading", channel, power_w=meter["power"])
        if meter.get("overpower"):
            story.say("power.reading", channel, power_w=meter["overpower"])
        story.say("energy.counter", channel, energy_wh=quotient(meter["total"]), scope="total")
        for counter in meter["counters"]:
            story.say("energy.counter", channel, energy_wh=quotient(counter), scope="minute")
    for i, entry in enumerate(d.get("inputs", [])):
        story.say("switch.input", input="input:%d" % i, state=on_off(entry["input"]))


def gen1_settings(story, d):
    device, mqtt = d["device"], d["mqtt"]
    story.say("device.identity", mac=mac_of(device["mac"]), model=device["type"], hostname=device["hostname"],
              firmware=d["fw"], name=d["name"], client_id=mqtt.get("id"), user=mqtt.get("user"),
              server=mqtt.get("server"))
    if d["lat"] or d["lng"]:
        story.say("device.location", latitude=d["lat"], longitude=d["lng"], timezone=d["timezone"])
    clock(story, d)
    for i, relay in enumerate(d.get("relays", [])):
        story.say("device.identity", "relay:%d" % i, channel_name=relay.get("name"))
        gen1_relay(story, i, relay)
        for k, rule in enumerate(relay["schedule_rules"]):
            at, days, action = rule.split("-")
            story.say("schedule.rule", "relay:%d" % i, rule=str(k), enabled=relay["schedule"], at=at, days=days,
                      action=action)


def device_info(story, d):
    story.say("device.identity", mac=mac_of(d["mac"]), model=d["model"], firmware=d["ver"], name=d["name"],
              device_id=d["id"])


QUANTITIES = {"apower": "power_w", "voltage": "voltage_v", "current": "current_a", "pf": "power_factor",
              "freq": "frequency_hz"}
PHASE = {"voltage": "voltage_v", "current": "current_a", "act_power": "power_w", "aprt_power": "apparent_va",
         "pf": "power_factor", "freq": "frequency_hz"}


def meter(story, channel, d):
    story.say("power.reading", channel, **{field: d.get(name) for name, field in QUANTITIES.items()})
    for name, direction in (("aenergy", None), ("ret_aenergy", "export")):
        energy = d.get(name)
        if not energy:
            continue
        story.say("energy.counter", channel, energy_wh=energy["total"], scope="total", direction=direction)
        if energy["minute_ts"] % 60 == 0:
            for i, value in enumerate(energy["by_minute"]):
                story.say("energy.counter", channel, energy_wh=Decimal(str(value)) / 1000, scope="minute",
                          period_start=str(energy["minute_ts"] - 60 * (i + 1)), period_s=60, direction=direction)


def three_phases(story, name, d):
    channel = "em:" + name.split(":")[1]
    for i, letter in enumerate("abc"):
        values = {field: d.get("%s_%s" % (letter, word)) for word, field in PHASE.items()}
        if any(v is not None for v in values.values()):
            story.say("power.reading", channel, phase=i + 1, **values)
        for word, direction in (("total_act_energy", None), ("total_act_ret_energy", "export")):
            if d.get("%s_%s" % (letter, word)) is not None:
                story.say("energy.counter", channel, phase=i + 1, energy_wh=d["%s_%s" % (letter, word)],
                          scope="total", direction=direction)
    story.say("power.reading", channel, **{field: d.get("total_" + word) for word, field in PHASE.items()})
    for word, direction in (("total_act", None), ("total_act_ret", "export")):
        if d.get(word) is not None:
            story.say("energy.counter", channel, energy_wh=d[word], scope="total", direction=direction)


def status_of(story, d):
    for name, component in d.items():
        kind = name.split(":")[0]
        if kind == "switch":
            story.say("power.state", name, state=on_off(component["output"]), source=component["source"])
            if "timer_duration" in component:
                story.say("timer.set", name, duration_s=component["timer_duration"],
                          started=str(component["timer_started_at"]))
        if kind in ("switch", "pm1", "cover"):
            meter(story, name, component)
        elif kind in ("em", "emdata"):
            three_phases(story, name, component)
        elif kind == "input" and component.get("state") is not None:
            story.say("switch.input", input=name, state=on_off(component["state"]))
        elif kind == "sys":
            story.say("device.identity", mac=mac_of(component["mac"]))
            clock(story, component)
        elif kind == "wifi" and isinstance(component, dict) and component.get("ssid"):
            story.say("network.join", ssid=component["ssid"], rssi_dbm=component.get("rssi"),
                      ip=component.get("sta_ip"), bssid=component.get("bssid"))


def config_of(story, d):
    device, mqtt = d["sys"]["device"], d["mqtt"]
    story.say("device.identity", mac=mac_of(device["mac"]), name=device.get("name"), firmware=device["fw_id"],
              client_id=mqtt.get("client_id"), user=mqtt.get("user"), server=mqtt.get("server"))
    for name, component in d.items():
        if name.startswith("switch:"):
            story.say("device.identity", name, channel_name=component.get("name"))
    place = d["sys"]["location"]
    story.say("device.location", latitude=place["lat"], longitude=place["lon"], timezone=place["tz"])


METHODS = {"Shelly.GetDeviceInfo": device_info, "Shelly.GetStatus": status_of, "Shelly.GetConfig": config_of}


# ---- the recordings as conversations


def of_gen1(d):
    story = Story()
    gen1_shelly(story, d["shelly"])
    gen1_status(story, d["status"])
    gen1_settings(story, d["settings"])
    routes = {"/shelly": d["shelly"], "/status": d["status"], "/settings": d["settings"]}
    return story, [("Gen1", lambda chunked: fetch(routes, [(p, None) for p in routes], chunked))]


def frame(number, src, result):
    return {"id": number, "src": src, "dst": "user_1", "result": result}


def of_gen2(answers, src):
    """`answers`: (method, its result). The same by GET, by POST and by WebSocket."""
    story = Story()
    for method, result in answers:
        METHODS[method](story, result)
    by_get = {"/rpc/" + method: result for method, result in answers}
    asked = [{"id": i, "src": "user_1", "method": method} for i, (method, _) in enumerate(answers)]
    answered = [frame(i, src, result) for i, (_, result) in enumerate(answers)]
    by_post = {"/rpc": lambda body: answered[json.loads(body)["id"]]}
    frames = [entry for pair in zip(asked, answered) for entry in enumerate(pair)]
    ways = [("GET", lambda chunked: fetch(by_get, [(p, None) for p in by_get], chunked)),
            ("POST", lambda chunked: fetch(by_post, [("/rpc", q) for q in asked], chunked)),
            ("WebSocket", lambda chunked: websocket(frames))]
    return story, ways


def recordings(folder):
    """(name, story, ways) for each that describes power, energy or identity."""
    for path in sorted(glob.glob(os.path.join(folder, "*"))):
        name = os.path.basename(path)
        with open(path) as file:
            d = json.load(file)
        if "_gen1_" in name:
            yield (name,) + of_gen1(d)
        elif "_gen2_" in name:
            src = d["shelly"]["id"]
            answers = [("Shelly.GetDeviceInfo", d["shelly"]), ("Shelly.GetStatus", d["status"]),
                       ("Shelly.GetConfig", d["config"])]
            yield (name,) + of_gen2(answers, src)
        else:
            method = name.split("__")[-1]
            if method in METHODS:
                src = d.get("src") or d.get("id") or "shellyplug-aabbccddeeff"
                yield (name,) + of_gen2([(method, d.get("result", d))], src)


def difference(story, lines):
    events = [(e["kind"], e.get("channel"), plain(e["data"])) for e in lines if e["record"] == "event"]
    missing = [w for w in story.expected if not (w in events and events.remove(w) is None)]
    findings = [f for f in lines if f["record"] == "finding"]
    return (["missing %s" % (w,) for w in missing] + ["said %s" % (e,) for e in events] +
            ["finding %s" % f.get("message", f) for f in findings])


def run(wattrail, path):
    done = subprocess.run([wattrail, "timeline", "--format", "jsonl", path], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit("status %d\n%s" % (done.returncode, done.stderr))
    return [json.loads(line, parse_float=Decimal) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--verbose", action="store_true", help="show what differs; it may hold a recording's texts")
    given = parser.parse_args()
    folder = os.path.join(given.data, "fixtures", "aioshelly")
    if not os.path.isdir(folder):
        print("SKIP: there are no recordings at %s" % folder)
        return SKIPPED
    if not shutil.which("curl"):
        print("SKIP: curl is not installed")
        return SKIPPED
    failed = compared = 0
    with tempfile.TemporaryDirectory() as room:
        path = os.path.join(room, "shelly.pcap")
        for name, story, ways in recordings(folder):
            for way, make in ways:
                for chunked in (False, True) if way != "WebSocket" else (False,):
                    Capture(1760000000).write(path, make(chunked))
                    problems = difference(story, run(given.wattrail, path))
                    compared += len(story.expected)
                    failed += bool(problems)
                    if problems:
                        print("FAIL %s by %s%s: %d differences" % (name, way, " chunked" if chunked else "", len(problems)))
                        for problem in problems if given.verbose else ():
                            print("    " + problem)
    print("%d statements compared, %d conversations differ" % (compared, failed))
    return 1 if failed or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
