#!/usr/bin/env python3
"""Departments' software that calls the data axis (lgsp01) over HTTPS: services.py SECONDS."""

import sys

from lib import Session, keep_going

CLIENTS = {"syt-his": "okhttp/4.12.0", "stc-srs": "Apache-HttpClient/4.5.14 (Java/11.0.25)", "dvc-igate": "axios/1.7.7"}
CALLS = ["/api/dan-cu/1.0/cong-dan/{n}", "/api/dat-dai/1.0/thua-dat?so={n}", "/api/danh-muc/2.1/don-vi", "/services/Version?wsdl"]


def call(client, rng):
    gateway = Session("lgsp.saola.example", "10.10.20.70", CLIENTS[client], tls=True)
    for _ in range(rng.randrange(1, 4)):
        gateway.get(rng.choice(CALLS).format(n=rng.randrange(100000)))
    gateway.close()


keep_going(float(sys.argv[1]), list(CLIENTS), call, (4.0, 10.0))
