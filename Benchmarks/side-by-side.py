#!/usr/bin/env python3
"""Runs `work bench` and a PyTorch script on the same machine, in turns, and compares them.

Needs nothing but Python 3. The peer is a script with its own interpreter:
  Benchmarks/side-by-side.py --peer PATH/peer_torch.py --python PATH/bin/python [--rounds 5] [--configs …]
README.md in this folder says what the peer has to print, and how to read the table.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# name: options of `work bench`, options of the peer's `step`, precisions
CONFIGS = {
    "unet8": (["--filters", "8"], ["--filters", "8"], ["bf16", "f32"]),
    "unet16": (["--filters", "16"], ["--filters", "16"], ["bf16", "f32"]),
    "unet32": (["--filters", "32"], ["--filters", "32"], ["bf16", "f32"]),
    "resnet34": (["--model", "resnet34-unet", "--batch", "16"], ["--resnet34", "--batch", "16"], ["bf16", "f32"]),
}


class Failed(Exception):
    """A command that did not end well, in words."""


def run(command, folder=None):
    """The command's standard output, and the largest resident set of it and of what it waited for, bytes."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(command, stdout=out, stderr=err, cwd=folder)
        except OSError as error:
            raise Failed(f"{command[0]}: can't be started ({error.strerror})")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            tail = err.read().decode(errors="replace").strip().splitlines()[-5:]
            raise Failed(f"{' '.join(command)} ended with {process.returncode}\n" + "\n".join(tail))
        return out.read().decode(), usage.ru_maxrss * 1024


def ours(options, config, precision):
    """Figures of one `work bench`."""
    command = [options.work, "bench", "--json", "--size", "128", "--threads", str(options.threads)]
    command += config[0] + ["--precision", precision]
    if options.backend:
        command += ["--backend", options.backend]
    if options.steps:
        command += ["--runs", str(options.steps)]
    text, _ = run(command, ROOT)
    report = json.loads(text)
    return {
        "train": report["train_ms_per_image"],
        "infer": report["infer_ms_per_image"],
        # The engine's own process: `work` and the compiler, which wait4 counts too, are not in it.
        "memory": report["peak_memory_bytes"],
        "engine": f"{report['backend']}, {report['instruction_set']} ({report['library']})",
    }


def peers(options, config):
    """Figures of one run of the peer: its best setting of each precision."""
    command = [options.python, options.peer, "step", "--threads", str(options.threads)]
    command += config[1]
    if options.steps:
        command += ["--runs", str(options.steps)]
    text, memory = run(command)
    try:
        best = json.loads(text.strip().splitlines()[-1])
        figures = {p: {"train": best[f"train_{p}"], "infer": best[f"infer_{p}"]} for p in ("bf16", "f32")}
    except (IndexError, KeyError, ValueError) as error:
        raise Failed(f"{options.peer}: its last line should be JSON with train_bf16, infer_bf16, … ({error})")
    return figures, memory, f"torch {best.get('torch', '?')}"


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def spread(values):
    """Half the range, relative to the median."""
    return (max(values) - min(values)) / 2 / median(values)


def machine(threads):
    """What the figures depend on besides the programs."""

    def first(path, key):
        try:
            with open(path) as file:
                return next((line.split(":", 1)[1].strip() for line in file if line.startswith(key)), "")
        except OSError:
            return ""

    flags = first("/proc/cpuinfo", "flags").split()
    known = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"]
    memory = first("/proc/meminfo", "MemTotal").split()
    return {
        "processor": first("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "cores": os.cpu_count(),
        "instruction_sets": [flag for flag in known if flag in flags],
        "memory_bytes": int(memory[0]) * 1024 if memory else None,
        "system": f"{platform.system()} {platform.release()}",
        "threads": threads,
        "load_at_start": os.getloadavg()[0],
    }


def measure(options):
    """Every configuration, rounds of ours and the peer's in turns."""
    results = {}
    for name in options.configs:
        config = CONFIGS[name]
        result = {p: {"ours": [], "peer": []} for p in config[2]}
        for number in range(options.rounds):
            print(f"{name}: round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
            figures, memory, library = peers(options, config)
            for precision in config[2]:
                result[precision]["ours"].append(ours(options, config, precision))
                result[precision]["peer"].append(
                    {**figures[precision], "memory": memory, "engine": library})
        results[name] = result
    return results


def rows(results):
    """One row a configuration, precision and kind of work: name, precision, what, ours, peer, ratio, spreads."""
    for name, result in results.items():
        for precision, sides in result.items():
            for what in ("train", "infer", "memory"):
                mine = [figures[what] for figures in sides["ours"]]
                others = [figures[what] for figures in sides["peer"]]
                yield {
                    "config": name,
                    "precision": precision,
                    "what": what,
                    "ours": median(mine),
                    "peer": median(others),
                    "ratio": median(others) / median(mine),
                    "spread_ours": spread(mine),
                    "spread_peer": spread(others),
                }


def table(summary):
    """The rows as aligned text."""
    lines = [["", "", "", "work", "±", "peer", "±", "ratio"]]
    for row in summary:
        scale, unit = (1e6, "MB") if row["what"] == "memory" else (1, "ms/image")
        places = 0 if row["what"] == "memory" else 2
        lines.append([
            row["config"], row["precision"], f"{row['what']}, {unit}",
            f"{row['ours'] / scale:.{places}f}", f"{100 * row['spread_ours']:.0f} %",
            f"{row['peer'] / scale:.{places}f}", f"{100 * row['spread_peer']:.0f} %",
            f"{row['ratio']:.2f} x",
        ])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column < 3 else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(line, widths))).rstrip()
        for line in lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", required=True, metavar="SCRIPT", help="the PyTorch script")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has PyTorch")
    parser.add_argument("--work", default=os.path.join(ROOT, ".build/release/work"), help="the command")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, in turns (default 5)")
    parser.add_argument("--threads", type=int, default=2, help="of both (default 2)")
    parser.add_argument("--steps", type=int, default=0, help="timed steps a run; each program's own number if 0")
    parser.add_argument("--backend", help="of `work bench`; automatic if not given")
    parser.add_argument("--configs", nargs="+", choices=list(CONFIGS), default=list(CONFIGS))
    parser.add_argument("--json", metavar="FILE", help="where all figures go")
    options = parser.parse_args()
    if options.rounds < 1 or options.threads < 1 or options.steps < 0:
        parser.error("--rounds and --threads should be 1 or more, --steps 0 or more")
    # It runs in the workspace's folder.
    options.work = os.path.abspath(options.work)
    return options


def main():
    options = arguments()
    about = machine(options.threads)
    try:
        # Builds what is stale, so that no compiler runs beside the measurements.
        run([options.work, "bench", "--quiet", "--filters", "2", "--size", "16", "--batch", "2", "--runs", "1"],
            ROOT)
        began = time.time()
        results = measure(options)
    except Failed as failure:
        sys.exit(f"error: {failure}")
    summary = list(rows(results))
    engines = sorted({figures["engine"] for result in results.values() for sides in result.values()
                      for side in sides.values() for figures in side})
    print(f"{about['processor']}, {about['cores']} cores ({', '.join(about['instruction_sets'])}), "
          f"{about['system']}; {about['threads']} threads; load before it began {about['load_at_start']:.1f}")
    print("\n".join(engines))
    print(f"medians of {options.rounds} runs in turns, {time.time() - began:.0f} s; ± is half the range\n")
    print(table(summary))
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"machine": about, "engines": engines, "rounds": options.rounds, "summary": summary,
                       "runs": results}, file, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
