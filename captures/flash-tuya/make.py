#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make.py [--out DIR] [--seeds DIR]: the dump of a Tuya plug, and what was done to it; README.md tells the story.
--seeds writes the small images for the unit tests and fuzz targets below DIR instead."""

import argparse
import base64
import hashlib
import json
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import tuya_store as store

# The plug of protocol 3.4 in captures/tuya, as its recipe describes it.
KETTLE = "bfa0cc61e20c895ef2hwcr"
MAC = bytes.fromhex("fc671f00002b")
BUILT = 1653480000  # 2022-05-25T12:00:00Z
SCHEMA = "000004kett"


def local_key():
    for line in (HERE.parent / "tuya" / "tuya.keys").read_text(encoding="utf-8").splitlines():
        word = line.split(" ", 2)
        if word[:2] == ["tuya", KETTLE]:
            return word[2]
    sys.exit("tuya.keys has no key of the kettle")


def text(value):
    return json.dumps(value, separators=(",", ":")).encode() + b"\0"


def network(ssid, password, stat):
    coded = [base64.b64encode(part.encode()).decode() if part else None for part in (ssid, password)]
    return text({"nc_tp": 9, "ssid": coded[0], "passwd": coded[1], "md": 0, "random": 0, "wfb64": 1, "stat": stat,
                 "token": None, "region": "EU", "reg_key": None, "dns_prio": 0})


def activation(key, cloud):
    return text({"key": cloud, "lckey": key, "h_url": "http://a.tuya.example/d.json" if cloud else None,
                 "mq_url": "m2.tuya.example:1883" if cloud else None, "time_z": "+01:00" if cloud else None})


def device(identity):
    return text({"abi": 0, "id": identity, "swv": "1.1.8", "bv": "40.00", "pv": "2.2", "lpv": "3.4",
                 "pk": "keymadeup0123456", "s_id": SCHEMA if identity else None})


def schema(more=0):
    points = [{"mode": "rw", "property": {"type": "bool"}, "id": 1, "type": "obj"},
              {"mode": "rw", "property": {"min": 0, "max": 86400, "scale": 0, "step": 1, "type": "value"}, "id": 9,
               "type": "obj"},
              {"mode": "ro", "property": {"min": 0, "max": 50000, "scale": 3, "step": 100, "type": "value"}, "id": 17,
               "type": "obj"}]
    points += [{"mode": "rw", "property": {"type": "string", "maxlen": 255}, "id": 40 + n, "type": "obj"}
               for n in range(more)]
    return text(points)


SETTINGS = b"{rl1_lv:1,rl1_pin:26,ch_num:1,ch_dpid1:1,ch_cddpid1:9,total_stat:2,module:CB2S,crc:101,}\0"
FACTORY = {"uuid": "uuidmadeup012345", "psk_key": "made up pre-shared key of 37 letters!", "auth_key": "x" * 32,
           "ap_ssid": "SmartLife", "prod_test": False}


def life(values, files):
    """What happens to the plug, in order."""
    key = local_key()
    values.put("gw_bi", text(FACTORY))
    values.put("user_param_key", SETTINGS)
    values.put("gw_wsm", network(None, None, 0))
    values.put("gw_di", device(None))
    files.write("oem_cfg", SETTINGS)
    files.write("log_seq_stat", padded_text({"max": 0, "last": 0, "first": 0}))
    # The first owner's network and account.
    values.put("gw_wsm", network("made-up first", "first passphrase", 2))
    values.put("gw_ai", activation("FormerLocalKey01", "former cloud key"))
    values.put(SCHEMA, schema())
    values.put("gw_di", device(KETTLE))
    values.put("astro_timer", text({"timestamp": 1672531200, "index": 0}))
    values.put("save_off_stat", text({"power": [True]}))
    for state in (1, 0, 1, 1, 0):
        files.write("RLY_STAT", bytes([state]) + bytes(7))
    files.write("temp_energy", struct.pack("<I", 396))
    files.write("day_energy", bytes(range(84)))
    # A new network, a new local key.
    values.put("gw_wsm", network("made-up home", "second passphrase", 2))
    values.put("gw_ai", activation(key, "present cloud key"))
    values.delete("astro_timer")
    values.put("timer_arr", text({"lastFetchTime": 1700000000, "cnt": 0}))
    record = "mqtt | 2.3.3 | %s | erc:0 | [9:-50 | 50:0]/"
    files.write("logseq0", (record % "05-05 22:05:32").encode())
    files.write("logseq0", (record % "05-05 22:05:32" + record % "05-06 07:00:01").encode())
    files.write("temp_energy", struct.pack("<I", 0))
    files.delete("day_energy")
    values.put("save_off_stat", text({"power": [False]}))
    for state in (1, 0, 1):
        files.write("RLY_STAT", bytes([state]) + bytes(7))
    values.put("gw_wsm", network("made-up home", "second passphrase", 2))


def padded_text(value):
    return store.padded(json.dumps(value, separators=(",", ":")).encode(), 64, b"\0")


def digest(value):
    return hashlib.sha256(value).hexdigest()


def dump():
    """The dump from the radio's area to the end of the chip, and the truth about it."""
    values, files = store.KeyValueStore(bytes(range(0x41, 0x51))), store.FileArea()
    life(values, files)
    image = store.radio(MAC) + store.netparam("made-up home", bytes.fromhex("020000000001"), 6, "second passphrase")
    image += files.bytes() + b"\xff" * store.SECTOR * 3
    image += store.protected(bytes(range(0x61, 0x71)), [("gw_bi", text(FACTORY)), ("gw_wsm", network(None, None, 0))])
    image += values.bytes()
    assert len(image) == 0x30000
    truth = {
        "about": "made by make.py; the values that a store has, and those that it had, by their SHA-256",
        "sha256": digest(image), "device": "tuya:" + KETTLE, "mac": MAC.hex(":"),
        "live": {name: digest(value) for name, value in sorted(values.values.items())},
        "former": sorted({(name, digest(value)) for name, value in values.history}),
        "files": {name: digest(files.blocks[block][:size]) for name, (block, size) in sorted(files.files.items())},
        "deleted_files": sorted(name for name, _ in files.gone),
        "relay": [1, 0, 1, 1, 0, 1, 0, 1],
        "pmk": "proved",
    }
    return image, truth


def seeds(target):
    """Small images: a store of two blocks, a file area of ten blocks, and so on."""
    values, files = store.KeyValueStore(bytes(range(0x41, 0x51)), blocks=2, spares=2), store.FileArea(10)
    values.put("000004seed", schema(27))  # so long that what follows is partly in the second block
    values.put("user_param_key", SETTINGS)
    values.put("gw_bi", text({"uuid": "uuid", "psk_key": "p", "auth_key": "a"}))
    values.put("save_off_stat", text({"power": [True]}))
    values.put("gw_wsm", network("one", "passphrase one", 2))
    values.put("astro_timer", text({"timestamp": 1672531200, "index": 0}))
    values.delete("astro_timer")
    values.put("save_off_stat", text({"power": [False]}))
    values.put("gw_wsm", network("two", "passphrase two", 2))
    for state in (1, 0, 1):
        files.write("RLY_STAT", bytes([state, 0, 0]))
    files.write("oem_cfg", SETTINGS)
    files.write("day_energy", bytes(range(84)))
    files.delete("day_energy")
    files.write("logseq0", b"mqtt | 2.3.3 | 05-05 22:05:32 | erc:0 | [9:-50]/")
    factory = store.protected(bytes(range(0x61, 0x71)), [("gw_bi", text({"uuid": "uuid"}))])
    code = bytes(i * 7 & 0xFF for i in range(640))
    layer = store.interleaved(code + store.rbl("app", BUILT, code))
    rules = json.dumps([{"date": "00000000", "isDeleted": 0, "dps": {"1": "on"}, "loops": 127, "id": "12",
                         "time": "21:00", "t": 1600000000}], separators=(",", ":")).encode()
    lists = [["ESP.m1.gw_sw_ver_key={\"sw_ver\":\"1.0.7\"}",
              "ESP.m1.wf_nw_rec_key={\"ssid\":\"one\",\"passwd\":\"passphrase one\"}"]]
    residue = b"or\":1}\0ESP.m1.wf_nw_rec_key={\"ssid\":\"old\",\"passwd\":\"old passphrase\"}\0"
    clear = store.KeyValueStore(bytes(16), blocks=2, spares=1)  # for targets that encipher their input themselves
    clear.put("save_off_stat", text({"power": [True]}))
    clear.put("user_param_key", SETTINGS)
    clear.put("gw_wsm", network("one", "passphrase one", 2))
    clear.put("save_off_stat", text({"power": [False]}))
    clear.delete("gw_wsm")
    other = store.KeyValueStore(bytes(range(0x41, 0x51)), blocks=1, spares=1, first=b"RDA5")
    other.magic = 0x135726AB
    other.put("save_off_stat", text({"power": [True]}))
    keyless = store.KeyValueStore(None, blocks=1, spares=1)
    keyless.parts_unit = 4  # the length of the parts in bytes in place of their number
    keyless.put("000004seed", schema())
    images = {
        "tuya_kv/rda5981": other.bytes(), "tuya_kv/keyless": keyless.bytes(),
        "tuya_kv/store": values.bytes(), "tuya_kv/plain": clear.image(0) + clear.spares[0], "tuya_kv/protected": factory,
        "tuya_uf/area": files.bytes(), "tuya_psm/store": store.esp8266(MAC, lists, residue),
        "tuya_psm/plain": store.padded(b"PSM1\n~V\1\1\0\0\0m1_part=1\0\0") + b"\0\0\0\0"
        + "".join(line + "\0" for line in lists[0]).encode() + b"\0" + residue,
        "tuya_psm/schedules": struct.pack("<I", len(rules)) + rules,
        "tuya_psm/factory": store.padded(b"{\"mac_addr\":\"fc671f00002b\",\"prod_idx\":\"01\"}", 256, b"\0")
        + b"{\"ap_ssid\":\"SmartLife\"}\0",
        "tuya_netparam/masked": store.netparam("two", bytes.fromhex("020000000001"), 6, "passphrase two")[:192],
        "tuya_netparam/clear": store.netparam("two", bytes.fromhex("020000000001"), 6, "passphrase two", False)[:192],
        "bk_crc/layer": layer, "bk_crc/radio": store.radio(MAC)[:160], "bk_crc/package": store.rbl("app", BUILT, code) + code,
    }
    for name, image in images.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=HERE)
    parser.add_argument("--seeds", type=pathlib.Path)
    options = parser.parse_args()
    if store.Cipher is None:
        print("skipped: the Python package cryptography is not installed", file=sys.stderr)
        sys.exit(77)
    if options.seeds:
        seeds(options.seeds)
        return
    image, truth = dump()
    (options.out / "plug.bin").write_bytes(image)
    (options.out / "plug.truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
