#!/usr/bin/env python3
"""Takes the recording apart: compresses the capture, copies the servers' logs, writes manifest.toml.

collect.py RECORD_FOLDER WORK_FOLDER OUT_FOLDER
"""

import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tomllib

COMPRESS_FROM_BYTES = 64 * 1024


def toml(value):
    """A TOML value; JSON's strings, numbers, booleans and lists are TOML's too."""
    return json.dumps(value, ensure_ascii=False)


def table(name, entry):
    return f"[[{name}]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in entry.items()) + "\n"


def instant(path):
    seconds = int(path.read_text())
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def compress(source, target):
    subprocess.run(["zstd", "-q", "-f", "-19", "-o", str(target), str(source)], check=True)


def take_log(entry, work, out):
    """Copies one log (compressed when large) and returns its line of the manifest."""
    source = work / "audit/audit.log" if entry["source"] == "auditd" else work / "hosts" / entry["host"] / "upper" / entry["from"][1:]
    if not source.is_file() or source.stat().st_size == 0:
        raise SystemExit(f"collect: {source} is missing or empty")
    path = f"logs/{entry['host']}/{pathlib.Path(entry['from']).name}"
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    if source.stat().st_size >= COMPRESS_FROM_BYTES:
        path += ".zst"
        compress(source, out / path)
    else:
        shutil.copyfile(source, out / path)
    lines = source.read_bytes().count(b"\n")
    kept = {key: value for key, value in entry.items() if key != "from"}
    return {"path": path, **kept, "lines": lines}


def main():
    record, work, out = (pathlib.Path(argument) for argument in sys.argv[1:4])
    shutil.rmtree(out / "logs", ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    province = tomllib.loads((record / "province.toml").read_text())
    attacks = tomllib.loads((record / "attacks.toml").read_text())["attack"]
    compress(work / "traffic.pcap", out / "traffic.pcap.zst")
    parts = ["# Written by tests/record/collect.py. All names are invented; 203.0.113.0/24 and 198.51.100.0/24 are the Internet.\n"]
    parts.append("[recording]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in {
        "start": instant(work / "begin"), "end": instant(work / "end"), "time_zone": "Asia/Ho_Chi_Minh",
        "home_net": ["10.10.0.0/16"]}.items()) + "\n")
    parts += [table("agency", entry) for entry in province["agency"]]
    parts.append(table("capture", {"path": "traffic.pcap.zst", **province["capture"]}))
    parts += [table("log", take_log(entry, work, out)) for entry in province["log"]]
    parts += [table("asset", entry) for entry in province["asset"]]
    for attack in attacks:
        times = {edge: (work / "marks" / f"{attack['id']}.{edge}").read_text().strip() for edge in ("begin", "end")}
        parts.append(table("attack", {"id": attack["id"], "start": times["begin"], "end": times["end"], **{k: v for k, v in attack.items() if k != "id"}}))
    (out / "manifest.toml").write_text("".join(parts), encoding="utf-8")
    for file in sorted(out.rglob("*")):
        if file.is_file():
            print(f"{file.stat().st_size:>9} {file.relative_to(out)}")


if __name__ == "__main__":
    main()
