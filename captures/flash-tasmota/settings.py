# SPDX-License-Identifier: Apache-2.0
"""Writes Tasmota's settings as its source lays them out (arendst/Tasmota: settings.h, settings.ino): a copy of 4096
bytes, its check, and the file that the web page gives as a backup."""
import struct

POOL_AT, POOL_SIZE = 0x17, 699


def crc32(data):
    """GetCfgCrc32: the register begins at 0 and is inverted at the end."""
    register = 0
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xEDB88320 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def sum16(data):
    """GetCfgCrc16."""
    return sum(byte * (i + 1) for i, byte in enumerate(data) if i not in (14, 15)) & 0xFFFF


class Copy:
    def __init__(self, version, save_flag, size=4096):
        self.data = bytearray(size)
        self.version = version
        self.put("<HHIIH", 0, 4617, size, save_flag, version, 0)

    def put(self, form, at, *values):
        struct.pack_into(form, self.data, at, *values)

    def texts(self, by_number):
        """The pool: each text with its NUL, in the order of their numbers."""
        pool = b"".join(by_number.get(i, "").encode() + b"\0" for i in range(max(by_number) + 1))
        if len(pool) > POOL_SIZE:
            raise ValueError("the texts do not fit")
        self.data[POOL_AT:POOL_AT + len(pool)] = pool

    def sealed(self):
        self.put("<H", 14, sum16(self.data[:3584]))
        self.put("<I", 0xFFC, crc32(self.data[:0xFFC]))
        return bytes(self.data)


def backup(copy):
    """SettingsBufferXor with CONFIG_FILE_XOR."""
    return bytes(byte if i < 2 else byte ^ (0x5A + i & 0xFF) for i, byte in enumerate(copy))
