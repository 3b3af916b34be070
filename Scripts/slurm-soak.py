#!/usr/bin/env python3
"""Runs a small pipeline by jobs on a Slurm cluster of two nodes on this machine, disturbs it in every way that a cluster
knows, round after round, and looks whether every round ends as a run on this machine: the same submission, outputs and
lock, byte by byte, and nothing left over.

    make build && Scripts/slurm-soak.py --rounds 20
    Scripts/slurm-soak.py --rounds 1 --seed 17    # a round that failed, once more

A round is a fresh workspace with a tiny synthetic competition and a tiny network. While its jobs run, it is disturbed a
few times, by one of these: a job is requeued; requeued and sent to the other node; told that its time is over; killed; its
program is killed; its node fails; it is cancelled by `work cancel`; the runner is interrupted, or killed. Where that ends
the runner, it is started again. Needs what Scripts/slurm-test-cluster.sh needs, and Python 3.10. Ends with 1 if a round
differs; its workspace is then kept.
"""

import argparse
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
import soaking  # noqa: E402, beside this file
from soaking import ROOT, WORK, state

CLUSTER = ROOT / "Scripts/slurm-test-cluster.sh"
WAYS = ("requeue", "move", "time is over", "kill the job", "kill the program", "node fails", "cancel", "interrupt the runner",
        "kill the runner")
# A round never hangs longer than this many seconds.
PATIENCE = 400


def call(*words, check=False):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=check).stdout


class Cluster:
    """Two nodes on this machine."""

    def __init__(self, folder, port):
        self.folder = folder
        print(call(CLUSTER, "start", folder, port, check=True).strip(), flush=True)
        os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
        self.over = threading.Event()
        self.hurrying = threading.Thread(target=self.hurry, daemon=True)
        self.hurrying.start()

    def jobs(self, *states):
        """(number, state, node, reason) of the jobs in some states."""
        lines = call("squeue", "-h", "--states=all", "--format=%i|%T|%N|%r").splitlines()
        rows = [tuple(line.strip().split("|")) for line in lines]
        return [row for row in rows if row[1] in states]

    def hurry(self):
        """Slurm keeps a requeued job back for two minutes; nobody here has the time."""
        while not self.over.wait(1):
            for job, _, _, reason in self.jobs("PENDING"):
                if reason == "BeginTime":
                    call("scontrol", "update", f"jobid={job}", "StartTime=now")

    def processes(self, node):
        """What a node's daemon has started: all processes with its folder in their environment or command."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if f"SLURMD_NODENAME={node}".encode() in words or b"slurmstepd: [" in words:
                found.append((int(folder.name), words))
        return found

    def fail(self, node):
        """Kills a node's daemon and all that it has started, and has it come back when the cluster has noticed."""
        daemon = int((self.folder / f"slurmd-{node}.pid").read_text())
        os.kill(daemon, signal.SIGKILL)
        for process, words in self.processes(node):
            if f"SLURMD_NODENAME={node}".encode() in words:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        call("scontrol", "update", f"nodename={node}", "state=DOWN", "reason=soak")
        time.sleep(2)
        call(CLUSTER, "node", self.folder, node)
        call("scontrol", "update", f"nodename={node}", "state=RESUME")

    def stop(self):
        self.over.set()
        self.hurrying.join()
        call(CLUSTER, "stop", self.folder)


class Soak:
    def __init__(self, folder, options):
        self.folder = folder
        self.options = options
        self.made = folder / "made/salt"
        self.counts = collections.Counter()
        self.failures = []
        self.restarts = 0

    def command(self, workspace, executor):
        return [str(WORK), "run", "all", "--workspace", str(workspace), "--data", str(self.made / "served"),
                "--executor", executor, "--threads", "1", *soaking.tiny(self.options.epochs)]

    def workspace(self, name):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        text = (self.made / "params.yaml").read_text()
        if "  slurm: null" not in text:
            sys.exit("error: params.yaml has no line `slurm: null` to fill in")
        section = "  slurm: {cpus: 1, poll_seconds: 0.5, memory: 300M}"
        (folder / "params.yaml").write_text(text.replace("  slurm: null", section, 1))
        return folder

    def prepare(self):
        """Makes the competition, and a run on this machine that nobody disturbs."""
        soaking.make_competition(
            self.folder / "made", self.options.images, 8, soaking.tiny(self.options.epochs))
        for executor in ("local", "slurm"):
            workspace = self.workspace(executor)
            began = time.monotonic()
            run = subprocess.run(self.command(workspace, executor), capture_output=True, text=True)
            if run.returncode:
                sys.exit(f"error: the run by {executor} that nobody disturbs failed:\n{run.stdout}{run.stderr}")
            print(f"undisturbed, by {executor}: {time.monotonic() - began:.1f} s, {len(state(workspace))} files, "
                  f"submission.csv {state(workspace)['submissions/submission.csv'][:16]}…", flush=True)
            if executor == "local":
                self.expected = state(workspace)
            problems = soaking.problems(workspace, self.expected)
            if problems:
                sys.exit(f"error: the run by {executor}: {'; '.join(problems[:5])}")

    def disturb(self, way, workspace, run, luck):
        """Disturbs what runs; whether there was something to disturb."""
        if way in ("interrupt the runner", "kill the runner"):
            run.send_signal(signal.SIGINT if way.startswith("interrupt") else signal.SIGKILL)
            return True
        if way == "cancel":
            return "is cancelled" in call(WORK, "cancel", "--workspace", workspace)
        running = self.cluster.jobs("RUNNING")
        if not running:
            return False
        job, _, node, _ = luck.choice(running)
        if way == "requeue":
            call("scontrol", "requeue", job)
        elif way == "move":
            call("scontrol", "requeue", job)
            for _ in range(60):
                if any(one == job for one, *_ in self.cluster.jobs("PENDING")):
                    break
                time.sleep(0.5)
            other = "node2" if node == "node1" else "node1"
            call("scontrol", "update", f"jobid={job}", f"ReqNodeList={other}", "StartTime=now")
        elif way == "time is over":
            call("scancel", "--batch", "--signal=USR1", job)
        elif way == "kill the job":
            call("scancel", "--full", "--signal=KILL", job)
        elif way == "node fails":
            self.cluster.fail(node)
        else:
            programs = [process for process, words in self.cluster.processes(node)
                        if f"SLURM_JOB_ID={job}\0".encode() in words and str(ROOT / ".build").encode() in words.split(b"\0")[-2]]
            if not programs:
                return False
            os.kill(luck.choice(programs), signal.SIGKILL)
        return True

    def round(self, number):
        luck = random.Random(number)
        workspace = self.workspace(f"round-{number}")
        log = open(workspace / "output.txt", "ab")
        left = luck.randint(2, 5)
        end = time.monotonic() + PATIENCE
        ways, problems, code = [], [], None
        while time.monotonic() < end:
            run = subprocess.Popen(self.command(workspace, "slurm"), stdout=log, stderr=log, start_new_session=True)
            self.restarts += 1
            while run.poll() is None and time.monotonic() < end:
                # Most of the time goes by before the first job and between jobs.
                time.sleep(luck.uniform(0.2, 3))
                if left and run.poll() is None and self.cluster.jobs("RUNNING"):
                    way = luck.choice(WAYS)
                    if self.disturb(way, workspace, run, luck):
                        self.counts[way] += 1
                        ways.append(way)
                        left -= 1
            if run.poll() is None:
                run.kill()
                problems.append(f"is not done after {PATIENCE} s")
                break
            code = run.returncode
            if code == 0:
                break
            if code not in (1, 130, -signal.SIGKILL):
                problems.append(f"the runner ended with {code}")
        if code == 0:
            problems += soaking.problems(workspace, self.expected)
        log.close()
        if problems:
            self.failures.append(number)
            print(f"seed {number} ({', '.join(ways)}): {'; '.join(problems[:5])} ({workspace})", flush=True)
        else:
            print(f"seed {number}: the same bytes after {', '.join(ways) or 'nothing'}", flush=True)
            shutil.rmtree(workspace)

    def run(self):
        self.cluster = Cluster(self.folder / "cluster", self.options.port)
        try:
            self.prepare()
            count = soaking.rounds(self.options, self.round)
        finally:
            self.cluster.stop()
        print(f"\n{count} rounds, {self.counts.total()} times disturbed, {self.restarts} runners, "
              f"{len(self.failures)} rounds differ {self.failures or ''}")
        print("  " + ", ".join(f"{name} {count}" for name, count in self.counts.most_common()))
        return 1 if self.failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    soaking.add_options(parser, rounds=20, minutes=60)
    parser.add_argument("--epochs", type=int, default=6, help="of a training (default: 6)")
    parser.add_argument("--images", type=int, default=120, help="to train on (default: 120)")
    parser.add_argument("--port", type=int, default=17817, help="the first of three free ports (default: 17817)")
    options = parser.parse_args()
    return soaking.soak("slurm-soak", options, lambda folder: Soak(folder, options).run())


if __name__ == "__main__":
    sys.exit(main())
