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
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".build/release/work"
TINY = [
    option
    for setting in ("train.epochs=3", "folds.count=2", "model.kind=unet", "model.filters=4", "model.levels=2",
                    "runtime.checkpoint_seconds=0")
    for option in ("-S", setting)
]
WAYS = ("interrupt", "terminate", "kill the runner", "kill a stage", "kill everything")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def state(workspace):
    """What must be the same in the end: each output by its path, and the lock."""
    files = [path for top in ("data", "submissions") for path in (workspace / top).rglob("*") if path.is_file()]
    # The ledger tells which run wrote a submission.
    files = [path for path in files if path.name != "ledger.json" and "submissions/runs" not in str(path)]
    return {str(path.relative_to(workspace)): digest(path) for path in files + [workspace / "work.lock"]}


def leftovers(workspace):
    """Temporary files and scratch that no run should leave behind."""
    found = [path for path in workspace.rglob("*") if path.name.endswith(".tmp") or ".partial" in path.name]
    scratch = workspace / ".work/scratch"
    found += list(scratch.iterdir()) if scratch.is_dir() else []
    return sorted(str(path.relative_to(workspace)) for path in found)


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
        made = subprocess.run(
            [str(WORK), "demo", "--folder", str(self.folder / "made"), "--train", "40", "--test", "4", *TINY],
            capture_output=True, text=True)
        if made.returncode:
            sys.exit(f"error: work demo failed:\n{made.stdout}{made.stderr}")
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
            found = state(workspace)
            for path in sorted(found.keys() | self.expected.keys()):
                if found.get(path) != self.expected.get(path):
                    problems.append(f"{path} is {'missing' if path not in found else 'another'}")
            problems += [f"{path} is left over" for path in leftovers(workspace)]
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
        end = time.monotonic() + 60 * self.options.minutes
        number = self.options.seed
        while number - self.options.seed < self.options.rounds and time.monotonic() < end:
            self.round(number)
            number += 1
            if (number - self.options.seed) % 10 == 0:
                print(f"{number - self.options.seed} rounds, {self.kills.total()} times broken off, "
                      f"{len(self.failures)} rounds differ", flush=True)
        print(f"\n{number - self.options.seed} rounds, {self.kills.total()} times broken off, "
              f"{len(self.failures)} rounds differ {self.failures or ''}")
        for counts in (self.kills, self.places):
            print("  " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
        return 1 if self.failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=1_000_000, help="at most so many")
    parser.add_argument("--minutes", type=float, default=10, help="no round begins after so many (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; the next has the next (default: 1)")
    parser.add_argument("--full-disk", action="store_true", help="the disk is full, instead of kills")
    parser.add_argument("--folder", type=Path, help="work here (default: a temporary folder)")
    options = parser.parse_args()
    if options.full_disk and "SOAK_HAS_DISKS" not in os.environ:
        os.environ["SOAK_HAS_DISKS"] = "yes"
        os.execvp("unshare", ["unshare", "-Urm", sys.executable, *sys.argv])
    if not WORK.exists():
        sys.exit(f"error: {WORK} isn't built; run `make build` first")
    folder = options.folder or Path(tempfile.mkdtemp(prefix="work-kill-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    result = Soak(folder.resolve(), options).run()
    if result == 0 and not options.folder:
        shutil.rmtree(folder)
    return result


if __name__ == "__main__":
    sys.exit(main())
