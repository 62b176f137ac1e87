#!/usr/bin/env python3
"""Runs `saola serve` beside a live province and says what it saw.

Started by run inside the router's network namespace and a mount namespace of its own. Makes WORK/ready when the daemon
listens; after WORK/over appears, waits for what is still on its way, stops the daemon and prints one JSON object:
{"attacks", "rules_expected", "rules_missing", "incidents", "groups", "marks_missing", "mails", "packets",
"kernel_drops", "lost", "rss_mb", "seconds"}. Status 1 when something is missing or lost.
"""
import argparse
import atexit
import http.client
import json
import pathlib
import re
import subprocess
import sys
import time
import tomllib

PASSWORD = "mot mat khau du dai 2026"
LATEST_S = 60


class Api:
    """The console's API, as the browser uses it."""

    def __init__(self, link):
        self.cookie = None
        self.call("POST", "/setup/" + link.rsplit("/", 1)[1], {"password": PASSWORD})
        self.call("POST", "/session", {"name": "admin", "password": PASSWORD})

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", 8480, timeout=20)
        headers = {"Content-Type": "application/json"} | ({"Cookie": self.cookie} if self.cookie else {})
        connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            sys.exit(f"live: {method} {path}: {answer.status} {text[:500]}")
        cookie = answer.getheader("Set-Cookie")
        if cookie and method == "POST":
            self.cookie = cookie.split(";")[0]
        return json.loads(text) if text else None

    def all(self, path):
        rows, cursor = [], ""
        while cursor is not None:
            page = self.call("GET", f"{path}{'&' if '?' in path else '?'}limit=200{cursor}")
            rows += page["items"]
            cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
        return rows


def log_rules(record):
    """Path of each log rule without its ending → its id, and whether a correlation takes it in instead of an alert."""
    folder = record.parent.parent / "rules/log"
    texts = {str(file.relative_to(folder))[:-4]: file.read_text() for file in folder.rglob("*.yml")}
    correlations = "".join(text for name, text in texts.items() if name.startswith("correlation/"))
    field = lambda text, key: [value.strip("'\" ") for value in re.findall(rf"^{key}:(.*)$", text, re.MULTILINE)]
    feeds = lambda text: any(name in correlations for name in field(text, "name") + field(text, "id"))
    return {name: (field(text, "id")[-1], not name.startswith("correlation/") and feeds(text)) for name, text in texts.items()}


def expected(record, chosen):
    """What attacks.toml says that each chosen attack must raise."""
    known, wanted = log_rules(record), {}
    for attack in tomllib.loads((record / "attacks.toml").read_text())["attack"]:
        if chosen and attack["id"] not in chosen:
            continue
        for number in attack["network_rules"]:
            wanted[str(number)] = f"{attack['id']}: {number}"
        for name in attack["log_rules"]:
            identity, feeds = known[name]
            if not feeds:
                wanted[identity] = f"{attack['id']}: {name}"
    return wanted


def marks(work):
    """Rule id → sender, of the senders that were at work."""
    sent = set((work / "sent").read_text().split())
    text = (pathlib.Path(__file__).parent / "marks.yml").read_text()
    both = zip(re.findall(r"^id: (.*)$", text, re.MULTILINE), re.findall(r"mark by (.*)$", text, re.MULTILINE))
    return {identity: sender for identity, sender in both if sender in sent}


def mails(work):
    boxes = (work / "hosts/mail01/upper/var").glob("mail/vhosts/chung/*/*")
    return sum(b"From: Saola" in box.read_bytes() for box in boxes if box.is_file())


def rss_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024


def main():
    arguments = argparse.ArgumentParser()
    for name in ("binary", "work", "record"):
        arguments.add_argument(f"--{name}", type=pathlib.Path, required=True)
    arguments.add_argument("--attacks", default="")
    options = arguments.parse_args()
    work, begun = options.work, time.monotonic()
    subprocess.run(["mount", "--bind", options.record / "lib/hosts-file", "/etc/hosts"], check=True)
    with open(work / "log/saola", "wb") as log:
        daemon = subprocess.Popen([options.binary, "--json", "serve", "--config", work / "saola.toml"], stdout=subprocess.PIPE,
                                  stderr=log, text=True)
    # However this ends, the daemon must not outlive the hosts it watches.
    atexit.register(daemon.kill)
    line = daemon.stdout.readline()
    if not line:
        sys.exit("live: the daemon did not start")
    api = Api(json.loads(line)["setup_link"])
    (work / "ready").touch()
    while not (work / "over").exists():
        time.sleep(0.2)
    wanted, marked = expected(options.record, set(filter(None, options.attacks.split(",")))), marks(work)
    until = time.monotonic() + LATEST_S
    while True:
        groups = api.all("/groups?state=all")
        seen = {row["rule"]["id"] for row in groups}
        missing = sorted(text for identity, text in wanted.items() if identity not in seen)
        unmarked = sorted(text for identity, text in marked.items() if identity not in seen)
        if not (missing or unmarked or not mails(work)) or time.monotonic() > until:
            break
        time.sleep(1)
    sources = api.call("GET", "/health/sources")
    sources = sources["items"] if isinstance(sources, dict) else sources
    captures = [source for source in sources if source["kernel_drops"] is not None]
    lost = {f"{source['name']}: {loss['reason']}": loss["count"] for source in sources for loss in source["lost"] if loss["count"]}
    result = {
        "attacks": options.attacks or "all", "rules_expected": len(wanted), "rules_missing": missing,
        "incidents": len(api.all("/incidents")), "groups": len(groups), "marks_missing": unmarked, "mails": mails(work),
        "packets": sum(source["records"] for source in captures),
        "kernel_drops": sum(source["kernel_drops"] for source in captures) if captures else None, "lost": lost,
        "rss_mb": rss_mb(daemon), "seconds": round(time.monotonic() - begun, 1),
    }
    daemon.terminate()
    status = daemon.wait(30)
    print(json.dumps(result))
    good = not missing and not unmarked and result["mails"] and result["packets"] and result["kernel_drops"] == 0 and not lost
    sys.exit(0 if good and status == 0 else 1)


if __name__ == "__main__":
    main()
