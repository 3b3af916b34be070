#!/usr/bin/env python3
"""Kills `work run all` at random moments and runs it again, round after round, and looks whether every round
ends as a run that nobody disturbed: the same submission, outputs and lock, and nothing left over.

    make build && Scripts/kill-soak.py --minutes 10
    Scripts/kill-soak.py --rounds 1 --seed 17    # a round that failed, once more
    Scripts/kill-soak.py --full-disk             # the disk is full instead

A round is a fresh workspace with a tiny synthetic competition and a tiny network. In it, the run is broken off a few
times, by one of these: SIGINT and SIGTERM, as from Ctrl-C and a shutdown; SIGKILL for the runner alone, for a stage
alone, and for everything at once, as when power fails. With --full-disk, the workspace lies on a disk of its own that
is full at a random moment, a few times; each time, `work` has to say so, and to end as docs/exit-codes.md has it. Needs
Python 3.10 and, for a disk of its own, Linux where a user may make one (unshare -Urm). Ends with 1 if a round differs;
its workspace is then kept.
"""

import argparse
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
import soaking  # noqa: E402, beside this file
from soaking import WORK, state

TINY = soaking.tiny(epochs=3)
WAYS = ("interrupt", "terminate", "kill the runner", "kill a stage", "kill everything")


def processes():
    """(process, parent, command) of all processes."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            yield int(folder.name), int(fields[1]), (folder / "cmdline").read_bytes().split(b"\0")[0].decode()
        except (OSError, IndexError, ValueError):
            pass


def children(parent):
    """All that a process started, and what those started."""
    found, table = [], list(processes())
    parents = {parent}
    while parents:
        parents = {process for process, above, _ in table if above in parents}
        found += parents
    return found


def send(process, number):
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


class Soak:
    def __init__(self, folder, options):
        self.folder = folder
        self.options = options
        self.made = folder / "made/salt"
        self.kills = collections.Counter()
        self.places = collections.Counter()
        self.failures = []

    def command(self, workspace):
        return [str(WORK), "run", "all", "--workspace", str(workspace), "--data", str(self.made / "served"),
                "--threads", "2", *TINY]

    def workspace(self, name):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(self.made / "params.yaml", folder)
        return folder

    def prepare(self):
        """Makes the competition, and a run that nobody disturbs."""
        soaking.make_competition(self.folder / "made", 40, 4, TINY)
        undisturbed = self.workspace("undisturbed")
        began = time.monotonic()
        run = subprocess.run(self.command(undisturbed), capture_output=True, text=True)
        self.seconds = time.monotonic() - began
        if run.returncode:
            sys.exit(f"error: the run that nobody disturbs failed:\n{run.stdout}{run.stderr}")
        self.expected = state(undisturbed)
        self.needed = sum(path.lstat().st_blocks * 512 for path in undisturbed.rglob("*"))
        print(f"an undisturbed run takes {self.seconds:.1f} s and makes {len(self.expected)} files; "
              f"submission.csv is {self.expected['submissions/submission.csv'][:16]}…", flush=True)

    def broken(self, workspace, luck):
        """Starts the run, and breaks it off. Returns what is wrong with how it ended, if anything is."""
        way = luck.choice(WAYS)
        log = open(workspace / "output.txt", "ab")
        # In a session of its own, as from a shell.
        run = subprocess.Popen(self.command(workspace), stdout=log, stderr=log, start_new_session=True)
        try:
            run.wait(luck.uniform(0, 0.7 * self.seconds))
        except subprocess.TimeoutExpired:
            pass
        else:
            return None if run.returncode == 0 else f"a run after kills ended with {run.returncode}"
        below = children(run.pid)
        words = (workspace / "output.txt").read_text(errors="replace").split("\n")
        running = [line.split()[0] for line in words if line[12:].startswith("run ")]
        self.kills[way] += 1
        self.places[running[-1].split("@")[0] if running else "before the first stage"] += 1
        if way == "interrupt":
            os.killpg(run.pid, signal.SIGINT)
        elif way == "terminate":
            send(run.pid, signal.SIGTERM)
        elif way == "kill a stage" and below:
            send(luck.choice(below), signal.SIGKILL)
        elif way == "kill everything":
            for process in [run.pid, *below]:
                send(process, signal.SIGKILL)
        else:
            send(run.pid, signal.SIGKILL)
        try:
            run.wait(60)
        except subprocess.TimeoutExpired:
            run.kill()
            return f"{way}: doesn't end within a minute"
        # A signal that comes when all is done, or before it is listened to, changes nothing or ends all.
        fine = {"interrupt": (130, 0, -signal.SIGINT), "terminate": (130, 0, -signal.SIGTERM),
                "kill a stage": (1, 0, -signal.SIGKILL)}.get(way, (-signal.SIGKILL, 0))
        if run.returncode not in fine:
            return f"{way}: ended with {run.returncode}"
        return None

    def full(self, workspace, luck):
        """Runs on a disk that is full at some moment. Returns what is wrong with how it ended, if anything is."""
        used = sum(path.lstat().st_blocks * 512 for path in workspace.rglob("*"))
        room = luck.randint(0, max(self.needed - used, 0) + (1 << 16))
        self.resize(workspace, used + room)
        run = subprocess.run(self.command(workspace), capture_output=True, text=True)
        self.resize(workspace, 1 << 30)
        (workspace / "output.txt").open("a").write(run.stdout + run.stderr)
        if run.returncode == 0:
            return None
        self.kills["full disk"] += 1
        running = [line.split()[0] for line in (run.stdout + run.stderr).split("\n") if line[12:].startswith("run ")]
        self.places[running[-1].split("@")[0] if running else "before the first stage"] += 1
        if run.returncode != 1:
            return f"a full disk ended with {run.returncode}: {run.stderr[-300:]}"
        words = run.stdout + run.stderr
        if not any(part in words for part in ("No space left on device", "disk is full", "are free")):
            return f"a full disk isn't called so: {words[-300:]}"
        return None

    def resize(self, workspace, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", str(workspace)], check=True)

    def round(self, number):
        luck = random.Random(number)
        workspace = self.workspace(f"round-{number}")
        problems = []
        if self.options.full_disk:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1G", "disk", str(workspace)], check=True)
            shutil.copy(self.made / "params.yaml", workspace)
            problems = [self.full(workspace, luck) for _ in range(luck.randint(2, 4))]
        else:
            problems = [self.broken(workspace, luck) for _ in range(luck.randint(2, 6))]
        last = subprocess.run(self.command(workspace), capture_output=True, text=True)
        (workspace / "last.txt").write_text(last.stdout + last.stderr)
        if last.returncode:
            problems.append(f"the last run ended with {last.returncode}: {last.stderr[-500:]}")
        else:
            problems += soaking.problems(workspace, self.expected)
        problems = [problem for problem in problems if problem]
        if problems:
            self.failures.append(number)
            print(f"seed {number}: {'; '.join(problems[:5])} ({workspace})", flush=True)
        elif self.options.full_disk:
            subprocess.run(["umount", str(workspace)], check=True)
        else:
            shutil.rmtree(workspace)

    def run(self):
        self.prepare()

        def one(number):
            self.round(number)
            count = number - self.options.seed + 1
            if count % 10 == 0:
                print(f"{count} rounds, {self.kills.total()} times broken off, {len(self.failures)} rounds differ", flush=True)

        count = soaking.rounds(self.options, one)
        print(f"\n{count} rounds, {self.kills.total()} times broken off, "
              f"{len(self.failures)} rounds differ {self.failures or ''}")
        for counts in (self.kills, self.places):
            print("  " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
        return 1 if self.failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    soaking.add_options(parser, rounds=1_000_000, minutes=10)
    parser.add_argument("--full-disk", action="store_true", help="the disk is full, instead of kills")
    options = parser.parse_args()
    if options.full_disk and "SOAK_HAS_DISKS" not in os.environ:
        os.environ["SOAK_HAS_DISKS"] = "yes"
        os.execvp("unshare", ["unshare", "-Urm", sys.executable, *sys.argv])
    return soaking.soak("kill-soak", options, lambda folder: Soak(folder, options).run())


if __name__ == "__main__":
    sys.exit(main())
