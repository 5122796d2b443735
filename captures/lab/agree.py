#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""agree.py CAPTURE TRUTH.json: whether the capture holds what the actors say they did, by tshark alone.

Every logged publication must be one PUBLISH from that address and port (the address alone for mosquitto_pub)
with that topic, payload, QoS and RETAIN between its two times and a second after; no PUBLISH to the broker
may be without a log; every delivery out of the broker's store must be a PUBLISH from the broker with RETAIN.
Without a broker the messages are Kasa's: each logged one must be there, with its text, and nothing else but questions
by broadcast.
Exit status 1 with a sentence for each difference, 77 without tshark."""

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

SLACK = 1_000_000_000


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


class WebSocketFlow:
    """MQTT in a connection's WebSocket messages, which tshark unmasks and leaves at that."""

    def __init__(self):
        self.version, self.unread = 4, {}

    def take(self, src, payload):
        """The PUBLISHes that end in this payload."""
        data = self.unread.get(src, b"") + payload
        while len(data) > 1 and any(b < 0x80 for b in data[1:5]):
            length, at = varint(data, 1)
            if at + length > len(data):
                break
            packet, first, data = data[at:at + length], data[0], data[at + length:]
            if first >> 4 == 1:
                self.version = packet[2 + int.from_bytes(packet[:2], "big")]
            elif first >> 4 == 3:
                yield self.publish(first, packet)
        self.unread[src] = data

    def publish(self, first, packet):
        end = 2 + int.from_bytes(packet[:2], "big")
        topic, qos = packet[2:end].decode(), first >> 1 & 3
        end += 2 if qos else 0
        if self.version == 5:
            length, end = varint(packet, end)
            end += length
        return {"topic": topic, "payload": packet[end:].decode(), "qos": qos, "retain": bool(first & 1),
                "dup": bool(first & 8), "alias": False, "used": False}


def publishes(capture):
    flows = {}
    command = ["tshark", "-r", capture, "-Y", "mqtt.msgtype == 3 or websocket.opcode == 2", "-T", "pdml"]
    done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _, packet in xml.iterparse(done.stdout):
        if packet.tag != "packet":
            continue
        fields = {f.get("name"): f for f in packet.iter("field")}
        whole, part = fields["frame.time_epoch"].get("show").split(".")
        common = {"time": int(whole) * 10 ** 9 + int(part.ljust(9, "0")),
                  "frame": int(fields["frame.number"].get("show")), "src": fields["ip.src"].get("show"),
                  "dst": fields["ip.dst"].get("show"), "port": int(fields["tcp.srcport"].get("show")),
                  "retransmission": "tcp.analysis.retransmission" in fields}
        payloads = [f.get("value") for f in packet.iter("field") if f.get("name") == "data"]
        if "websocket.opcode" in fields and not common["retransmission"]:
            flow = flows.setdefault(fields["tcp.stream"].get("show"), WebSocketFlow())
            for payload in payloads:
                for told in flow.take(common["src"], bytes.fromhex(payload)):
                    yield {**common, **told}
        for proto in packet.findall("proto"):
            if proto.get("name") != "mqtt":
                continue
            own = {f.get("name"): f for f in proto.iter("field")}
            if own["mqtt.msgtype"].get("show") != "3":
                continue
            message = own.get("mqtt.msg")
            yield {**common, "topic": own["mqtt.topic"].get("show") if "mqtt.topic" in own else "",
                   "payload": bytes.fromhex(message.get("value") or "").decode() if message is not None else "",
                   "qos": int(own["mqtt.qos"].get("show")), "retain": own["mqtt.retain"].get("show") in ("1", "True"),
                   "dup": "mqtt.dupflag" in own and own["mqtt.dupflag"].get("show") in ("1", "True"),
                   "alias": "mqtt.prop_num" in own, "used": False}
        packet.clear()


def fits(seen, told):
    return (not seen["used"] and seen["src"] == told["address"]
            and (told["port"] is None or seen["port"] == told["port"])
            and (seen["topic"] == told["topic"] or (seen["topic"] == "" and seen["alias"]))
            and seen["payload"] == told["payload"] and seen["qos"] == told["qos"]
            and seen["retain"] == told["retain"] and not seen["dup"]
            and told["before"] - 1000 <= seen["time"] <= told["after"] + SLACK)


def compare(capture, truth):
    broker = next(h["address"] for h in truth["hosts"] if h["name"] == "broker")
    seen = [m for m in publishes(capture) if not m["retransmission"]]
    up = [m for m in seen if m["dst"] == broker]
    down = [m for m in seen if m["src"] == broker]
    wrong, worst = [], 0
    for told in truth["publications"]:
        found = next((m for m in up if fits(m, told)), None)
        if not found:
            wrong.append("publication %d of %s (%s) is not in the capture" % (
                told["id"], told["actor"], told["topic"]))
            continue
        found["used"] = True
        worst = max(worst, found["time"] - told["after"])
        for resend in told["resends"]:
            again = next((m for m in up if not m["used"] and m["dup"] and m["payload"] == told["payload"]), None)
            if again:
                again["used"] = True
            else:
                wrong.append("publication %d was sent again at %d, and the capture lacks it" % (told["id"], resend))
    wrong += ["frame %d: a PUBLISH from %s on %s that no log has" % (m["frame"], m["src"], m["topic"])
              for m in up if not m["used"]]
    for told in truth["retained"]:
        if not any(m["retain"] and m["dst"] == told["address"] and m["topic"] == told["topic"]
                   and m["payload"] == told["payload"] and abs(m["time"] - told["received"]) < SLACK for m in down):
            wrong.append("the retained %s delivered to %s is not in the capture" % (told["topic"], told["receiver"]))
    return wrong, len(up), worst


def kasa_messages(capture):
    fields = ["-e", "frame.time_epoch", "-e", "ip.src", "-e", "ip.dst", "-e", "tplink_smarthome.msg"]
    shown = subprocess.run(["tshark", "-r", capture, "-Y", "tplink-smarthome && !tcp.analysis.retransmission", "-T", "fields",
                            *fields], capture_output=True, text=True, check=True)
    for line in shown.stdout.splitlines():
        time, source, target, text = line.split("\t")
        whole, part = time.split(".")
        yield {"time": int(whole) * 10 ** 9 + int(part.ljust(9, "0")), "src": source, "dst": target, "payload": text,
               "used": False}


def compare_kasa(capture, truth):
    seen, wrong, worst = list(kasa_messages(capture)), [], 0
    for told in truth["publications"]:
        found = next((m for m in seen if not m["used"] and (m["src"], m["dst"], m["payload"]) == (
            told["address"], told["topic"], told["payload"])
            and told["before"] - 1_000_000 <= m["time"] <= told["after"] + SLACK), None)
        if found:
            found["used"] = True
            worst = max(worst, found["time"] - told["after"])
        else:
            wrong.append("message %d of %s is not in the capture" % (told["id"], told["actor"]))
    wrong += ["a message from %s to %s that no log has: %s" % (m["src"], m["dst"], m["payload"][:80])
              for m in seen if not m["used"] and not m["dst"].endswith(".255")]
    return wrong, len(truth["publications"]), worst


def main():
    if not shutil.which("tshark"):
        print("skipped: tshark is not installed", file=sys.stderr)
        return 77
    with open(sys.argv[2], encoding="utf-8") as file:
        truth = json.load(file)
    broker = any(h["name"] == "broker" for h in truth["hosts"])
    wrong, count, worst = (compare if broker else compare_kasa)(sys.argv[1], truth)
    for sentence in wrong:
        print(sentence)
    if not wrong:
        print("%s: %d publications, %d of them from the store, agree; at most %.1f ms from call to wire" % (
            truth["capture"], count, len(truth["retained"]), worst / 1e6))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
