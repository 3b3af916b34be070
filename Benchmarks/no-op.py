#!/usr/bin/env python3
"""How long `work` and DVC take to find out that nothing is to be done.

Lays out a segmentation competition's files (4,000 images with 4,000 masks, and 18,000 images to predict
for; small files with the names and folders of the real ones), has shell stages make them in a run of `work`,
then gives the stages the code of this repository's Swift scripts (`work accept` keeps the outputs), so that
`work` has all the sources to look at that it has in a real workspace. The same graph is written as dvc.yaml
over the same files and committed. Then both are timed in turns:

    work status     against   dvc status
    work run all    against   dvc repro

    python3 Benchmarks/no-op.py --work .build/release/work --dvc-python DVC_ENVIRONMENT/bin/python

Wall time, and the user and system time of the process, which other work on the machine disturbs less; the
median and the least of each.
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# Stage: (inputs, outputs, parameters, instances).
FOLDS = 5
STAGES = {
    "download": ([], ["data/raw"], ["competition"]),
    "unzip": (["data/raw"], ["data/train", "data/test", "data/tables"], ["competition"]),
    "eda": (["data/train", "data/tables"], ["data/eda.json"], ["competition"]),
    "folds": (["data/train", "data/tables"], ["data/folds.csv"], ["folds"]),
    "train": (["data/train", "data/folds.csv"], ["data/models/fold-{}"], ["train", "model"]),
    "evaluate": (["data/train", "data/folds.csv", "data/models"], ["data/evaluation"], ["inference"]),
    "predict": (["data/test", "data/models"], ["data/predictions"], ["inference"]),
    "submission": (["data/predictions", "data/evaluation", "data/tables"],
                   ["submissions/submission.csv"], ["inference"]),
}
PARAMETERS = """competition: {slug: salt, size: 101}
folds: {count: 5, seed: 1}
train: {epochs: 60, rate: 0.001, batch: 32}
model: {kind: unet, filters: 16}
inference: {tta: hflip, threshold: 0.5}
"""
MAKE = """import hashlib, pathlib, sys
root, counts = pathlib.Path(sys.argv[1]), sys.argv[2:]
for part in counts:
    folder, count = part.split(":")
    place = root / folder if folder else root
    place.mkdir(parents=True, exist_ok=True)
    for number in range(int(count)):
        name = hashlib.md5(f"{folder}{number}".encode()).hexdigest()[:10]
        (place / f"{name}.png").write_bytes(b"\\x89PNG\\r\\n\\x1a\\n" + name.encode() * SIZE)
"""


def run(command, folder, **options):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def header(stage, mark):
    inputs, outputs, parameters = STAGES[stage]
    lines = ["---", f"deps: [{', '.join(inputs)}]", f"params: [{', '.join(parameters)}]"]
    if stage == "train":
        lines.append("foreach: {fold: folds.count}")
    lines.append("outs: [" + ", ".join(f"'{path.format('${fold}')}'" for path in outputs) + "]")
    return "\n".join(f"{mark} {line}" for line in lines + ["---"])


def lay_out(folder, options):
    (folder / "stages").mkdir(parents=True)
    (folder / "params.yaml").write_text(PARAMETERS)
    (folder / "make.py").write_text(MAKE.replace("SIZE", str(options.bytes // 10)))
    share = options.images / 26000
    def some(count):
        return max(1, int(count * share))
    trees = {
        "data/raw": ":3", "data/tables": ":2", "data/evaluation": ":12", "data/predictions": ":8",
        "data/train": f"images:{some(4000)} masks:{some(4000)}", "data/test": f"images:{some(18000)}",
        "data/models": ":6",
    }
    for stage, (_, outputs, _) in STAGES.items():
        body = ['out() { sed -n "s|^ *\\"$1\\" : \\"\\(.*\\)\\",\\{0,1\\}\\$|\\1|p" "$WORK_ORDER" | head -n 1; }',
                "fold=$(sed -n 's/^ *\"instance\" : \"train@\\(.*\\)\",$/\\1/p' \"$WORK_ORDER\")"]
        for path in outputs:
            place = path.format("$fold")
            if "." in path:
                body.append(f'head -c 40000 /dev/zero > "$(out {place})"')
            else:
                counts = trees[re.sub("/fold-.*", "", path)]
                body.append(f'{sys.executable} make.py "$(out {place})" {counts}')
        (folder / "stages" / f"{stage}.sh").write_text(
            "#!/bin/sh\n" + header(stage, "#") + "\nset -e\n" + "\n".join(body) + "\n")


def use_swift(folder, work, repository):
    """Puts the repository's code in the place of the shell's, with the bench's headers."""
    shutil.copytree(repository / "Sources", folder / "Sources")
    shutil.copy(repository / "Package.swift", folder)
    for stage in STAGES:
        text = (repository / "stages" / f"{stage}.swift").read_text()
        code = text.split("// ---\n", 2)[2]
        (folder / "stages" / f"{stage}.sh").unlink()
        (folder / "stages" / f"{stage}.swift").write_text(header(stage, "//") + "\n" + code)
        run([work, "accept", stage, "--reason", "benchmark"], folder)


def use_dvc(folder, dvc):
    lines = ["stages:"]
    for stage, (inputs, outputs, parameters) in STAGES.items():
        folds = range(FOLDS) if stage == "train" else [None]
        for fold in folds:
            name = stage if fold is None else f"{stage}-{fold}"
            lines += [f"  {name}:", "    cmd: 'false'"]
            expanded = []
            for path in inputs:
                expanded += [f"data/models/fold-{fold}" for fold in range(FOLDS)] if path == "data/models" else [path]
            if expanded:
                lines += ["    deps:"] + [f"    - {path}" for path in expanded + [f"stages/{stage}.swift"]]
            lines += ["    params:"] + [f"    - {key}" for key in parameters]
            lines += ["    outs:"] + [f"    - {path.format(fold)}" for path in outputs]
    (folder / "dvc.yaml").write_text("\n".join(lines) + "\n")
    run(dvc + ["init", "--no-scm", "--quiet"], folder)
    run(dvc + ["config", "core.analytics", "false"], folder)
    run(dvc + ["config", "core.check_update", "false"], folder)
    run(dvc + ["commit", "--force", "--quiet"], folder)


def timed(command, folder):
    before = os.times()
    began = time.perf_counter()
    output = run(command, folder)
    wall = time.perf_counter() - began
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, used, output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, type=pathlib.Path, help="the `work` to time")
    parser.add_argument("--dvc-python", type=pathlib.Path, help="a Python with DVC; without it `work` is timed alone")
    parser.add_argument("--folder", type=pathlib.Path, help="where to work, and to leave all for another look")
    parser.add_argument("--images", type=int, default=26000)
    parser.add_argument("--bytes", type=int, default=2000, help="of an image")
    parser.add_argument("--repeat", type=int, default=9)
    options = parser.parse_args()
    repository = pathlib.Path(__file__).resolve().parent.parent
    work = options.work.resolve()
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="no-op-"))
    folder = folder.resolve()
    dvc = [str(options.dvc_python.absolute()), "-m", "dvc"] if options.dvc_python else None
    try:
        if not (folder / "work.lock").exists():
            lay_out(folder, options)
            run([work, "run", "all", "--quiet"], folder)
            use_swift(folder, work, repository)
        if dvc and not (folder / ".dvc").exists():
            use_dvc(folder, dvc)
        count = sum(len(files) for _, _, files in os.walk(folder / "data"))
        print(f"{count} files below data/, {len(STAGES) + FOLDS - 1} instances, {options.repeat} turns; "
              f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        pairs = {"status": ([work, "status"], ["status"]), "run": ([work, "run", "all"], ["repro"])}
        for name, (ours, theirs) in pairs.items():
            contenders = {"work": ours} | ({"dvc": dvc + theirs} if dvc else {})
            figures = {who: [] for who in contenders}
            for turn in range(options.repeat + 1):
                for who, command in contenders.items():
                    wall, used, output = timed(command, folder)
                    if who == "work" and name == "status":
                        assert "stale" not in output and output.count("fresh") == len(STAGES) + FOLDS - 1, output
                    if who == "dvc":
                        assert "up to date" in output, output
                    if turn > 0:  # The first one warms up.
                        figures[who].append((wall, used))
            for who, values in figures.items():
                walls, used = zip(*values)
                print(f"{who} {contenders[who][-1] if who == 'dvc' else name:7} wall median {statistics.median(walls):7.3f} s, "
                      f"least {min(walls):7.3f} s; user + system median {statistics.median(used):7.3f} s, "
                      f"least {min(used):7.3f} s")
            if dvc:
                ratio = [statistics.median(column) for column in zip(*figures["dvc"])]
                own = [statistics.median(column) for column in zip(*figures["work"])]
                least = [min(column) for column in zip(*figures["dvc"])]
                ownleast = [min(column) for column in zip(*figures["work"])]
                print(f"     {name}: dvc takes {ratio[0] / own[0]:.0f} times the wall time of work (least: "
                      f"{least[0] / ownleast[0]:.0f}), {ratio[1] / own[1]:.0f} times the user + system time")
    finally:
        if not options.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
