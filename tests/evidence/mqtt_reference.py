#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Agreement of `wattrail messages` on MQTT with other people's decoders.

Without --made: the message records are compared with the assertions of suricata-verify (test.yaml, Suricata's EVE
records), with Zeek's logs, and with what tshark decodes from every capture under --data. With --made: captures are
written here from hand-made MQTT bytes, and the records are compared with what the standards say of those bytes
(MQTT 3.1, 3.1.1 and 5.0; section numbers at the cases). Each difference that is right is a named exception, explained
in mqtt_reference.md; an exception that no longer occurs is an error.

What a capture holds is never printed: texts and payloads in an error are given as length and hash.

Exit status: 0 agreement, 1 a difference, 77 nothing to compare with (the data folder is absent).
"""
import argparse
import collections
import datetime
import gzip
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

TYPES = ["reserved", "connect", "connack", "publish", "puback", "pubrec", "pubrel", "pubcomp", "subscribe", "suback",
         "unsubscribe", "unsuback", "pingreq", "pingresp", "disconnect", "auth"]
HERE = os.path.dirname(os.path.abspath(__file__))
NOTES = os.path.join(HERE, "mqtt_reference.md")


class Report:
    """Counts what was compared, and says what differs."""

    def __init__(self):
        self.compared = 0
        self.failures = 0
        self.skipped = 0

    def check(self, ok, words):
        self.compared += 1
        if not ok:
            self.failures += 1
            print("FAIL " + words)
        return ok

    def skip(self, words):
        self.skipped += 1
        print("SKIP " + words)


def veiled(value):
    """A value that can be printed: numbers as they are, anything with text as its length and hash."""
    if value is None or isinstance(value, (bool, int)):
        return str(value)
    data = value if isinstance(value, bytes) else json.dumps(value, sort_keys=True).encode()
    return "%s of %d bytes, sha256:%s" % (type(value).__name__, len(data), hashlib.sha256(data).hexdigest()[:16])


# ---- captures, read here: where each frame's record and bytes stand in the file, and its time


Frame = collections.namedtuple("Frame", "record start length time_ns")


def read_frames(path):
    """The file's bytes (decompressed) and its frames, numbered from 1 (index 0 is None)."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return data, [None] + list(pcapng_frames(data))
    return data, [None] + list(pcap_frames(data))


def pcap_frames(data):
    magic = data[:4]
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    unit = 1 if b"\x3c" in magic else 1000
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack_from(order + "IIII", data, at)
        yield Frame(at, at + 16, min(length, len(data) - at - 16), seconds * 10**9 + fraction * unit)
        at += 16 + length


def pcapng_frames(data):
    """Enhanced packet blocks alone: no capture with MQTT that is compared here has others."""
    at, order, units = 0, "<", []
    while at + 12 <= len(data):
        kind = struct.unpack_from(order + "I", data, at)[0]
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order, units = ("<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"), []
        size = struct.unpack_from(order + "I", data, at + 4)[0]
        if kind == 1:
            units.append(pcapng_unit(data[at + 16:at + size - 4], order))
        if kind == 6:
            interface, high, low, length = struct.unpack_from(order + "IIII", data, at + 8)
            yield Frame(at, at + 28, length, ((high << 32) | low) * 10**9 // units[interface])
        at += size


def pcapng_unit(options, order):
    """Ticks per second of an interface: option 9 (if_tsresol), a microsecond without it."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == 9:
            value = options[at + 4]
            return 2**(value & 127) if value & 128 else 10**value
        at += 4 + (length + 3) // 4 * 4
    return 10**6


# ---- wattrail's records


class Message:
    """One message record, with the bytes of the capture that it cites."""

    def __init__(self, record, data):
        self.record = record
        self.type = record.get("type")
        self.src = record.get("src")
        self.dst = record.get("dst")
        self.fields = record.get("fields", {})
        self.evidence = record.get("evidence", {})
        self.parts = self.evidence.get("parts") or [self.evidence]
        self.raw = b"".join(data[p.get("offset", 0):p.get("offset", 0) + p.get("length", 0)] for p in self.parts)

    @property
    def frame(self):
        return self.evidence.get("frame", 0)

    @property
    def last_frame(self):
        return self.parts[-1].get("frame", 0)

    @property
    def flags(self):
        return self.raw[0] & 15 if self.raw else 0


class Result:
    """What one run of `wattrail messages` over one capture gave."""

    def __init__(self, status, records, data, frames):
        self.status = status
        self.records = records
        self.frames = frames
        self.messages = [Message(r, data) for r in records
                         if r.get("record") == "message" and r.get("protocol") == "mqtt"]
        self.findings = [r for r in records if r.get("record") == "finding"]
        self.summary = records[-1] if records else {}

    def of(self, kind):
        return [m for m in self.messages if m.type == kind]

    def finding_frames(self):
        return [f.get("evidence", {}).get("frame") for f in self.findings]

    def is_partial(self):
        """Something is damaged or missing; a connection that was there before the capture is neither."""
        return self.gaps() > 0 or any("beginning was not captured" not in f["reason"] for f in self.findings)

    def gaps(self):
        return sum(s.get("gaps", 0) for s in self.summary.get("sources", []))


def run_wattrail(wattrail, path, report, reveal=True):
    command = [wattrail, "messages", "--format", "jsonl"] + (["--reveal-secrets"] if reveal else []) + [path]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    name = os.path.basename(path)
    report.check(done.returncode in (0, 1), "%s: exit status %d: %s"
                 % (name, done.returncode, done.stderr.decode(errors="replace").strip()[:200]))
    try:
        records = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    except ValueError as error:
        report.check(False, "%s: not JSON lines in UTF-8: %s" % (name, type(error).__name__))
        records = []
    return Result(done.returncode, records, *read_frames(path))


def remaining_length(raw):
    """The packet's length by its fixed header (MQTT 5.0 1.5.5), or None."""
    value = 0
    for index, byte in enumerate(raw[1:5]):
        value |= (byte & 127) << (7 * index)
        if byte < 128:
            return 2 + index + value
    return None


def check_frame_of(part, result, name, report):
    """frame, record_offset, offset and length are those of the file."""
    number = part.get("frame", 0)
    if not report.check(0 < number < len(result.frames), "%s: no frame %s" % (name, number)):
        return
    frame = result.frames[number]
    report.check(part.get("record_offset") == frame.record, "%s: frame %d: record_offset %s, in the file %d"
                 % (name, number, part.get("record_offset"), frame.record))
    inside = frame.start <= part.get("offset", -1) and \
        part.get("offset", 0) + part.get("length", 0) <= frame.start + frame.length
    report.check(inside and part.get("length", 0) > 0, "%s: frame %d: bytes outside the frame" % (name, number))


def rfc3339(time_ns):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=time_ns // 10**9)
    return "%s.%09dZ" % (moment.strftime("%Y-%m-%dT%H:%M:%S"), time_ns % 10**9)


def check_message(message, result, name, report):
    """A record's evidence is one whole MQTT packet of its type, and its time that of its frame."""
    for part in message.parts:
        check_frame_of(part, result, name, report)
    where = "%s: frame %d: %s" % (name, message.frame, message.type)
    if not report.check(message.raw and TYPES[message.raw[0] >> 4] == message.type, where + ": not the cited byte"):
        return
    same = all(message.evidence.get(k) == message.parts[0].get(k) for k in ("frame", "record_offset", "offset"))
    report.check(same, where + ": evidence is not that of the first part")
    report.check(remaining_length(message.raw) == len(message.raw), where + ": cites %d bytes, the packet has %s"
                 % (len(message.raw), remaining_length(message.raw)))
    times = [result.frames[p["frame"]].time_ns for p in message.parts if 0 < p.get("frame", 0) < len(result.frames)]
    report.check(message.record.get("time_ns") in times, where + ": time_ns is not that of a frame it cites")
    report.check(message.record.get("time") == rfc3339(message.record.get("time_ns", 0)), where + ": time")


def check_form(result, name, report):
    """What holds of every result: header, order, evidence, counts."""
    kinds = [r.get("record") for r in result.records]
    report.check(kinds[:1] == ["header"] and kinds[-1:] == ["summary"], name + ": header first, summary last")
    for message in result.messages:
        check_message(message, result, name, report)
    times = [m.record.get("time_ns", 0) for m in result.messages]
    report.check(times == sorted(times), name + ": messages are not in order of time")
    report.check(result.summary.get("findings") == len(result.findings), name + ": summary's count of findings")


def as_bytes(value):
    """A text field's bytes: text in UTF-8, or {"hex": ...} for what is not UTF-8."""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode("utf-8")


def as_field(data):
    """How the contract writes bytes."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def topic_filters(fields, kind):
    """The filters of a SUBSCRIBE as (filter, qos), of an UNSUBSCRIBE as filters."""
    if kind == "unsubscribe":
        return list(fields.get("topic_filters", []))
    return [(f.get("topic_filter"), f.get("qos")) for f in fields.get("topic_filters", [])]


def user_properties(properties):
    return [(p.get("name"), p.get("value")) for p in properties.get("user_property", [])]


# ---- suricata-verify: test.yaml


def yaml_lines(text):
    """(indent, content) without comments and blank lines; '- ' opens a deeper level of its own."""
    lines = []
    for line in text.splitlines():
        content = re.sub(r'''((?:[^"'#]|"[^"]*"|'[^']*'|(?<!\s)#)*).*''', r"\1", line).rstrip()
        indent = len(content) - len(content.lstrip())
        content = content.strip()
        while content.startswith("- "):
            lines.append((indent, "-"))
            rest = content[2:].lstrip()
            indent += len(content) - len(rest)
            content = rest
        if content:
            lines.append((indent, content))
    return lines


def yaml_scalar(text):
    text = text.strip()
    if text[:1] in "[{" and text:
        return yaml_flow(text)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False, "": None}.get(text, text)


def yaml_flow(text):
    """[a, b] and {a: b}, nested."""
    items, depth, start = [], 0, 1
    for at, char in enumerate(text):
        depth += (char in "[{") - (char in "]}")
        if (char == "," and depth == 1) or depth == 0:
            if text[start:at].strip():
                items.append(text[start:at])
            start = at + 1
    if text[0] == "[":
        return [yaml_scalar(item) for item in items]
    return {key.strip(): yaml_scalar(value) for key, value in (item.split(":", 1) for item in items)}


def yaml_block(lines, at, indent):
    """The value whose lines stand at `indent`; returns it and the next line's index."""
    if lines[at][1] == "-":
        value = []
        while at < len(lines) and lines[at] == (indent, "-"):
            item, at = yaml_block(lines, at + 1, lines[at + 1][0])
            value.append(item)
        return value, at
    if not re.match(r'''[^"'\[{]+?:(\s|$)''', lines[at][1]):
        return yaml_scalar(lines[at][1]), at + 1
    value = {}
    while at < len(lines) and lines[at][0] == indent and lines[at][1] != "-":
        key, rest = re.match(r"(.+?):(?:\s+|$)(.*)", lines[at][1]).groups()
        at += 1
        if rest:
            value[key] = yaml_scalar(rest)
        elif at < len(lines) and (lines[at][0] > indent or lines[at] == (indent, "-")):
            value[key], at = yaml_block(lines, at, lines[at][0])
        else:
            value[key] = None
    return value, at


def read_yaml(path):
    with open(path, encoding="utf-8") as file:
        lines = yaml_lines(file.read())
    value, at = yaml_block(lines, 0, lines[0][0])
    if at != len(lines):
        raise ValueError("%s: not understood from its content line %d" % (path, at + 1))
    return value


# EVE's names, by packet type, and the contract's. A name that is not here is an error, so that nothing goes unread.
EVE_NAMES = {
    "connect": {"protocol_string": "protocol_name", "protocol_version": "protocol_version", "client_id": "client_id",
                "username": "username", "password": "password", "flags.clean_session": "clean_start"},
    "connack": {"session_present": "session_present", "return_code": "reason_code"},
    "publish": {"topic": "topic", "message": "payload", "message_id": "packet_id"},
    "puback": {"message_id": "packet_id"}, "pubrec": {"message_id": "packet_id"},
    "pubrel": {"message_id": "packet_id"}, "pubcomp": {"message_id": "packet_id"},
    "subscribe": {"message_id": "packet_id"},
    "suback": {"message_id": "packet_id", "qos_granted": "reason_codes"},
    "unsubscribe": {"message_id": "packet_id"},
    "unsuback": {"message_id": "packet_id", "reason_codes": "reason_codes"},
    "disconnect": {"reason_code": "reason_code"},
}
STANDARD_PROPERTIES = {
    "payload_format_indicator", "message_expiry_interval", "content_type", "response_topic", "correlation_data",
    "subscription_identifier", "session_expiry_interval", "assigned_client_identifier", "server_keep_alive",
    "authentication_method", "authentication_data", "request_problem_information", "will_delay_interval",
    "request_response_information", "response_information", "server_reference", "reason_string", "receive_maximum",
    "topic_alias_maximum", "topic_alias", "maximum_qos", "retain_available", "user_property", "maximum_packet_size",
    "wildcard_subscription_available", "subscription_identifier_available", "shared_subscription_available"}


def eve_property(properties, name):
    """EVE writes a user property as a property of its own name."""
    if name in STANDARD_PROPERTIES:
        return properties.get(name)
    values = [value for key, value in user_properties(properties) if key == name]
    return values[0] if len(values) == 1 else None


def eve_flag(message, name):
    """dup, qos and retain: PUBLISH has the fields; elsewhere they are the reserved bits of the first byte."""
    if message.type == "publish":
        return message.fields.get(name)
    flags = message.flags
    return {"dup": bool(flags & 8), "qos": (flags >> 1) & 3, "retain": bool(flags & 1)}[name]


def eve_value(message, path):
    """What EVE calls `path` of this packet, from the message record."""
    fields = message.fields
    will = fields.get("will", {})
    if path in ("dup", "qos", "retain"):
        return eve_flag(message, path)
    if path in EVE_NAMES[message.type]:
        return fields.get(EVE_NAMES[message.type][path])
    if path in ("flags.username", "flags.password", "flags.will"):
        return path[6:] in fields
    if path == "flags.will_retain":
        return will.get("retain", False)
    if path == "will.topic":
        return will.get("topic")
    if path == "will.message":
        return will.get("payload")
    if path == "topics":
        filters = topic_filters(fields, message.type)
        return filters if message.type == "unsubscribe" else [{"topic": t, "qos": q} for t, q in filters]
    if path.startswith("properties."):
        return eve_property(fields.get("properties", {}), path[11:])
    if path.startswith("will.properties."):
        return eve_property(will.get("properties", {}), path[16:])
    raise KeyError("no mapping for mqtt.%s.%s" % (message.type, path))


def eve_equal(message, path, expected):
    got = eve_value(message, path)
    if path == "session_present" and got is None and expected is False and len(message.raw) == 4:
        return True  # MQTT 3.1 has no such bit: EVE says false, silence is as right
    return type(got) is type(expected) and got == expected


def split_match(match):
    """A filter's patterns, by packet type: {"connect": {"client_id": ...}, "connack": {...}}."""
    kinds = collections.OrderedDict()
    for key, value in match.items():
        if key.startswith("mqtt."):
            _, kind, path = key.split(".", 2)
            kinds.setdefault(kind, {})[path] = value
    return kinds


def matches(message, kind, pattern):
    return message.type == kind and all(eve_equal(message, path, value) for path, value in pattern.items())


def is_partner(first, second):
    """EVE puts a request and its answer in one record: same connection, other way, same packet identifier."""
    return first.src == second.dst and first.dst == second.src and \
        first.fields.get("packet_id") == second.fields.get("packet_id")


def count_matches(result, match):
    """How many messages (with the answers that the filter names) a filter of event_type mqtt selects."""
    kinds = list(split_match(match).items())
    kind, pattern = kinds[0]
    found = 0
    for message in result.of(kind):
        partners = [any(matches(m, k, p) and is_partner(message, m) for m in result.messages) for k, p in kinds[1:]]
        found += matches(message, kind, pattern) and all(partners)
    return found


def nearest(result, match):
    """Which names of a filter no message of the type satisfies, for the words of a failure."""
    names = []
    for kind, pattern in split_match(match).items():
        same = result.of(kind)
        names += ["%s.%s" % (kind, p) for p, v in pattern.items() if not any(eve_equal(m, p, v) for m in same)]
        if not same:
            names.append("no " + kind)
    return ", ".join(names) or "each name alone is met, but not together"


def exchanges(result):
    """Requests with their answers: what Suricata calls a transaction."""
    answers = {"connect": ["connack"], "subscribe": ["suback"], "unsubscribe": ["unsuback"],
               "publish": ["puback", "pubrec", "pubrel", "pubcomp"], "disconnect": []}
    return [[m] + [a for a in result.messages if a.type in answers[m.type] and is_partner(m, a)]
            for m in result.messages if m.type in answers]


def has(kind, **fields):
    """How many messages of a type have these fields."""
    def count(result):
        return sum(all(m.fields.get(k) == v for k, v in fields.items()) for m in result.of(kind))
    return count


def has_text(kind, name, text):
    """How many messages of a type hold this text in a field."""
    return lambda result: sum(text in as_bytes(m.fields.get(name, "")) for m in result.of(kind))


def has_topic(topic):
    return lambda result: sum(topic in [t for t, _ in topic_filters(m.fields, "subscribe")]
                              for m in result.of("subscribe"))


def connect_with_name_and_password(result):
    return sum("username" in m.fields and "password" in m.fields and "will" not in m.fields
               and m.fields.get("clean_start") is True for m in result.of("connect"))


def finding_at(frame):
    """A finding stands at the frame, and no message claims its packet."""
    return lambda result: int(frame in result.finding_frames() and all(m.frame != frame for m in result.messages))


def missing_connect(result):
    """One flow lacks its CONNECT: it is said (a finding in it, or a gap), and no CONNECT is made up for it."""
    clients = {m.src if m.type == "connect" else m.dst if m.type == "connack" else None for m in result.messages}
    without = [c for c in clients - {None} if not any(m.src == c for m in result.of("connect"))]
    said = result.gaps() > 0 or any(f is not None and 10 <= f <= 30 for f in result.finding_frames())
    return len(without) if said else 0


def two_packets(*starts):
    """So many message records cite a packet that begins with one of these bytes and has 13 bytes."""
    return lambda result: sum(m.raw.startswith(tuple(starts)) and len(m.raw) == 13 for m in result.messages)


def header_of_two(result):
    """CONNECT (30 bytes) and CONNACK (55), each with a fixed header of two bytes."""
    return int([(m.type, len(m.raw)) for m in result.messages] == [("connect", 30), ("connack", 55)])


def exchanges_without_dup_retain(result):
    return sum(any(not eve_flag(m, "dup") and not eve_flag(m, "retain") for m in x) for x in exchanges(result))


def exchanges_with_qos_0(result):
    return sum(any(eve_flag(m, "qos") == 0 for m in x) for x in exchanges(result))


# Checks on alerts and anomalies, by folder: what Suricata's rule asks (test.rules of the same folder in
# OISF/suricata-verify, not in the data) as a fact of the bytes. The key is the signature's text or id, or the anomaly.
COMMON_RULES = {
    "MQTT Test CONNACK": has("connack"), "MQTT Test DISCONNECT": has("disconnect"),
    "MQTT Test flags": exchanges_without_dup_retain, "MQTT QOS 0 (val0)": exchanges_with_qos_0,
    "MQTT QOS 1 (val0)": exchanges_with_qos_0, "MQTT proto version 5 CONNECT": has("connect", protocol_version=5),
    "MQTT CONNECT flags": connect_with_name_and_password,
    "MQTT CONNECT username": has_text("connect", "username", b"user"),
    "MQTT CONNECT password": has_text("connect", "password", b"pass"),
    "MQTT PUBLISH topicX": has("publish", topic="topicX"), "MQTT SUBSCRIBE topicY": has_topic("topicY"),
    "MQTT SUBACK topicY reason code 0": lambda r: sum(m.fields.get("reason_codes") == [0, 0] for m in r.of("suback")),
    "MQTT PUBLISH JPEG message": lambda r: sum(as_bytes(m.fields["payload"]).startswith(b"\xff\xd8\xff\xe0")
                                               for m in r.of("publish")),
    "MQTT CONNACK reason code 0": has("connack", reason_code=0),
    "MQTT CONNACK reason code 134": has("connack", reason_code=134),
    "MQTT DISCONNECT reason code 0": has("disconnect", reason_code=0),
    "MQTT CONNECT protocol string SUCCESS": has_text("connect", "protocol_name", b"MQTT"),
    "MQTT CONNECT protocol string SUCCESS2": has_text("connect", "protocol_name", b"M"),
    "MQTT CONNECT protocol string FAIL": has_text("connect", "protocol_name", b"Foobar"),
}
RULES = {
    "mqtt-connect-rules-2": COMMON_RULES, "mqtt-connect-rules": COMMON_RULES, "mqtt-pub-rules": COMMON_RULES,
    "mqtt-sub-rules": COMMON_RULES,
    "mqtt-connect-rules-3": {4: has("connack", reason_code=0)},
    "mqtt-events-invalid-qos": {2226006: finding_at(8), "invalid_qos_level": finding_at(8)},
    "mqtt-events-missing-connect": {2226000: missing_connect, "missing_connect": missing_connect},
    "mqtt-events-unassigned-msgtype": {2226008: finding_at(8), "unassigned_msg_type": finding_at(8)},
    "mqtt5-excessiveproplen": {1234: finding_at(4), "malformed_traffic": finding_at(4)},
    "mqtt-frames-xpdu": {None: lambda r: 3 * two_packets(b"\xa2\x0b\x00\x02", b"\xa2\x0b\x00\x03")(r),
                         "pdu": two_packets(b"\xa2\x0b\x00\x02", b"\xa2\x0b\x00\x03"),
                         "header": two_packets(b"\xa2\x0b\x00\x02", b"\xa2\x0b\x00\x03"),
                         "data": two_packets(b"\xa2\x0b\x00\x02", b"\xa2\x0b\x00\x03"),
                         (1, 8): two_packets(b"\xa2\x0b\x00\x02"), (2, 9): two_packets(b"\xa2\x0b\x00\x02"),
                         (3, 10): two_packets(b"\xa2\x0b\x00\x02"), (4, 11): two_packets(b"\xa2\x0b\x00\x03"),
                         (2, 12): two_packets(b"\xa2\x0b\x00\x03"), (3, 13): two_packets(b"\xa2\x0b\x00\x03")},
    "mqtt-frames-truncated": {4: header_of_two},
}
# Where EVE is wrong: folder, frame, type, name, with EVE's value and the bytes' (see mqtt_reference.md).
EVE_EXCEPTIONS = {
    ("mqtt-sub-rules", 11, "disconnect", "reason_code"): (0, 4),
    ("mqtt5-sub-userpass", 11, "disconnect", "reason_code"): (0, 4),
    ("mqtt5-unsub-userpass", 15, "disconnect", "reason_code"): (0, 4),
    ("mqtt5-unsub-qos1", 17, "disconnect", "reason_code"): (0, 4),
}
# Checks that are Suricata's settings and not facts of the bytes, and folders whose capture is not in the data.
POLICY = {"mqtt-frames-truncated": {1, 2, 3, 5, 6, 7, 8, 9}}
NO_CAPTURE = {"mqtt-limit-1", "mqtt-limit-log-1", "mqtt-frames"}


def rule_key(match):
    """What tells one alert or anomaly check of a folder from another."""
    if match.get("event_type") == "anomaly":
        return match["anomaly.event"]
    if "alert.signature" in match:
        return match["alert.signature"]
    if "frame.id" in match:
        return (match["alert.signature_id"], match["frame.id"])
    return match.get("alert.signature_id", match.get("frame.type"))


def corrected(folder, match, result, report):
    """The filter with the value of the bytes where EVE's is wrong; that it is wrong is checked as well."""
    match = dict(match)
    for (where, frame, kind, path), (wrong, right) in EVE_EXCEPTIONS.items():
        key = "mqtt.%s.%s" % (kind, path)
        if where == folder and match.get(key) == wrong:
            values = [eve_value(m, path) for m in result.of(kind) if m.frame == frame]
            report.check(values == [right], "suricata %s: exception at frame %d: %s is %s, expected %s"
                         % (folder, frame, key, values, right))
            match[key] = right
    return match


def check_filter(folder, filter_, result, counts, report):
    match = filter_["match"]
    if match.get("event_type") == "mqtt":
        counts["mqtt"] += 1
        match = corrected(folder, match, result, report)
        found = count_matches(result, match)
        report.check(found == filter_["count"], "suricata %s: %d of %d messages; unmet: %s"
                     % (folder, found, filter_["count"], nearest(result, match)))
        return
    if list(match) == ["dest_port"]:
        counts["port"] += 1
        found = sum(m.dst.endswith(":%d" % match["dest_port"]) for m in result.messages)
        report.check(found == filter_["count"], "suricata %s: %d messages to the port" % (folder, found))
        return
    key = rule_key(match)
    if key in POLICY.get(folder, ()):
        counts["policy"] += 1
        return
    counts["rule"] += 1
    rule = RULES.get(folder, {}).get(key)
    if report.check(rule, "suricata %s: no mapping for the check %r" % (folder, key)):
        found = rule(result)
        report.check(found == filter_["count"], "suricata %s: %r: %d, expected %d"
                     % (folder, key, found, filter_["count"]))


def capture_of(folder, document):
    if "pcap" in document:
        return os.path.normpath(os.path.join(folder, document["pcap"]))
    captures = [name for name in sorted(os.listdir(folder)) if name.endswith(".pcap")]
    return os.path.join(folder, captures[0]) if len(captures) == 1 else os.path.join(folder, "input.pcap")


def check_suricata(wattrail, root, report):
    counts = collections.Counter()
    for name in sorted(os.listdir(root)):
        folder = os.path.join(root, name)
        if not os.path.exists(os.path.join(folder, "test.yaml")):
            continue
        document = read_yaml(os.path.join(folder, "test.yaml"))
        path = capture_of(folder, document)
        if not os.path.exists(path):
            report.check(name in NO_CAPTURE, "suricata %s: its capture is not there" % name)
            report.skip("suricata %s: the capture that it names is not in the data" % name)
            counts["no capture"] += len(document["checks"])
            continue
        report.check(name not in NO_CAPTURE, "suricata %s: listed as without capture, but it is there" % name)
        result = run_wattrail(wattrail, path, report)
        check_form(result, name, report)
        for check in document["checks"]:
            check_filter(name, check["filter"], result, counts, report)
    print("suricata-verify: %d checks field by field, %d of destination ports, %d of rules and anomalies; "
          "%d are policy, %d without capture"
          % (counts["mqtt"], counts["port"], counts["rule"], counts["policy"], counts["no capture"]))


# ---- Zeek's logs


def zeek_rows(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file]
    names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    return [dict(zip(names, line.split("\t"))) for line in lines if line and not line.startswith("#")]


def zeek_ends(row):
    return ("%s:%s" % (row["id.orig_h"], row["id.orig_p"]), "%s:%s" % (row["id.resp_h"], row["id.resp_p"]))


ZEEK_VERSIONS = {"3.1": 3, "3.1.1": 4, "5.0": 5}
ZEEK_QOS = {"at most once": 0, "at least once": 1, "exactly once": 2}


def zeek_connect(row, result):
    client, server = zeek_ends(row)
    connects = [m for m in result.of("connect") if (m.src, m.dst) == (client, server)]
    accepted = [m for m in result.of("connack") if (m.src, m.dst) == (server, client)
                and m.fields.get("reason_code") == 0]
    fields = connects[0].fields if len(connects) == 1 else {}
    will = fields.get("will")
    return fields.get("protocol_name") == row["proto_name"] and fields.get("client_id") == row["client_id"] and \
        fields.get("protocol_version") == ZEEK_VERSIONS[row["proto_version"]] and \
        (row["connect_status"] == "Connection Accepted") == (len(accepted) == 1) and \
        (row["will_topic"] == "-") == (will is None) and (row["will_payload"] == "-") == (will is None)


def zeek_publish(row, message):
    client, server = zeek_ends(row)
    ends = (client, server) if row["from_client"] == "T" else (server, client)
    payload = as_bytes(message.fields.get("payload", ""))
    return (message.src, message.dst) == ends and message.fields.get("retain") is (row["retain"] == "T") and \
        message.fields.get("qos") == ZEEK_QOS[row["qos"]] and message.fields.get("topic") == row["topic"] and \
        payload.startswith(row["payload"].encode()) and len(payload) == int(row["payload_len"])


def zeek_subscribe(row, result):
    client, server = zeek_ends(row)
    asked = [m for m in result.of("subscribe") if (m.src, m.dst) == (client, server)]
    granted = [m for m in result.of("suback") if (m.src, m.dst) == (server, client)]
    wanted = list(zip(row["topics"].split(","), [int(q) for q in row["qos_levels"].split(",")]))
    return len(asked) == 1 and topic_filters(asked[0].fields, "subscribe") == wanted and \
        (row["ack"] == "T") == (len(granted) == 1 and is_partner(asked[0], granted[0])) and \
        granted[0].fields.get("reason_codes") == [int(row["granted_qos_level"])]


def check_zeek(wattrail, root, report):
    result = run_wattrail(wattrail, os.path.join(root, "mqtt.pcap"), report)
    logs = os.path.join(root, "baseline", "scripts.base.protocols.mqtt.")
    compared = report.compared
    rows = zeek_rows(logs + "mqtt/mqtt_connect.log")
    report.check(len(rows) == len(result.of("connect")), "zeek: number of CONNECTs")
    for row in rows:
        report.check(zeek_connect(row, result), "zeek: mqtt_connect of port " + row["id.orig_p"])
    for log in ("mqtt/mqtt_publish.log", "mqtt-payload-cap/mqtt_publish.log"):
        rows = zeek_rows(logs + log)
        report.check(len(rows) == len(result.of("publish")), "zeek: number of PUBLISHes in " + log)
        for number, (row, message) in enumerate(zip(rows, result.of("publish")), 1):
            report.check(zeek_publish(row, message), "zeek: %s row %d" % (log, number))
    rows = zeek_rows(logs + "mqtt/mqtt_subscribe.log")
    report.check(len(rows) == len(result.of("subscribe") + result.of("unsubscribe")), "zeek: number of SUBSCRIBEs")
    for row in rows:
        report.check(row["action"] == "MQTT::SUBSCRIBE" and zeek_subscribe(row, result), "zeek: mqtt_subscribe")
    check_zeek_capped(logs + "mqtt-payload-cap-dynamic/out", result, report)
    print("zeek: %d comparisons with its logs" % (report.compared - compared))


def check_zeek_capped(path, result, report):
    """Lines 'mqtt_publish, <first bytes>, <their number>, <payload's length>' of a script that caps the payload."""
    with open(path, encoding="utf-8") as file:
        rows = [line.strip().split(", ") for line in file if line.startswith("mqtt_publish, ")]
    report.check(len(rows) == len(result.of("publish")), "zeek: number of capped PUBLISHes")
    for (_, text, shown, length), message in zip(rows, result.of("publish")):
        payload = as_bytes(message.fields.get("payload", ""))
        same = payload[:int(shown)] == text.encode() and len(payload) == int(length)
        report.check(same, "zeek: capped payload at frame %d" % message.frame)


# ---- tshark, over every capture


DECODE_AS = {"mqtt/ndpi-coap_mqtt.pcap": "tcp.port==17501,mqtt"}  # tshark goes by port, and knows 1883 alone

# Differences that are right, each explained in mqtt_reference.md: file, frame, type, what differs.
EXCEPTIONS = {
    ("mqtt/suricata-verify/mqtt-events-invalid-qos/input.pcap", 8, "publish", "tshark alone"),
    ("mqtt/suricata-verify/mqtt-events-unassigned-msgtype/input.pcap", 8, "reserved", "tshark alone"),
    ("mqtt/suricata-verify/mqtt5-excessiveproplen/input.pcap", 4, "connect", "tshark alone"),
}
# Findings in captures that tshark reads: where one must be, and where one may be. Elsewhere there is none.
FINDINGS = {
    "mqtt/suricata-verify/mqtt-events-invalid-qos/input.pcap": {8},
    "mqtt/suricata-verify/mqtt-events-unassigned-msgtype/input.pcap": {8},
    "mqtt/suricata-verify/mqtt5-excessiveproplen/input.pcap": {4},
}
MAY_HAVE_FINDINGS = {
    "mqtt/suricata-verify/mqtt-events-missing-connect/input.pcap",  # the lost CONNECT
    "mqtt/suricata-verify/mqtt-events-invalid-qos/input.pcap",      # the broker's answer is lost too
    "mqtt/suricata-verify/mqtt5-sub-mosquittoprops/input.pcap",     # payload format indicator 144
    "mqtt/ndpi-coap_mqtt.pcap",                                     # three flows without a beginning
}


def tshark_packets(path, decode_as):
    """Every MQTT packet that tshark decodes: frame, source port, type, and the fields to compare."""
    command = ["tshark", "-r", path, "-Y", "mqtt", "-T", "pdml"] + (["-d", decode_as] if decode_as else [])
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    packets = []
    for packet in ElementTree.fromstring(done.stdout).iter("packet"):
        shown = {f.get("name"): f.get("show") for f in packet.iter("field")}
        for proto in packet.iter("proto"):
            if proto.get("name") == "mqtt":
                fields = {f.get("name"): f for f in proto.iter("field")}
                packets.append((int(shown["frame.number"]), int(shown["tcp.srcport"]), tshark_type(fields),
                                tshark_facts(fields)))
    return packets


def tshark_type(fields):
    return TYPES[int(fields["mqtt.msgtype"].get("show"), 0)]


def tshark_bytes(fields, name):
    return bytes.fromhex(fields[name].get("value")) if name in fields and fields[name].get("value") else b""


def tshark_number(fields, name):
    if name not in fields:
        return None
    show = fields[name].get("show")
    return int(show == "True") if show in ("True", "False") else int(show, 0)


def tshark_facts(fields):
    """What is compared of a packet, by its type."""
    kind = tshark_type(fields)
    facts = {"packet_id": tshark_number(fields, "mqtt.msgid")}
    if kind == "publish":
        facts.update(topic=tshark_bytes(fields, "mqtt.topic"), payload=tshark_bytes(fields, "mqtt.msg"),
                     qos=tshark_number(fields, "mqtt.qos"), retain=tshark_number(fields, "mqtt.retain"),
                     dup=tshark_number(fields, "mqtt.dupflag"))
    if kind == "connect":
        facts.update(client_id=tshark_bytes(fields, "mqtt.clientid"), keep_alive=tshark_number(fields, "mqtt.kalive"),
                     protocol_version=tshark_number(fields, "mqtt.ver"))
    return facts


def wattrail_facts(message):
    fields = message.fields
    facts = {"packet_id": fields.get("packet_id")}
    if message.type == "publish":
        facts.update(topic=as_bytes(fields.get("topic", "")), payload=as_bytes(fields.get("payload", "")),
                     qos=fields.get("qos"), retain=fields.get("retain"), dup=fields.get("dup"))
    if message.type == "connect":
        facts.update(client_id=as_bytes(fields.get("client_id", "")), keep_alive=fields.get("keep_alive"),
                     protocol_version=fields.get("protocol_version"))
    return facts


def by_place(packets):
    """Packets by the frame that completes them, source port and type, in order."""
    places = collections.OrderedDict()
    for frame, port, kind, facts in packets:
        places.setdefault((frame, port, kind), []).append(facts)
    return places


def differences(theirs, ours):
    """(frame, type, what differs) between tshark's packets and wattrail's, and words for each."""
    found = {}
    theirs, ours = by_place(theirs), by_place(ours)
    for place in sorted(set(theirs) | set(ours)):
        frame, _, kind = place
        left, right = theirs.get(place, []), ours.get(place, [])
        if len(left) != len(right):
            what = "tshark alone" if len(left) > len(right) else "wattrail alone"
            found[(frame, kind, what)] = "%d and %d" % (len(left), len(right))
        for one, other in zip(left, right):
            for name in one:
                if one[name] != other[name]:
                    found[(frame, kind, name)] = "%s and %s" % (veiled(one[name]), veiled(other[name]))
    return found


def check_counts(name, theirs, ours, report):
    """Messages of each type, less the exceptions, and their sum."""
    left = collections.Counter(kind for _, _, kind, _ in theirs)
    for file, _, kind, what in EXCEPTIONS:
        if file == name:
            left[kind] -= {"tshark alone": 1, "wattrail alone": -1}.get(what, 0)
    right = collections.Counter(kind for _, _, kind, _ in ours)
    report.check(+left == right, "tshark %s: types %s and %s" % (name, dict(+left), dict(right)))


def check_findings(name, result, report):
    got = {f["evidence"].get("frame") for f in result.findings if "beginning was not captured" not in f["reason"]}
    wanted = FINDINGS.get(name, set())
    report.check(wanted <= got, "tshark %s: no finding at frames %s" % (name, sorted(wanted - got)))
    if name not in MAY_HAVE_FINDINGS:
        report.check(got <= wanted, "tshark %s: findings at sound frames %s" % (name, sorted(got - wanted)))
    report.check(result.status == result.is_partial(), "tshark %s: exit status %d with %d findings and %d gaps"
                 % (name, result.status, len(result.findings), result.gaps()))


def check_payload_form(name, result, report):
    """Payloads are text where they are UTF-8, {"hex"} where they are not."""
    for message in result.of("publish"):
        payload = message.fields.get("payload")
        report.check(payload == as_field(as_bytes(payload)), "%s: frame %d: form of the payload"
                     % (name, message.frame))


def check_capture(wattrail, path, name, seen, report):
    theirs = tshark_packets(path, DECODE_AS.get(name))
    if not theirs:  # another protocol's capture: all that is asked is that no MQTT is seen in it
        quiet = Report()
        result = run_wattrail(wattrail, path, quiet)
        report.check(0 <= result.status <= 3, "tshark %s: exit status %d" % (name, result.status))
        report.check(not result.messages, "tshark %s: %d MQTT messages, tshark sees none"
                     % (name, len(result.messages)))
        return 0
    result = run_wattrail(wattrail, path, report)
    check_form(result, name, report)
    ours = [(m.last_frame, int((m.src or ":0").rpartition(":")[2]), m.type, wattrail_facts(m))
            for m in result.messages]
    check_counts(name, theirs, ours, report)
    for (frame, kind, what), words in sorted(differences(theirs, ours).items()):
        seen.add((name, frame, kind, what))
        report.check((name, frame, kind, what) in EXCEPTIONS, "tshark %s: frame %d: %s: %s: %s"
                     % (name, frame, kind, what, words))
    check_findings(name, result, report)
    check_payload_form(name, result, report)
    return len(theirs)


def captures_under(root):
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            if re.search(r"\.(pcap|pcapng|cap)(\.gz|\.\d+)?$", name):
                yield os.path.relpath(os.path.join(folder, name), root)


def check_notes(report):
    """Each exception stands in the table of mqtt_reference.md, and each line of the table is an exception."""
    with open(NOTES, encoding="utf-8") as file:
        rows = re.findall(r"^\| `([^`]+)` \| (\d+) \| (\w+) \| ([\w ]+?) \|", file.read(), re.MULTILINE)
    explained = {(name, int(frame), kind, what) for name, frame, kind, what in rows}
    listed = EXCEPTIONS | {("mqtt/suricata-verify/%s/test.yaml" % e[0],) + e[1:] for e in EVE_EXCEPTIONS}
    for exception in sorted(listed ^ explained):
        report.check(False, "exception %r is in one of script and mqtt_reference.md alone" % (exception,))


def check_tshark(wattrail, root, report):
    if not shutil.which("tshark"):
        report.skip("tshark is not installed: nothing compared with it")
        return
    seen, captures, packets = set(), 0, 0
    for name in captures_under(root):
        number = check_capture(wattrail, os.path.join(root, name), name, seen, report)
        captures += 1
        packets += number
    for exception in sorted(EXCEPTIONS - seen):
        report.check(False, "exception %r no longer occurs" % (exception,))
    print("tshark: %d packets compared, %d captures searched, %d exceptions" % (packets, captures, len(EXCEPTIONS)))


# ---- captures made here: Ethernet, IPv4 and TCP around hand-made MQTT bytes


CLIENT, SERVER = "10.9.0.7", "10.9.0.2"
START_NS = 1700000000 * 10**9
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2 + len(data) % 2), data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def address(text):
    return bytes(int(part) for part in text.split("."))


class Capture:
    """A pcap file in the making: one frame a millisecond. Frames are numbered from 1."""

    def __init__(self):
        self.frames = []

    def add(self, src, sport, dst, dport, seq, ack, flags, payload):
        tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 0xffff, 0, 0) + payload
        pseudo = address(src) + address(dst) + struct.pack(">BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
        ipv4 = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + address(src) + address(dst)
        ipv4 = ipv4[:10] + struct.pack(">H", checksum(ipv4)) + ipv4[12:]
        ethernet = b"\x02\0\0\0\0\x02" + b"\x02\0\0\0\0\x07" + b"\x08\0"
        self.frames.append((ethernet + ipv4 + tcp).ljust(60, b"\0"))  # short frames are padded, as on a wire
        return len(self.frames)

    def write(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
            for number, frame in enumerate(self.frames):
                micros = START_NS // 1000 + number * 1000
                file.write(struct.pack("<IIII", micros // 10**6, micros % 10**6, len(frame), len(frame)) + frame)


class Connection:
    """One TCP connection from the client to a port that is not MQTT's own. c() and s() send from client and server."""

    def __init__(self, capture, cport=50312, sport=18830, seq=1000, handshake=True):
        self.capture, self.cport, self.sport = capture, cport, sport
        self.next = {"c": seq, "s": 500000}
        if handshake:
            capture.add(CLIENT, cport, SERVER, sport, self.next["c"], 0, SYN, b"")
            capture.add(SERVER, sport, CLIENT, cport, self.next["s"], self.next["c"] + 1, SYN | ACK, b"")
            self.next = {end: number + 1 for end, number in self.next.items()}
            self.at("c", self.next["c"], b"", ACK)

    def at(self, end, seq, payload, flags=PSH | ACK):
        """A segment at a sequence number of one's choice; returns its frame."""
        other = self.next["s" if end == "c" else "c"] & 0xffffffff
        ends = (CLIENT, self.cport, SERVER, self.sport) if end == "c" else (SERVER, self.sport, CLIENT, self.cport)
        return self.capture.add(*ends, seq & 0xffffffff, other, flags, payload)

    def send(self, end, payload, size=60000):
        """The payload in segments of at most `size` bytes; returns the first one's frame."""
        first = len(self.capture.frames) + 1
        for start in range(0, len(payload), size):
            self.at(end, self.next[end], payload[start:start + size])
            self.next[end] += len(payload[start:start + size])
        return first

    def c(self, payload, size=60000):
        return self.send("c", payload, size)

    def s(self, payload, size=60000):
        return self.send("s", payload, size)

    def lose(self, end, payload):
        """Sent, but not captured; the other side acknowledges it."""
        self.next[end] += len(payload)
        self.at("s" if end == "c" else "c", self.next["s" if end == "c" else "c"], b"", ACK)

    def close(self):
        self.at("c", self.next["c"], b"", FIN | ACK)
        self.at("s", self.next["s"], b"", FIN | ACK)


Expected = collections.namedtuple("Expected", "kind end frame fields absent optional cport")


class Case:
    """A made capture and what must be read from it. Findings stand at `wanted` frames, and may stand at `allowed`
    ones ("any": at all); an `optional` message may be missing, but says the expected if it is there."""

    def __init__(self, name):
        self.name, self.capture = name, Capture()
        self.expected, self.wanted, self.allowed = [], [], set()
        self.incomplete = False  # bytes are missing: a finding or a gap says so

    def connection(self, **options):
        return Connection(self.capture, **options)

    def expect(self, kind, end, frame, absent=(), optional=False, cport=50312, **fields):
        self.expected.append(Expected(kind, end, frame, fields, absent, optional, cport))

    def finding(self, *frames):
        """One finding at least, at one of these frames."""
        self.wanted.append(set(frames))

    def start(self, version):
        """A connection with CONNECT and CONNACK of the version: client 'plug', clean start, 60 s; nothing else."""
        connection = self.connection()
        self.expect("connect", "c", connection.c(CONNECT[version]), protocol_version=version, client_id="plug",
                    clean_start=True, keep_alive=60, protocol_name="MQIsdp" if version == 3 else "MQTT",
                    absent=("username", "password", "will"))
        self.expect("connack", "s", connection.s(CONNACK[version]), reason_code=0)
        return connection


# 3.1: 3.1 CONNECT; 3.1.1 and 5.0: 3.1.2. Fixed header, protocol name and level, flags 02, keep alive, client id.
CONNECT = {3: bytes.fromhex("1012 0006 4d5149736470 03 02 003c 0004 706c7567"),
           4: bytes.fromhex("1010 0004 4d515454 04 02 003c 0004 706c7567"),
           5: bytes.fromhex("1011 0004 4d515454 05 02 003c 00 0004 706c7567")}
CONNACK = {3: bytes.fromhex("20020000"), 4: bytes.fromhex("20020000"), 5: bytes.fromhex("2003000000")}
DISCONNECT = bytes.fromhex("e000")
PINGREQ, PINGRESP = bytes.fromhex("c000"), bytes.fromhex("d000")


def packet(first, *parts):
    """A control packet: first byte, remaining length in the fewest bytes, and the rest."""
    body = b"".join(parts)
    length, rest = b"", len(body)
    while True:
        length += bytes([rest & 127 | (128 if rest > 127 else 0)])
        rest >>= 7
        if not rest:
            return bytes([first]) + length + body


def string(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">H", len(data)) + data


def case_lengths():
    """Remaining length in 1, 2 and 3 bytes, at its edges (5.0 table 2-1). Topic 't' takes 3 bytes of it."""
    case = Case("remaining length of 1, 2 and 3 bytes")
    connection = case.start(4)
    for remaining, header in ((127, "307f"), (128, "308001"), (16383, "30ff7f"), (16384, "30808001"),
                              (500000, "30a0c21e")):
        payload = b"w" * (remaining - 3)
        frame = connection.c(bytes.fromhex(header) + b"\0\1t" + payload)
        case.expect("publish", "c", frame, topic="t", payload=payload.decode(), qos=0, retain=False, dup=False)
    case.expect("disconnect", "c", connection.c(DISCONNECT))
    return case


def case_length_of_four():
    """2097152, the least that takes 4 bytes. A decoder may refuse to hold so much, if it says so and goes on."""
    case = Case("remaining length of 4 bytes")
    connection = case.start(4)
    frame = connection.c(bytes.fromhex("3080808001") + b"\0\1t" + b"w" * 2097149)
    case.expect("publish", "c", frame, topic="t", payload="w" * 2097149, optional=True)
    case.allowed = {frame}
    case.expect("disconnect", "c", connection.c(DISCONNECT))
    return case


def case_length_cut():
    """The greatest remaining length, 268435455, of which ten bytes come before the end."""
    case = Case("remaining length of 268435455, cut")
    connection = case.start(4)
    case.finding(connection.c(bytes.fromhex("30ffffff7f 0001 74") + b"1234567"))
    connection.close()
    return case


def case_length_too_long():
    """A fifth byte of remaining length (5.0 1.5.5: at most four)."""
    case = Case("remaining length of five bytes")
    connection = case.start(4)
    case.finding(connection.c(bytes.fromhex("30ffffffff01 0001 74 4f4e")))
    connection.close()
    return case


def case_connect_fields():
    """Every field of CONNECT in 3.1.1: will QoS 2 retained (flags f6), user name, password, greatest keep alive."""
    case = Case("CONNECT with all fields")
    connection = case.connection()
    frame = connection.c(packet(0x10, string("MQTT"), b"\x04\xf6\xff\xff", string("plug"), string("tele/LWT"),
                                string("Offline"), string("kitchen"), string("wattrail-made")))
    case.expect("connect", "c", frame, protocol_name="MQTT", protocol_version=4, clean_start=True, keep_alive=65535,
                client_id="plug", username="kitchen", password="wattrail-made",
                will={"topic": "tele/LWT", "payload": "Offline", "qos": 2, "retain": True}, absent=("properties",))
    case.expect("connack", "s", connection.s(bytes.fromhex("20020100")), session_present=True, reason_code=0)
    other = case.connection(cport=50313)
    frame = other.c(packet(0x10, string("MQIsdp"), b"\x03\x84\0\0", string(""), string("t"), string(b"\xff\0"),
                           string("")))
    case.expect("connect", "c", frame, protocol_name="MQIsdp", protocol_version=3, clean_start=False, keep_alive=0,
                client_id="", username="", cport=50313, absent=("password",),
                will={"topic": "t", "payload": {"hex": "ff00"}, "qos": 0, "retain": False})
    case.allowed = {frame}  # 3.1 asks for a client identifier of at least one character
    case.expect("connack", "s", other.s(bytes.fromhex("20020002")), reason_code=2, cport=50313)
    return case


def case_connect_bad():
    """CONNECTs that break the standard: will QoS 3, reserved flag, password's length past the end, level 6."""
    case = Case("malformed CONNECT")
    bodies = (b"\x04\x1e\0\x3c" + string("plug") + string("t") + string("x"), b"\x04\x03\0\x3c" + string("plug"),
              b"\x04\xc2\0\x3c" + string("plug") + string("u") + b"\0\x09abc", b"\x06\x02\0\x3c" + string("plug"))
    for number, body in enumerate(bodies):
        connection = case.connection(cport=50320 + number)
        frame = connection.c(packet(0x10, string("MQTT"), body))
        case.finding(frame)
        if body[0] == 6:  # a level that no standard has: the fields may be shown beside the finding
            case.expect("connect", "c", frame, protocol_version=6, optional=True, cport=50320 + number)
        connection.close()
    return case


def case_not_mqtt():
    """Flows that only look alike: another protocol name, and text that begins with a digit (30 hex)."""
    case = Case("not MQTT")
    first = case.connection(cport=50330)
    first.c(packet(0x10, string("MQTX"), b"\x04\x02\0\x3c", string("plug")))
    second = case.connection(cport=50331)
    second.c(b"0 NOOP the quick brown fox jumps over the lazy dog\r\n")
    second.s(b"200 OK\r\n")
    return case


PAYLOADS = (b"", b"ON", b'{"a":"\\"\n"}', b"\0", "Küche ⚡ 😀".encode(), b"\xc3", b"\xc0\x80",
            b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff\xfe")
AS_TEXT = ("", "ON", '{"a":"\\"\n"}', "\0", "K\u00fcche \u26a1 \U0001f600", {"hex": "c3"}, {"hex": "c080"},
           {"hex": "eda080"}, {"hex": "f4908080"}, {"hex": "fffe"})


def case_payloads():
    """Empty, text with JSON's own characters, U+0000, four-byte UTF-8; and what is not UTF-8: cut, overlong, a
    surrogate, past U+10FFFF, a byte that never occurs (RFC 3629)."""
    case = Case("payloads")
    connection = case.start(4)
    for payload, text in zip(PAYLOADS, AS_TEXT):
        frame = connection.c(packet(0x31, string("stat/p"), payload))
        case.expect("publish", "c", frame, topic="stat/p", payload=text, retain=True, absent=("packet_id",))
    return case


def case_qos():
    """QoS 1 and 2 with their answers, DUP, and packet identifiers at their edges; version 3.1.1."""
    case = Case("QoS 1 and 2")
    connection = case.start(4)
    frame = connection.c(packet(0x32, string("a"), b"\0\1", b"x"))
    case.expect("publish", "c", frame, topic="a", qos=1, dup=False, packet_id=1, payload="x")
    case.expect("puback", "s", connection.s(bytes.fromhex("40020001")), packet_id=1)
    frame = connection.c(packet(0x3d, string("b"), b"\xff\xff", b"y"))
    case.expect("publish", "c", frame, topic="b", qos=2, dup=True, retain=True, packet_id=65535, payload="y")
    for kind, end, raw in (("pubrec", "s", "5002ffff"), ("pubrel", "c", "6202ffff"), ("pubcomp", "s", "7002ffff")):
        case.expect(kind, end, connection.send(end, bytes.fromhex(raw)), packet_id=65535, absent=("reason_code",))
    return case


def case_publish_bad():
    """PUBLISHes that break the standard (3.1.1 and 5.0: 3.3.1, 3.3.2, 4.7): no topic, wildcards, U+0000, not UTF-8,
    QoS 3, DUP at QoS 0, packet identifier 0, topic past the end. Each one that is sound goes on being read."""
    case = Case("malformed PUBLISH")
    connection = case.start(4)
    for first, body, topic in ((0x30, b"\0\0x", ""), (0x30, b"\0\3a/#x", "a/#"), (0x30, b"\0\3a/+x", "a/+"),
                               (0x30, b"\0\3a\0bx", "a\0b"), (0x30, b"\0\2\xc3\x28x", {"hex": "c328"}),
                               (0x38, b"\0\1ax", "a"), (0x32, b"\0\1a\0\0x", "a"), (0x36, b"\0\1a\0\1x", None),
                               (0x30, b"\0\x09abc", None), (0x30, b"\0", None), (0x32, b"\0\1a\1", None)):
        frame = connection.c(packet(first, body))
        case.finding(frame)
        if topic is not None:
            case.expect("publish", "c", frame, topic=topic, payload="x", optional=True)
        frame = connection.c(packet(0x30, string("ok"), b"1"))
        case.expect("publish", "c", frame, topic="ok", payload="1")
    return case


def case_small_bad():
    """Other packets that break 3.1.1: reserved flags, bytes too many or too few, no filter, QoS 3 asked for,
    type 0, type 15. A PINGREQ follows each."""
    case = Case("other malformed packets")
    connection = case.start(4)
    for raw in ("8006 0001 0001 61 00", "8202 0001", "8206 0001 0001 61 03", "8206 0000 0001 61 00", "a202 0001",
                "6002 0001", "c002 0000", "e002 0000", "4001 00", "4004 0001 0000", "0002 0000", "f002 0000"):
        raw = bytes.fromhex(raw)
        frame = connection.c(raw)
        case.finding(frame)
        if raw[0] >> 4 not in (0, 15) and len(raw) > 3:
            case.expect(TYPES[raw[0] >> 4], "c", frame, optional=True)
        case.expect("pingreq", "c", connection.c(PINGREQ))
    case.expect("pingresp", "s", connection.s(PINGRESP))
    return case


def case_subscribe():
    """Several filters, all of them answered; failure 80; UNSUBSCRIBE; version 3.1.1 (3.8 to 3.11)."""
    case = Case("SUBSCRIBE and UNSUBSCRIBE")
    connection = case.start(4)
    frame = connection.c(packet(0x82, b"\0\7", string("#"), b"\0", string("stat/+/POWER"), b"\1", string("$SYS/x"),
                                b"\2"))
    case.expect("subscribe", "c", frame, packet_id=7, topic_filters=[
        {"topic_filter": "#", "qos": 0}, {"topic_filter": "stat/+/POWER", "qos": 1},
        {"topic_filter": "$SYS/x", "qos": 2}])
    frame = connection.s(bytes.fromhex("9005 0007 00 01 80"))
    case.expect("suback", "s", frame, packet_id=7, reason_codes=[0, 1, 128])
    frame = connection.c(packet(0xa2, b"\0\x08", string("#"), string("$SYS/x")))
    case.expect("unsubscribe", "c", frame, packet_id=8, topic_filters=["#", "$SYS/x"])
    case.expect("unsuback", "s", connection.s(bytes.fromhex("b0020008")), packet_id=8, absent=("reason_codes",))
    return case


def case_version_5():
    """Acknowledgements of 5.0 with the reason code left out, given, and with properties; subscription options."""
    case = Case("version 5 reason codes and options")
    connection = case.start(5)
    for raw, code in (("40020001", 0), ("4003000110", 16), ("400400018000", 128),
                      ("400a 0001 87 06 1f 0003 6e6f70", 135)):
        case.expect("puback", "s", connection.s(bytes.fromhex(raw)), packet_id=1, reason_code=code)
    case.expect("pubrel", "c", connection.c(bytes.fromhex("6203000192")), packet_id=1, reason_code=146)
    frame = connection.c(packet(0x82, b"\0\2\0", string("a"), b"\x2e", string("b"), b"\0"))  # 2e: 2, NL, RAP, RH 2
    case.expect("subscribe", "c", frame, packet_id=2, topic_filters=[
        {"topic_filter": "a", "qos": 2, "no_local": True, "retain_as_published": True, "retain_handling": 2},
        {"topic_filter": "b", "qos": 0, "no_local": False, "retain_as_published": False, "retain_handling": 0}])
    case.expect("suback", "s", connection.s(bytes.fromhex("9005 0002 00 02 97")), reason_codes=[2, 151])
    case.expect("unsuback", "s", connection.s(bytes.fromhex("b005 0003 00 00 11")), reason_codes=[0, 17])
    case.expect("disconnect", "s", connection.s(bytes.fromhex("e0018e")), reason_code=142)
    other = case.connection(cport=50313)
    case.expect("connect", "c", other.c(CONNECT[5]), client_id="plug", cport=50313)
    case.expect("disconnect", "c", other.c(DISCONNECT), reason_code=0, cport=50313)
    return case


def property_bytes(text):
    """Properties from hex, behind their length (all here are shorter than 128 bytes)."""
    data = bytes.fromhex(text)
    return bytes([len(data)]) + data


def case_properties_connect():
    """All properties that CONNECT, its will and CONNACK may have (5.0 table 2-4), each with the type that it has."""
    case = Case("version 5 properties of CONNECT and CONNACK")
    connection = case.connection()
    properties = property_bytes("11 00000e10 15 0004 706c6169 16 0002 00ff 17 01 19 00 21 0014 22 000a 27 00010000"
                                " 26 0001 6b 0001 76 26 0001 6b 0001 77")
    will = property_bytes("01 01 02 0000003c 03 0004 6a736f6e 08 0001 72 09 0002 6869 18 00000005 26 0001 61 0000")
    frame = connection.c(packet(0x10, string("MQTT"), b"\x05\x06\0\x3c", properties, string("plug"), will, string("w"),
                                string("off")))
    case.expect("connect", "c", frame, protocol_version=5, client_id="plug", properties={
        "session_expiry_interval": 3600, "authentication_method": "plai", "authentication_data": {"hex": "00ff"},
        "request_problem_information": 1, "request_response_information": 0, "receive_maximum": 20,
        "topic_alias_maximum": 10, "maximum_packet_size": 65536,
        "user_property": [{"name": "k", "value": "v"}, {"name": "k", "value": "w"}]},
        will={"topic": "w", "payload": "off", "qos": 0, "retain": False, "properties": {
            "payload_format_indicator": 1, "message_expiry_interval": 60, "content_type": "json",
            "response_topic": "r", "correlation_data": "hi", "will_delay_interval": 5,
            "user_property": [{"name": "a", "value": ""}]}})
    properties = property_bytes("11 ffffffff 12 0002 6964 13 0078 15 0001 6d 16 0000 1a 0002 7269 1c 0001 73 1f 0002"
                                " 6f6b 21 ffff 22 0000 24 01 25 00 26 0001 6b 0001 76 27 ffffffff 28 01 29 00 2a 01")
    case.expect("connack", "s", connection.s(packet(0x20, b"\0\0", properties)), properties={
        "session_expiry_interval": 4294967295, "assigned_client_identifier": "id", "server_keep_alive": 120,
        "authentication_method": "m", "authentication_data": "", "response_information": "ri", "server_reference": "s",
        "reason_string": "ok", "receive_maximum": 65535, "topic_alias_maximum": 0, "maximum_qos": 1,
        "retain_available": 0, "user_property": [{"name": "k", "value": "v"}], "maximum_packet_size": 4294967295,
        "wildcard_subscription_available": 1, "subscription_identifier_available": 0,
        "shared_subscription_available": 1})
    return case


def case_properties_other():
    """The properties of PUBLISH, SUBSCRIBE and DISCONNECT; a subscription identifier of 1 and of 4 bytes."""
    case = Case("version 5 properties of other packets")
    connection = case.start(5)
    properties = property_bytes("01 00 02 00000001 03 0001 63 08 0003 722f73 09 0001 ff 0b 01 0b ffffff7f 23 0001"
                                " 26 0001 6b 0001 76")
    frame = connection.s(packet(0x30, string("t"), properties, b"ON"))
    case.expect("publish", "s", frame, topic="t", payload="ON", properties={
        "payload_format_indicator": 0, "message_expiry_interval": 1, "content_type": "c", "response_topic": "r/s",
        "correlation_data": {"hex": "ff"}, "subscription_identifier": [1, 268435455], "topic_alias": 1,
        "user_property": [{"name": "k", "value": "v"}]})
    frame = connection.c(packet(0x82, b"\0\1", property_bytes("0b 8001 26 0001 6b 0001 76"), string("t"), b"\0"))
    case.expect("subscribe", "c", frame, properties={"subscription_identifier": 128,
                                                     "user_property": [{"name": "k", "value": "v"}]})
    frame = connection.s(packet(0x90, b"\0\1", property_bytes("1f 0002 6f6b"), b"\0"))
    case.expect("suback", "s", frame, properties={"reason_string": "ok"}, reason_codes=[0])
    frame = connection.s(packet(0xe0, b"\x9d", property_bytes("1c 0002 6232 1f 0002 6277 26 0001 6b 0001 76")))
    case.expect("disconnect", "s", frame, reason_code=157, properties={
        "server_reference": "b2", "reason_string": "bw", "user_property": [{"name": "k", "value": "v"}]})
    return case


def case_properties_bad():
    """Properties that break 5.0 (2.2.2): each identifier that is not assigned, a duplicate, one of another packet,
    one cut short, a length past the packet. A sound PUBLISH follows each."""
    case = Case("malformed properties")
    connection = case.start(5)
    unassigned = [n for n in range(128) if n not in (1, 2, 3, 8, 9, 11, 17, 18, 19, 21, 22, 23, 24, 25, 26, 28, 31)
                  + tuple(range(33, 43))]
    bad = ["%02x 00" % n for n in unassigned]
    bad += ["01 00 01 00", "03 0001 61 03 0001 61", "21 0001", "11 00000001", "12 0001 61", "02 0000", "03 0005 61",
            "23 0000", "26 0001 6b"]
    for text in bad:
        frame = connection.s(packet(0x30, string("t"), property_bytes(text), b"no"))
        case.finding(frame)
        case.expect("publish", "s", frame, topic="t", payload="no", optional=True)
        case.expect("publish", "s", connection.s(packet(0x30, string("ok"), b"\0", b"1")), topic="ok", payload="1")
    case.finding(connection.s(packet(0x30, string("t"), b"\x7f\x01\x00", b"no")))
    case.expect("publish", "s", connection.s(packet(0x30, string("ok"), b"\0", b"1")), topic="ok", payload="1")
    return case


def case_auth():
    """Enhanced authentication (5.0 4.12): AUTH both ways, re-authentication, and AUTH without anything."""
    case = Case("AUTH")
    connection = case.connection()
    frame = connection.c(packet(0x10, string("MQTT"), b"\x05\x02\0\x3c", property_bytes("15 0003 534341"),
                                string("plug")))
    case.expect("connect", "c", frame, properties={"authentication_method": "SCA"})
    for end, code in (("s", 0x18), ("c", 0x18)):
        frame = connection.send(end, packet(0xf0, bytes([code]), property_bytes("15 0003 534341 16 0002 7331")))
        case.expect("auth", end, frame, reason_code=code,
                    properties={"authentication_method": "SCA", "authentication_data": "s1"})
    case.expect("connack", "s", connection.s(packet(0x20, b"\0\0", property_bytes("15 0003 534341"))), reason_code=0)
    frame = connection.c(packet(0xf0, b"\x19", property_bytes("15 0003 534341 1f 0001 72")))
    case.expect("auth", "c", frame, reason_code=25, properties={"authentication_method": "SCA", "reason_string": "r"})
    case.expect("auth", "s", connection.s(bytes.fromhex("f000")), reason_code=0)
    return case


def alias(number):
    return property_bytes("23 %04x" % number)


def case_alias():
    """Topic aliases (5.0 3.3.2.3.4): set, used, set anew, per direction, unknown, 0; gone with the connection."""
    case = Case("topic aliases")
    connection = case.start(5)
    for end, topic, number, resolved in (
            ("c", "one", 1, "one"), ("c", "", 1, "one"), ("s", "two", 1, "two"), ("c", "", 1, "one"),
            ("s", "", 1, "two"), ("c", "three", 1, "three"), ("c", "", 1, "three"), ("c", "four", 10, "four"),
            ("c", "", 10, "four")):
        frame = connection.send(end, packet(0x30, string(topic), alias(number), b"x"))
        case.expect("publish", end, frame, topic=resolved, payload="x", properties={"topic_alias": number})
    for number in (9, 0):
        frame = connection.c(packet(0x30, string(""), alias(number), b"x"))
        case.finding(frame)
        case.expect("publish", "c", frame, topic=None, optional=True)
    connection.close()
    again = case.connection(seq=70000)
    case.expect("connect", "c", again.c(CONNECT[5]), client_id="plug")
    case.expect("connack", "s", again.s(CONNACK[5]), reason_code=0)
    frame = again.c(packet(0x30, string(""), alias(1), b"x"))
    case.finding(frame)
    case.expect("publish", "c", frame, topic=None, optional=True)
    return case


def case_alias_mid_stream():
    """An alias that may have been set before the capture began stands for no topic that was seen."""
    case = Case("topic alias, mid-stream")
    connection = case.connection(handshake=False)
    case.allowed = "any"
    for number in range(3):
        frame = connection.c(packet(0x32, string("stat/plug/POWER"), struct.pack(">H", number + 1), b"\0", b"ON"))
        case.expect("publish", "c", frame, optional=True)
        frame = connection.s(bytes([0x40, 4, 0, number + 1, 0, 0]))
        case.expect("puback", "s", frame, packet_id=number + 1, optional=True)
    frame = connection.c(packet(0x30, string(""), alias(1), b"OFF"))
    case.expect("publish", "c", frame, topic=None, optional=True)
    return case


def case_one_segment():
    """Six packets in one segment, and the first two bytes of a seventh that the next segment ends."""
    case = Case("several packets in one segment")
    connection = case.connection()
    last = packet(0x30, string("b"), b"2")
    frame = connection.c(CONNECT[4] + packet(0x30, string("a"), b"1") + PINGREQ + packet(0x30, string("a"), b"1")
                         + packet(0x82, b"\0\1", string("#"), b"\0") + PINGREQ + last[:2])
    case.expect("connect", "c", frame, client_id="plug")
    for kind, fields in (("publish", {"topic": "a", "payload": "1"}), ("pingreq", {}),
                         ("publish", {"topic": "a", "payload": "1"}), ("subscribe", {"packet_id": 1}),
                         ("pingreq", {})):
        case.expect(kind, "c", frame, **fields)
    case.expect("publish", "c", frame, topic="b", payload="2")
    connection.c(last[2:] + DISCONNECT)
    case.expect("disconnect", "c", frame + 1)
    connection.close()
    return case


def case_many_segments(size):
    """The whole session in segments of `size` bytes. A segment of one byte splits even the remaining length."""
    case = Case("segments of %d" % size)
    connection = case.connection()
    payload = "w" * 200
    case.expect("connect", "c", connection.c(CONNECT[4], size), client_id="plug", keep_alive=60)
    case.expect("connack", "s", connection.s(CONNACK[4], size), reason_code=0)
    frame = connection.c(packet(0x30, string("stat/plug/POWER"), payload.encode()), size)
    case.expect("publish", "c", frame, topic="stat/plug/POWER", payload=payload)
    case.expect("pingreq", "c", connection.c(PINGREQ, size))
    case.expect("pingresp", "s", connection.s(PINGRESP, size))
    case.expect("disconnect", "c", connection.c(DISCONNECT, size))
    connection.close()
    return case


def case_mid_stream():
    """No beginning: the tail of a PUBLISH whose payload holds bytes like a packet's, then whole packets at the
    front of segments. What stands inside the tail was never said as a packet of its own."""
    case = Case("mid-stream start")
    connection = case.connection(handshake=False)
    case.incomplete, case.allowed = True, "any"
    whole = packet(0x30, string("log"), b"text " + packet(0x30, string("stat/plug/POWER"), b"ON") + b" more text")
    connection.c(whole[7:])
    for number in range(1, 5):
        frame = connection.c(packet(0x32, string("tele/plug/STATE"), struct.pack(">H", number), b'{"POWER":"OFF"}'))
        case.expect("publish", "c", frame, topic="tele/plug/STATE", payload='{"POWER":"OFF"}', packet_id=number,
                    optional=number == 1)
        frame = connection.s(bytes([0x40, 2, 0, number]))
        case.expect("puback", "s", frame, packet_id=number, optional=number == 1)
    case.expect("disconnect", "c", connection.c(DISCONNECT))
    return case


def case_loss():
    """A lost segment with a whole packet, and one with a packet's second half: what was not seen is not said."""
    case = Case("lost segments")
    connection = case.start(4)
    case.incomplete, case.allowed = True, "any"
    case.expect("publish", "c", connection.c(packet(0x30, string("t"), b"1")), topic="t", payload="1")
    connection.lose("c", packet(0x30, string("t"), b"lost"))
    case.expect("publish", "c", connection.c(packet(0x30, string("t"), b"3")), topic="t", payload="3", optional=True)
    case.expect("publish", "c", connection.c(packet(0x30, string("t"), b"4")), topic="t", payload="4")
    half = packet(0x30, string("t"), b"w" * 40)
    connection.c(half[:20])
    connection.lose("c", half[20:])
    case.expect("publish", "c", connection.c(packet(0x30, string("t"), b"6")), topic="t", payload="6", optional=True)
    case.expect("publish", "c", connection.c(packet(0x30, string("t"), b"7")), topic="t", payload="7")
    case.expect("pingresp", "s", connection.s(PINGRESP))
    return case


def case_order():
    """Segments out of order, repeated, and repeated with more behind; sequence numbers wrap on the way."""
    case = Case("out of order, repeated, wrapped")
    connection = case.connection(seq=2**32 - 60)
    case.expect("connect", "c", connection.c(CONNECT[4]), client_id="plug")
    case.expect("connack", "s", connection.s(CONNACK[4]), reason_code=0)
    parts = [packet(0x30, string("t"), b"%d" % n * 20) for n in range(4)]
    place = [connection.next["c"] + n * len(parts[0]) for n in range(5)]
    frames = {n: connection.at("c", place[n], parts[n]) for n in (0, 2, 1)}
    connection.at("c", place[1], parts[1])
    frames[3] = connection.at("c", place[2], parts[2] + parts[3])
    for number in range(4):
        case.expect("publish", "c", frames[number], topic="t", payload="%d" % number * 20)
    for number, frame in ((1, frames[3] - 1), (2, frames[3])):  # a copy may be shown, if it is shown as it is
        case.expect("publish", "c", frame, topic="t", payload="%d" % number * 20, optional=True)
    connection.next["c"] = place[4]
    case.expect("disconnect", "c", connection.c(DISCONNECT))
    return case


def case_other_bytes():
    """The same place again with other bytes: the first stand, and it is said."""
    case = Case("retransmission with other bytes")
    connection = case.start(4)
    place = connection.next["c"]
    frame = connection.c(packet(0x30, string("t"), b"ON "))
    case.expect("publish", "c", frame, topic="t", payload="ON ")
    case.finding(connection.at("c", place, packet(0x30, string("t"), b"OFF")))
    case.expect("disconnect", "c", connection.c(DISCONNECT))
    return case


def case_reuse():
    """The same ports again, with another version: nothing of the first connection holds in the second."""
    case = Case("ports used again")
    first = case.start(5)
    case.expect("publish", "c", first.c(packet(0x30, string("t"), b"\0", b"5")), topic="t", payload="5")
    case.expect("disconnect", "c", first.c(DISCONNECT), reason_code=0)
    first.close()
    second = case.connection(seq=900000)
    case.expect("connect", "c", second.c(CONNECT[3]), protocol_name="MQIsdp", protocol_version=3)
    case.expect("connack", "s", second.s(CONNACK[3]), reason_code=0)
    frame = second.c(packet(0x30, string("t"), b"\0", b"3"))
    case.expect("publish", "c", frame, topic="t", payload="\0" + "3", absent=("properties",))
    case.expect("disconnect", "c", second.c(DISCONNECT), absent=("reason_code",))
    return case


def made_cases():
    return [case_lengths(), case_length_of_four(), case_length_cut(), case_length_too_long(), case_connect_fields(),
            case_connect_bad(), case_not_mqtt(), case_payloads(), case_qos(), case_publish_bad(), case_small_bad(),
            case_subscribe(), case_version_5(), case_properties_connect(), case_properties_other(),
            case_properties_bad(), case_auth(), case_alias(), case_alias_mid_stream(), case_one_segment(),
            case_many_segments(1), case_many_segments(2), case_many_segments(7), case_mid_stream(), case_loss(),
            case_order(), case_other_bytes(), case_reuse()]


def same_field(name, got, wanted):
    """Equal, but for what the contract leaves open: a topic that is not known is "" or absent, an identifier in
    PUBLISH's list form or alone."""
    if name == "topic" and wanted is None:
        return not got
    if name == "properties" and got and wanted and "subscription_identifier" in wanted:
        got = dict(got)
        if not isinstance(wanted["subscription_identifier"], list):
            value = got.get("subscription_identifier")
            got["subscription_identifier"] = value[0] if isinstance(value, list) and len(value) == 1 else value
    return got == wanted


def fits(message, expected):
    ends = ("%s:%d" % (CLIENT, expected.cport), "%s:18830" % SERVER)
    return message.type == expected.kind and message.frame == expected.frame and \
        (message.src, message.dst) == (ends if expected.end == "c" else ends[::-1])


def check_expected(case, result, report):
    """Each message is expected once, in order of its frame, and says what is expected."""
    left = list(case.expected)
    for message in result.messages:
        where = "made %s: frame %d: %s" % (case.name, message.frame, message.type)
        expected = next((e for e in left if fits(message, e)), None)
        if not report.check(expected, where + ": not expected"):
            continue
        left.remove(expected)
        for name, wanted in expected.fields.items():
            got = message.fields.get(name)
            report.check(same_field(name, got, wanted), "%s: %s is %.200r, expected %.200r"
                         % (where, name, got, wanted))
        for name in expected.absent:
            report.check(name not in message.fields, "%s: has %s" % (where, name))
    for expected in left:
        report.check(expected.optional, "made %s: frame %d: no %s" % (case.name, expected.frame, expected.kind))


def check_made_findings(case, result, report):
    got = [f for f in result.finding_frames() if f is not None]
    for frames in case.wanted:
        report.check(frames & set(got), "made %s: no finding at frame %s" % (case.name, sorted(frames)))
    if case.allowed != "any":
        sound = set(got) - case.allowed - set().union(*case.wanted)
        report.check(not sound, "made %s: findings at sound frames %s" % (case.name, sorted(sound)))
    said = result.gaps() > 0 or bool(got)
    report.check(said or not case.incomplete, "made %s: bytes are missing, nothing says so" % case.name)
    report.check(result.status == result.is_partial(), "made %s: exit status %d with %d findings and %d gaps"
                 % (case.name, result.status, len(got), result.gaps()))


def check_secret(wattrail, path, report):
    """Without --reveal-secrets a password is its hash and length, and stands nowhere."""
    secret = "wattrail-made"
    result = run_wattrail(wattrail, path, report, reveal=False)
    shown = [json.dumps(m.fields.get("password")) for m in result.of("connect") if "password" in m.fields]
    digest = "sha256:" + hashlib.sha256(secret.encode()).hexdigest()[:16]
    report.check(len(shown) == 1 and digest in shown[0], "made: a password is not shown as its hash")
    report.check(any(re.search(r"\b%d\b" % len(secret), json.dumps(m.fields)) for m in result.of("connect")),
                 "made: a password's length is not shown")
    report.check(secret not in json.dumps(result.records), "made: a password is shown")


def check_made(wattrail, keep, report):
    with tempfile.TemporaryDirectory() as scratch:
        cases = made_cases()
        for number, case in enumerate(cases, 1):
            path = os.path.join(keep or scratch, "%02d.pcap" % number)
            case.capture.write(path)
            result = run_wattrail(wattrail, path, report)
            check_form(result, "made " + case.name, report)
            check_expected(case, result, report)
            check_made_findings(case, result, report)
            if any(e.fields.get("password") for e in case.expected):
                check_secret(wattrail, path, report)
    print("made: %d captures, %d packets expected" % (len(cases), sum(len(c.expected) for c in cases)))


def main():
    parser = argparse.ArgumentParser(description="Compares wattrail's MQTT messages with other decoders'.")
    parser.add_argument("--wattrail", required=True, help="the program to test")
    parser.add_argument("--data", default=os.path.join(HERE, "..", "..", "..", "shared", "data"),
                        help="the folder of third-party captures")
    parser.add_argument("--made", action="store_true", help="compare on captures that are made here instead")
    parser.add_argument("--keep", help="with --made: write the captures to this folder")
    options = parser.parse_args()
    report = Report()
    if options.made:
        check_made(options.wattrail, options.keep, report)
    elif not os.path.isdir(os.path.join(options.data, "mqtt")):
        print("SKIP no third-party captures at %s" % options.data)
        return 77
    else:
        check_suricata(options.wattrail, os.path.join(options.data, "mqtt", "suricata-verify"), report)
        check_zeek(options.wattrail, os.path.join(options.data, "mqtt", "zeek"), report)
        check_tshark(options.wattrail, options.data, report)
        check_notes(report)
    print("%d comparisons, %d failures, %d skipped" % (report.compared, report.failures, report.skipped))
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
