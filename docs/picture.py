#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a timeline as an SVG picture, for the README: picture.py TIMELINE.jsonl OUT.svg

One lane of commands, one of what the first plug of the timeline reported, one of its power. Between two reports nothing
is drawn: what the plug did there is not known.
"""
import html
import json
import sys

WIDTH, LEFT, RIGHT = 900, 90, 20
LANES = {"asked": 40, "reported": 90, "power": 210}
INK, SOFT, ON, OFF, ASK = "#24292f", "#8c959f", "#1a7f37", "#57606a", "#0969da"


def main():
    source, target = sys.argv[1:3]
    with open(source, encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    events = [e for e in events if e["record"] == "event" and e["time_ns"] is not None]
    device = next(e["device"] for e in events if e["kind"] == "power.state")
    events = [e for e in events if e["device"] == device]
    shown = [e for e in events if e["kind"] in ("power.state", "power.command", "power.reading")]
    first, last = shown[0]["time_ns"], shown[-1]["time_ns"]
    span = (last - first) * 1.03 or 1

    def x(event):
        return LEFT + (event["time_ns"] - first) / span * (WIDTH - LEFT - RIGHT)

    def text(left, top, words, colour=INK, size=12, anchor="start"):
        return '<text x="%.1f" y="%.1f" fill="%s" font-size="%d" text-anchor="%s">%s</text>' % (
            left, top, colour, size, anchor, html.escape(words))

    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d 250" font-family="sans-serif">' % WIDTH,
           '<rect width="100%" height="100%" fill="#ffffff"/>']
    out += [text(10, LANES["asked"] + 4, "asked"), text(10, LANES["reported"] + 4, "reported"),
            text(10, LANES["power"] - 40, "power")]
    largest = max([float(e["data"].get("power_w", 0)) for e in shown if e["kind"] == "power.reading"] + [1])
    base = LANES["power"]
    out.append('<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s"/>' % (LEFT, base, WIDTH - RIGHT, base, SOFT))
    ids = {e["id"]: e for e in shown}
    for event in shown:
        at, data = x(event), event["data"]
        if event["kind"] == "power.command":
            out.append('<circle cx="%.1f" cy="%d" r="4" fill="%s"/>' % (at, LANES["asked"], ASK))
            out.append(text(at, LANES["asked"] - 12, data["state"], ASK, 11, "middle"))
        elif event["kind"] == "power.state":
            colour = ON if data["state"] == "on" else OFF
            changed = data.get("change") == "changed"
            out.append('<rect x="%.1f" y="%d" width="3" height="%d" fill="%s"/>' % (
                at - 1, LANES["reported"] - (12 if changed else 5), 24 if changed else 10, colour))
            if changed:
                out.append(text(at, LANES["reported"] + 28, data["state"], colour, 11, "middle"))
            command = ids.get(event.get("cause", {}).get("event"))
            if command:
                out.append('<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s"/>' % (
                    x(command), LANES["asked"] + 5, at, LANES["reported"] - 13, ASK))
        else:
            height = float(data.get("power_w", 0)) / largest * 70
            out.append('<rect x="%.1f" y="%.1f" width="4" height="%.1f" fill="%s"/>' % (
                at - 2, base - height - 1, height + 2, ON if height else SOFT))
    out.append(text(LEFT, 238, shown[0]["time"][:23].replace("T", " ") + " (capture's clock)", SOFT, 11))
    out.append(text(WIDTH - RIGHT, 238, "+%.1f s" % ((last - first) / 1e9), SOFT, 11, "end"))
    out.append(text(WIDTH - RIGHT, base - 62, "%g W" % largest, SOFT, 11, "end"))
    out.append("</svg>")
    with open(target, "w", encoding="utf-8") as picture:
        picture.write("\n".join(out) + "\n")


main()
