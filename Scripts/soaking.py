"""What the soaks share: a tiny competition, what must be the same in the end, what must not be left over, and the rounds.
Scripts/kill-soak.py and Scripts/slurm-soak.py disturb runs each in their own way."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".build/release/work"


def tiny(epochs):
    """Options of a network that trains within seconds, and keeps a checkpoint after every step."""
    settings = (f"train.epochs={epochs}", "folds.count=2", "model.kind=unet", "model.filters=4", "model.levels=2",
                "runtime.checkpoint_seconds=0")
    return [option for setting in settings for option in ("-S", setting)]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def state(workspace):
    """What must be the same in the end: each output by its path, and the lock."""
    files = [path for top in ("data", "submissions") for path in (workspace / top).rglob("*") if path.is_file()]
    # The ledger tells which run wrote a submission.
    files = [path for path in files if path.name != "ledger.json" and "submissions/runs" not in str(path)]
    return {str(path.relative_to(workspace)): digest(path) for path in files + [workspace / "work.lock"]}


def leftovers(workspace):
    """Temporary files, scratch and jobs that no run should leave behind."""
    found = [path for path in workspace.rglob("*")
             if path.name.endswith((".work-new", ".tmp")) or ".partial" in path.name]
    for name in ("scratch", "jobs"):
        folder = workspace / ".work" / name
        found += list(folder.iterdir()) if folder.is_dir() else []
    found += [path for path in (workspace / ".work/runs").rglob("*") if path.is_symlink()]
    return sorted(str(path.relative_to(workspace)) for path in found)


def problems(workspace, expected):
    """How a workspace differs from what a run has made that nobody disturbed."""
    found = state(workspace)
    return [f"{path} is {'missing' if path not in found else 'another'}"
            for path in sorted(found.keys() | expected.keys()) if found.get(path) != expected.get(path)
            ] + [f"{path} is left over" for path in leftovers(workspace)]


def make_competition(folder, images, test, options):
    """Makes the synthetic competition, and its demo's workspace."""
    made = subprocess.run(
        [str(WORK), "demo", "--folder", str(folder), "--train", str(images), "--test", str(test), *options],
        capture_output=True, text=True)
    if made.returncode:
        sys.exit(f"error: work demo failed:\n{made.stdout}{made.stderr}")
    return folder / "salt"


def add_options(parser, rounds, minutes):
    """The options that every soak has."""
    parser.add_argument("--rounds", type=int, default=rounds, help="at most so many (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=minutes, help="no round begins after so many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; the next has the next (default: 1)")
    parser.add_argument("--folder", type=Path, help="work here (default: a temporary folder)")


def rounds(options, run):
    """Runs rounds, each with a seed of its own, as long as there is time. Returns how many."""
    end = time.monotonic() + 60 * options.minutes
    number = options.seed
    while number - options.seed < options.rounds and time.monotonic() < end:
        run(number)
        number += 1
    return number - options.seed


def soak(name, options, run):
    """Runs a soak in a folder that stays where something differs. Returns the exit status."""
    if not WORK.exists():
        sys.exit(f"error: {WORK} isn't built; run `make build` first")
    folder = options.folder or Path(tempfile.mkdtemp(prefix=f"work-{name}-"))
    folder.mkdir(parents=True, exist_ok=True)
    result = run(folder.resolve())
    if result == 0 and not options.folder:
        shutil.rmtree(folder)
    return result
