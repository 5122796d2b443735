#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""MQTT over TLS 1.2: two plugs and an app, with the clients' key log. README.md tells the story."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lab import lab as laboratory
from lab import encrypted

laboratory.main("tls12", encrypted.story, security="tls12")
