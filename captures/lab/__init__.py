# SPDX-License-Identifier: Apache-2.0
"""The laboratory in which the captures of this folder are made: a small network of its own, a real MQTT
broker, a real MQTT client in every device and controller, tcpdump on the bridge, and the actors' own log of
what they did, which becomes the ground truth."""
