#!/usr/bin/env python3
"""Draws the score of several trainings against the time that they took, as an SVG picture.

    python3 score-against-time.py NAME=FILE [NAME=FILE ...] > score.svg

A FILE is a record of a stage train (`.work/runs/RUN/train@0.record.jsonl`), or what score-peer.py printed. Of a record, the
time of a validation counts, too.
"""

import json
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 420, 60, 48, 24, 150
COLOURS = ["#0b6e99", "#d1495b", "#5b8c5a", "#8e6c8a", "#b07d2b"]


def curve(path):
    points = []
    start = None
    for text in open(path):
        line = json.loads(text)
        if "epoch" in line:
            if "score" in line:
                points.append((line["seconds"] / 60, line["score"]))
        elif "metrics" in line:
            values = {value["name"]: value.get("value") for value in line["metrics"]["_0"]["values"]}
            at = line["metrics"]["at"]
            start = at if start is None else start
            if values.get("score of fold") is not None:
                points.append((at / 60, values["score of fold"]))
    if not points:
        sys.exit(f"{path}: no score in it")
    return points


curves = []
for argument in sys.argv[1:]:
    name, _, path = argument.partition("=")
    curves.append((name, curve(path)))
if not curves:
    sys.exit(__doc__)
most = max(x for _, points in curves for x, _ in points) * 1.04
low = min(y for _, points in curves for _, y in points) - 0.01
high = max(y for _, points in curves for _, y in points) + 0.01


def x(minutes):
    return LEFT + minutes / most * (WIDTH - LEFT - RIGHT)


def y(score):
    return TOP + (high - score) / (high - low) * (HEIGHT - TOP - BOTTOM)


out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
       f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
for number in range(int(low * 20) + 1, int(high * 20) + 1):
    score = number / 20
    out.append(f'<path d="M{LEFT} {y(score):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
               f'<text x="{LEFT - 8}" y="{y(score) + 4:.1f}" text-anchor="end">{score:.2f}</text>')
step = max(1, round(most / 8))
for minutes in range(0, int(most) + 1, step):
    out.append(f'<text x="{x(minutes):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{minutes}</text>')
out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">minutes</text>'
           f'<text x="{LEFT}" y="{TOP - 8}">score of the fold left out</text>')
for index, (name, points) in enumerate(curves):
    colour = COLOURS[index % len(COLOURS)]
    path = "L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in points)
    out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
    out += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in points]
    a, b = points[-1]
    out.append(f'<text x="{x(a) + 8:.1f}" y="{y(b) + 4:.1f}" fill="{colour}">{name} {b:.3f}</text>')
out.append("</svg>")
print("\n".join(out))
