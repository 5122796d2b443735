#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""perturb.py CAPTURE --seed N --out FILE [what]: a damaged copy of a pcap, the same for the same seed.

  --drop P      each packet is left out with this probability
  --dup P       each packet is repeated with this probability, at once or up to three packets later
  --reorder P   each packet is moved up to four places back in the file with this probability; it keeps its
                time stamp, or with --restamp the stamps stay in place, as if the network had reordered
  --cut [AT]    the file ends at a byte: at AT, or anywhere
  --flip [AT]   one byte is changed: the one at AT, or any
Prints in one line what was done."""

import argparse
import random
import struct
import sys

ORDERS = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] not in ORDERS:
        raise SystemExit("perturb: %s is no pcap" % path)
    order, at, packets = ORDERS[data[:4]], 24, []
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        if at + 16 + length > len(data):
            break
        packets.append((data[at:at + 8], data[at + 8:at + 16 + length]))  # time stamp, the rest
        at += 16 + length
    return data[:24], packets


def drop(packets, chance, chooser):
    return [p for p in packets if chooser.random() >= chance]


def is_bare_datagram(rest):
    """A UDP datagram of a protocol that does not number its messages, as CoAP does: an equal one later than two
    milliseconds is another one, as far as anybody can tell."""
    packet = rest[8:]
    if packet[12:14] != b"\x08\x00" or packet[23:24] != b"\x11":
        return False
    at = 14 + 4 * (packet[14] & 15)
    return 5683 not in struct.unpack(">HH", packet[at:at + 4])


def nanoseconds(stamp, unit):
    second, part = struct.unpack("<II", stamp)
    return second * 10 ** 9 + part * unit


def duplicate(packets, chance, chooser, unit):
    """A copy seen again a little later bears the time of the place where it is seen."""
    out, waiting = [], []
    for at, (stamp, rest) in enumerate(packets):
        out.append((stamp, rest))
        for entry in [w for w in waiting if w[0] == 0]:
            out.append((stamp, entry[1]))
        waiting = [(left - 1, packet) for left, packet in waiting if left > 0]
        if chooser.random() < chance:
            distance = chooser.randint(0, 3)
            place = packets[min(at + distance, len(packets) - 1)][0]
            if distance == 0 or is_bare_datagram(rest) and nanoseconds(place, unit) - nanoseconds(
                    stamp, unit) > 1500000:
                out.append((stamp, rest))
            else:
                waiting.append((distance - 1, rest))
    return out + [(packets[-1][0], rest) for _, rest in waiting]


def reorder(packets, chance, restamp, chooser):
    out = list(packets)
    for at in range(1, len(out)):
        if chooser.random() < chance:
            to = max(0, at - chooser.randint(1, 4))
            out.insert(to, out.pop(at))
    if restamp:
        out = [(stamp, rest) for (stamp, _), (_, rest) in zip(packets, out)]
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", required=True)
    for name in ("--drop", "--dup", "--reorder"):
        parser.add_argument(name, type=float, default=0.0)
    parser.add_argument("--restamp", action="store_true")
    parser.add_argument("--cut", type=int, nargs="?", const=-1)
    parser.add_argument("--flip", type=int, nargs="?", const=-1)
    given = parser.parse_args()
    chooser = random.Random(given.seed)
    header, packets = read(given.capture)
    told = ["%d packets" % len(packets)]
    if given.drop:
        packets = drop(packets, given.drop, chooser)
        told.append("%d left after dropping" % len(packets))
    if given.dup and packets:
        packets = duplicate(packets, given.dup, chooser, 1 if header[:1] == b"\x4d" else 1000)
        told.append("%d after repeating" % len(packets))
    if given.reorder:
        moved = reorder(packets, given.reorder, given.restamp, chooser)
        told.append("%d moved%s" % (sum(a[1] != b[1] for a, b in zip(packets, moved)),
                                    ", stamps in place" if given.restamp else ""))
        packets = moved
    data = bytearray(header + b"".join(stamp + rest for stamp, rest in packets))
    if given.flip is not None:
        at = given.flip if given.flip >= 0 else chooser.randrange(len(data))
        data[at] ^= chooser.randint(1, 255)
        told.append("byte %d changed" % at)
    if given.cut is not None:
        at = given.cut if given.cut >= 0 else chooser.randrange(len(data))
        del data[at:]
        told.append("cut at byte %d" % at)
    with open(given.out, "wb") as file:
        file.write(data)
    print("%s: %s" % (given.out, ", ".join(told)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
