#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""MQTT over TLS with pre-shared keys: a plug, an app and mosquitto_pub, with the keyring. README.md tells the story."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lab import lab as laboratory
from lab import encrypted

laboratory.main("tlspsk", encrypted.psk_story, security="psk")
