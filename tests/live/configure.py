#!/usr/bin/env python3
"""Writes the live test's configuration: the province of the recording, its segment as capture, its logs as they grow.

configure.py RECORD_FOLDER LIVE_FOLDER WORK_FOLDER BACKEND > saola.toml
"""
import json
import pathlib
import sys
import tomllib

# What the hosts' rsyslog forwards; the rest is followed where the hosts write it.
FORWARDED = {"auth", "syslog", "postfix", "dnsmasq"}


def table(name, entry):
    return f"[[{name}]]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items()) + "\n"


def followed(entry, work, number):
    upper = work / "hosts" / entry["host"] / "upper" / entry["from"][1:]
    path = work / "audit/audit.log" if entry["source"] == "auditd" else upper
    return {"name": f"{entry['source']}-{entry['host']}-{number}", "path": str(path), "host": entry["host"],
            "agency": entry["agency"], "start": "beginning"}


def asset(entry):
    kept = {key: value for key, value in entry.items() if key != "ip"}
    return {"ips": [entry["ip"]], **kept}


def main():
    record, live, work = (pathlib.Path(argument) for argument in sys.argv[1:4])
    province = tomllib.loads((record / "province.toml").read_text())
    rules = record.parent.parent / "rules"
    certificate = work / "hosts/mail01/upper/etc/ssl/mail.crt"
    (work / "mail-password").write_text("Syt-2026-hop\n")
    (work / "mail-password").chmod(0o600)
    print(f'''data_folder = "{work}/saola"
[site]
agency = "{province["capture"]["agency"]}"
[console]
listen = "127.0.0.1:8480"
[rules]
network = ["{rules}/network"]
log = ["{rules}/log", "{live}/marks.yml"]
[network]
home = ["10.10.0.0/16"]
[mail]
server = "mail.saola.example"
port = 587
tls = "starttls"
user = "syt01@saola.example"
password_file = "{work}/mail-password"
trust = "{certificate}"
from = "Saola <syt01@saola.example>"
to = ["vanthu@saola.example"]
[[capture]]
name = "span0"
interface = "br-home"
backend = "{sys.argv[4]}"
[[syslog]]
name = "syslog"
udp = "10.10.0.1:514"
tcp = "10.10.0.1:514"
''')
    print("".join(table("agency", entry) for entry in province["agency"]))
    print("".join(table("asset", asset(entry)) for entry in province["asset"]))
    logs = (entry for entry in province["log"] if entry["source"] not in FORWARDED)
    print("".join(table("file", followed(entry, work, number)) for number, entry in enumerate(logs)))


if __name__ == "__main__":
    main()
