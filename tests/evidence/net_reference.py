#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Agreement of `wattrail messages` on ARP, DHCP, DNS, LLMNR, mDNS, NTP and SSDP with tshark, field by field, on every
capture under --data.

Left out, and counted: frames in which tshark finds the protocol inside a tunnel or a quoted packet (ICMP), which
wattrail does not follow, and messages that tshark itself calls malformed.

What a capture holds is never printed: a difference is given as the field and the length and hash of both values.

Exit status: 0 agreement, 1 a difference, 77 nothing to compare with (no data folder, or no tshark).
"""
import argparse
import collections
import hashlib
import ipaddress
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

PROTOCOLS = ["arp", "dhcp", "dns", "llmnr", "mdns", "ntp", "ssdp"]
INSIDE = {"icmp", "icmpv6", "gre", "erspan", "vxlan", "geneve", "teredo", "gtp"}
SECTIONS = {"Queries": "questions", "Answers": "answers", "Authoritative nameservers": "authority",
            "Additional records": "additional"}
TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV",
         35: "NAPTR", 39: "DNAME", 41: "OPT", 43: "DS", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 64: "SVCB", 65: "HTTPS",
         251: "IXFR", 252: "AXFR", 255: "ANY", 257: "CAA"}
CLASSES = {1: "IN", 3: "CH", 254: "NONE", 255: "ANY"}


def veiled(value):
    data = json.dumps(value, sort_keys=True).encode()
    return "%s of %d bytes, sha256:%s" % (type(value).__name__, len(data), hashlib.sha256(data).hexdigest()[:12])


class Node:
    """A field of tshark's tree."""

    def __init__(self, element):
        self.element = element

    def all(self, name):
        return [e for e in self.element.iter("field") if e.get("name") == name]

    def has(self, name):
        return bool(self.all(name))

    def show(self, name):
        found = self.all(name)
        return found[0].get("show") if found else None

    def number(self, name):
        shown = self.show(name)
        return None if shown is None else int(shown, 0)

    def flag(self, name):
        shown = self.show(name)
        return shown in ("1", "True", "true")

    def raw(self, name):
        found = self.all(name)
        return bytes.fromhex(found[0].get("value") or "") if found else None


# ---- what tshark says, in the form of wattrail's fields


def arp_fields(node):
    fields = {"hardware_type": node.number("arp.hw.type"), "protocol_type": node.number("arp.proto.type"),
              "hardware_length": node.number("arp.hw.size"), "protocol_length": node.number("arp.proto.size"),
              "operation": node.number("arp.opcode"),
              "sender_hardware_address": node.show("arp.src.hw_mac"),
              "sender_protocol_address": node.show("arp.src.proto_ipv4"),
              "target_hardware_address": node.show("arp.dst.hw_mac"),
              "target_protocol_address": node.show("arp.dst.proto_ipv4")}
    if node.flag("arp.isprobe"):
        fields["probe"] = True
    elif node.flag("arp.isgratuitous") or node.flag("arp.isannouncement"):
        fields["gratuitous"] = True
    return fields


def dns_name(name):
    return "." if name == "<Root>" else name


def number_or(table, prefix, number):
    return table.get(number, "%s%d" % (prefix, number))


def record_data(node, kind):
    if kind == "A":
        return node.show("dns.a")
    if kind == "AAAA":
        return str(ipaddress.ip_address(node.show("dns.aaaa")))
    if kind in ("CNAME", "NS", "PTR", "DNAME"):
        name = {"CNAME": "dns.cname", "NS": "dns.ns", "PTR": "dns.ptr.domain_name", "DNAME": "dns.dname"}[kind]
        return dns_name(node.show(name))
    if kind == "SRV":
        return {"priority": node.number("dns.srv.priority"), "weight": node.number("dns.srv.weight"),
                "port": node.number("dns.srv.port"), "target": dns_name(node.show("dns.srv.target"))}
    if kind == "MX":
        return {"preference": node.number("dns.mx.preference"), "exchange": dns_name(node.show("dns.mx.mail_exchange"))}
    if kind == "TXT":
        return [e.get("show") for e in node.all("dns.txt")]
    if kind == "SOA":
        return {"mname": dns_name(node.show("dns.soa.mname")), "rname": dns_name(node.show("dns.soa.rname")),
                "serial": node.number("dns.soa.serial_number"), "refresh": node.number("dns.soa.refresh_interval"),
                "retry": node.number("dns.soa.retry_interval"), "expire": node.number("dns.soa.expire_limit"),
                "minimum": node.number("dns.soa.minimum_ttl")}
    return {"length": node.number("dns.resp.len") if kind != "OPT" else node.number("dns.rr.len")}


def dns_record(node, multicast):
    kind = number_or(TYPES, "TYPE", node.number("dns.resp.type"))
    if kind == "OPT":
        return {"type": kind}
    name = node.show("dns.resp.name")
    if name is None:
        name = ".".join(node.show("dns.srv." + part) for part in ("service", "proto", "name"))
    record = {"name": dns_name(name), "type": kind,
              "class": number_or(CLASSES, "CLASS", node.number("dns.resp.class") & (0x7fff if multicast else 0xffff)),
              "ttl": node.number("dns.resp.ttl"), "rdata": record_data(node, kind)}
    if multicast:
        record["cache_flush"] = node.flag("dns.resp.cache_flush")
    return record


def dns_question(node, multicast):
    question = {"qname": dns_name(node.show("dns.qry.name")),
                "qtype": number_or(TYPES, "TYPE", node.number("dns.qry.type")),
                "qclass": number_or(CLASSES, "CLASS", node.number("dns.qry.class") & (0x7fff if multicast else 0xffff))}
    if multicast:
        question["unicast_response"] = node.flag("dns.qry.qu")
    return question


def dns_fields(node, name="dns"):
    multicast = name == "mdns"
    fields = {"id": node.number("dns.id"), "qr": node.flag("dns.flags.response"),
              "opcode": node.number("dns.flags.opcode"), "rcode": (node.number("dns.flags") or 0) & 15}
    if name == "llmnr":
        fields.update({"c": node.flag("dns.flags.conflict"), "tc": node.flag("dns.flags.truncated"),
                       "t": node.flag("dns.flags.tentative")})
    else:
        bits = node.number("dns.flags")
        fields.update({"aa": bool(bits & 0x400), "tc": bool(bits & 0x200), "rd": bool(bits & 0x100),
                       "ra": bool(bits & 0x80), "z": bool(bits & 0x40), "ad": bool(bits & 0x20),
                       "cd": bool(bits & 0x10)})
    for section in node.element:
        if section.get("show") in SECTIONS:
            make = dns_question if section.get("show") == "Queries" else dns_record
            fields[SECTIONS[section.get("show")]] = [make(Node(e), multicast) for e in section]
    return fields


def ntp_time(node, name):
    raw = node.raw(name)
    return {"seconds": int.from_bytes(raw[:4], "big"), "fraction": int.from_bytes(raw[4:], "big")}


def signed(byte):
    return byte - 256 if byte > 127 else byte


def ntp_fields(node):
    return {"leap_indicator": node.raw("ntp.flags")[0] >> 6, "version": node.raw("ntp.flags")[0] >> 3 & 7,
            "mode": node.raw("ntp.flags")[0] & 7, "stratum": node.number("ntp.stratum"),
            "poll": signed(node.raw("ntp.ppoll")[0]), "precision": signed(node.raw("ntp.precision")[0]),
            "root_delay": int.from_bytes(node.raw("ntp.rootdelay"), "big"),
            "root_dispersion": int.from_bytes(node.raw("ntp.rootdispersion"), "big"),
            "reference_id": node.raw("ntp.refid").hex(), "reference_timestamp": ntp_time(node, "ntp.reftime"),
            "origin_timestamp": ntp_time(node, "ntp.org"), "receive_timestamp": ntp_time(node, "ntp.rec"),
            "transmit_timestamp": ntp_time(node, "ntp.xmt")}


def ssdp_fields(node):
    headers = []
    places = set()  # tshark names some headers twice
    first = None
    for element in node.element:
        line = element.get("showname") or element.get("show") or ""
        if not line.endswith("\\r\\n"):
            continue
        line = line[:-4]
        if first is None:
            first = line
        elif line and element.get("pos") not in places:
            places.add(element.get("pos"))
            name, _, value = line.partition(":")
            headers.append({"name": name, "value": value.strip()})
    words = first.split(" ", 2)
    fields = {"headers": headers}
    if first.startswith("HTTP/"):
        fields.update({"version": words[0], "status": words[1], "reason": words[2] if len(words) > 2 else ""})
    else:
        fields.update({"method": words[0], "target": words[1], "version": words[2]})
    return fields


ADDRESS_OPTIONS = {1: "dhcp.option.subnet_mask", 3: "dhcp.option.router", 6: "dhcp.option.domain_name_server",
                   28: "dhcp.option.broadcast_address", 50: "dhcp.option.requested_ip_address",
                   54: "dhcp.option.dhcp_server_id", 42: "dhcp.option.ntp_server"}
NUMBER_OPTIONS = {53: "dhcp.option.dhcp", 57: "dhcp.option.dhcp_max_message_size",
                  52: "dhcp.option.option_overload"}
TIME_OPTIONS = {51: "dhcp.option.ip_address_lease_time", 58: "dhcp.option.renewal_time_value",
                59: "dhcp.option.rebinding_time_value"}
TEXT_OPTIONS = {12: "dhcp.option.hostname", 15: "dhcp.option.domain_name", 60: "dhcp.option.vendor_class_id",
                56: "dhcp.option.message", 66: "dhcp.option.tftp_server_name", 67: "dhcp.option.bootfile_name"}


def dhcp_value(node, code):
    if code in ADDRESS_OPTIONS:
        return [e.get("show") for e in node.all(ADDRESS_OPTIONS[code])]
    if code in NUMBER_OPTIONS:
        return node.number(NUMBER_OPTIONS[code])
    if code in TIME_OPTIONS:
        return int.from_bytes(node.raw(TIME_OPTIONS[code]), "big")
    if code in TEXT_OPTIONS:
        return node.show(TEXT_OPTIONS[code])
    if code == 55:
        return [int(e.get("show")) for e in node.all("dhcp.option.request_list_item")]
    if code == 61 and node.has("dhcp.hw.mac_addr"):
        return {"type": node.number("dhcp.hw.type"), "identifier": node.show("dhcp.hw.mac_addr")}
    return None


def dhcp_fields(node):
    top = {e.get("name"): e for e in node.element}
    options = []
    for element in node.element:
        if element.get("name") != "dhcp.option.type":
            continue
        code = int(element.get("show"))
        if code not in (0, 255):
            options.append({"code": code, "value": dhcp_value(Node(element), code)})
    return {"op": node.number("dhcp.type"), "htype": int(top["dhcp.hw.type"].get("show"), 0),
            "hlen": node.number("dhcp.hw.len"), "hops": node.number("dhcp.hops"), "xid": node.number("dhcp.id"),
            "secs": node.number("dhcp.secs"), "flags": node.number("dhcp.flags"), "ciaddr": node.show("dhcp.ip.client"),
            "yiaddr": node.show("dhcp.ip.your"), "siaddr": node.show("dhcp.ip.server"),
            "giaddr": node.show("dhcp.ip.relay"), "chaddr": top["dhcp.hw.mac_addr"].get("show"), "options": options}


MAKERS = {"arp": arp_fields, "dhcp": dhcp_fields, "ntp": ntp_fields, "ssdp": ssdp_fields,
          "dns": dns_fields, "mdns": lambda node: dns_fields(node, "mdns"),
          "llmnr": lambda node: dns_fields(node, "llmnr")}


def tshark_messages(path):
    """Per (frame, protocol) the messages, and why others were left out."""
    said = collections.defaultdict(list)
    left_out = {}
    command = ["tshark", "-n", "-r", path, "-Y", " || ".join(PROTOCOLS), "-T", "pdml"]
    tree = ElementTree.fromstring(subprocess.run(command, capture_output=True, check=True).stdout)
    for packet in tree.iter("packet"):
        frame = int(next(f.get("show") for f in packet.iter("field") if f.get("name") == "frame.number"))
        names = [p.get("name") for p in packet.findall("proto")]
        for proto in packet.findall("proto"):
            name = proto.get("name")
            if name not in PROTOCOLS:
                continue
            if INSIDE & set(names[:names.index(name)]):
                left_out[frame, name] = "inside another packet"
            elif "_ws.malformed" in names or any(f.get("name") == "_ws.malformed" for f in proto.iter("field")):
                left_out[frame, name] = "malformed to tshark"
            else:
                said[frame, name].append(MAKERS[name](Node(proto)))
    return said, left_out


# ---- comparison: wattrail's fields, with what tshark has no word for taken out


def cut(name, ours, theirs):
    ours = json.loads(json.dumps(ours))
    if name == "ntp":
        for key in ("reference_timestamp", "origin_timestamp", "receive_timestamp", "transmit_timestamp"):
            ours[key] = {k: ours[key][k] for k in ("seconds", "fraction")}
        for key in ("root_delay", "root_dispersion"):
            theirs[key] = round(theirs[key] / 65536, 6)
            ours[key] = round(ours[key], 6)
        ref = ours["reference_id"]
        text = ref["hex"] if isinstance(ref, dict) else ref.encode().ljust(4, b"\0").hex()
        ours["reference_id"] = text
        ours.pop("extension", None)
    if name in ("dns", "mdns", "llmnr"):
        for section in ("answers", "authority", "additional"):
            for i, record in enumerate(ours.get(section, [])):
                if record["type"] == "OPT":
                    ours[section][i] = {"type": "OPT"}
                elif isinstance(record["rdata"], dict) and "hex" in record["rdata"]:
                    record["rdata"] = {"length": len(record["rdata"]["hex"]) // 2}
    if name == "dhcp":
        for mine, other in zip(ours["options"], theirs["options"]):
            mine.pop("name", None)
            if other["value"] is None:
                mine["value"] = None
        ours.pop("sname", None)
        ours.pop("file", None)
    return ours, theirs


def wattrail_messages(wattrail, path):
    said = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "messages.jsonl")
        done = subprocess.run([wattrail, "messages", "--format", "jsonl", "-o", out, path], capture_output=True)
        if done.returncode not in (0, 1):
            raise SystemExit("wattrail messages ended with %d on %s" % (done.returncode, os.path.basename(path)))
        with open(out) as file:
            for line in file:
                record = json.loads(line)
                if record["record"] == "message" and record["protocol"] in PROTOCOLS:
                    frame = record["parts"][-1]["frame"] if record.get("parts") else record["evidence"]["frame"]
                    said[frame, record["protocol"]].append(record["fields"])
    return said


def differing(ours, theirs, place=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            if key not in ours or key not in theirs:
                yield "%s.%s is missing %s" % (place, key, "here" if key not in ours else "there")
            else:
                yield from differing(ours[key], theirs[key], "%s.%s" % (place, key))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (mine, other) in enumerate(zip(ours, theirs)):
            yield from differing(mine, other, "%s[%d]" % (place, i))
    elif ours != theirs:
        yield "%s: %s; tshark: %s" % (place, veiled(ours), veiled(theirs))


def compare(wattrail, path, shown, totals):
    theirs, left_out = tshark_messages(path)
    ours = wattrail_messages(wattrail, path)
    failures = 0
    for key in sorted(set(theirs) | set(ours)):
        frame, name = key
        if key in left_out:
            continue
        if len(ours[key]) != len(theirs[key]):
            failures += 1
            print("FAIL %s frame %d %s: %d messages; tshark: %d" % (shown, frame, name, len(ours[key]), len(theirs[key])))
            continue
        for mine, other in zip(ours[key], theirs[key]):
            totals[name] += 1
            for words in differing(*cut(name, mine, other)):
                failures += 1
                print("FAIL %s frame %d %s%s" % (shown, frame, name, words))
    totals.update("left out: " + reason for reason in left_out.values())
    return failures


def captures_under(folder):
    for root, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if ".pcap" in name and not name.endswith((".snap", ".json", ".txt", ".md")):
                yield os.path.join(root, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--wattrail", required=True)
    parser.add_argument("--data", required=True)
    options = parser.parse_args()
    if not os.path.isdir(options.data):
        print("SKIP: no captures to compare with (%s is absent)" % os.path.basename(options.data))
        return 77
    if not shutil.which("tshark"):
        print("SKIP: no tshark to compare with")
        return 77
    totals = collections.Counter()
    failures = 0
    for path in captures_under(options.data):
        failures += compare(options.wattrail, path, os.path.relpath(path, options.data), totals)
    for name, count in sorted(totals.items()):
        print("%6d %s" % (count, name))
    missing = [name for name in PROTOCOLS if name != "llmnr" and totals[name] == 0]
    if missing:
        print("FAIL nothing was compared of " + ", ".join(missing))
    print("%d differences" % failures)
    return 1 if failures or missing else 0


if __name__ == "__main__":
    sys.exit(main())
