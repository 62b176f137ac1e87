#!/usr/bin/env python3
"""Search engines and an outside availability monitor: crawlers.py SECONDS. They read only what is linked."""

import sys

from lib import Session, keep_going

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BINGBOT = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
MONITOR = "Zabbix 6.0.14"
ACTORS = {GOOGLEBOT: "198.51.100.201", BINGBOT: "198.51.100.202", MONITOR: "198.51.100.202"}
SITES = [("dvc.saola.example", "10.10.20.10", "thu-tuc", 40), ("sgddt.saola.example", "10.10.20.20", "tin-tuc", 25),
         ("xasuoilanh.saola.example", "10.10.20.20", "tin-tuc", 20)]


def crawl(agent, rng):
    host, address, section, count = rng.choice(SITES)
    site = Session(host, address, agent, ACTORS[agent])
    if agent == MONITOR:
        site.get("/")
    else:
        site.get("/robots.txt")
        for _ in range(rng.randrange(1, 5)):
            site.get(f"/{section}/{rng.randrange(1, count + 1):02d}.html")
    site.close()


keep_going(float(sys.argv[1]), list(ACTORS), crawl, (1.0, 5.0))
