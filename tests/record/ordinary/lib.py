"""What the ordinary users share: browsers' names, a keep-alive session, resolver questions. Real sockets, real servers.

Every script takes SECONDS as its first argument and ends by itself. Randomness is seeded: two recordings differ only in time.
"""

import http.client
import random
import socket
import ssl
import struct
import threading
import time
import urllib.parse

BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/120.0.148 Chrome/114.0.5735.148 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 13; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36 Zalo android/24100912",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
]


class Session:
    """One browser's connection to one site; pages after the first carry a referer."""

    def __init__(self, host, address, agent, source=None, tls=False):
        bind = (source, 0) if source else None
        if tls:
            self.link = http.client.HTTPSConnection(address, timeout=10, source_address=bind, context=NamedContext(host))
        else:
            self.link = http.client.HTTPConnection(address, timeout=10, source_address=bind)
        self.host, self.agent, self.referer = host, agent, None
        self.scheme = "https" if tls else "http"

    def ask(self, method, path, body=None, **headers):
        sent = {"Host": self.host, "User-Agent": self.agent, "Accept": "text/html,*/*;q=0.8", "Accept-Language": "vi,en;q=0.7"}
        if self.referer:
            sent["Referer"] = self.referer
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        self.link.request(method, path, body=body, headers=sent)
        answer = self.link.getresponse()
        text = answer.read()
        self.referer = f"{self.scheme}://{self.host}{path}"
        return answer.status, text

    def get(self, path, **query):
        return self.ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, **form):
        return self.ask("POST", path, urllib.parse.urlencode(form), Content_Type="application/x-www-form-urlencoded")

    def upload(self, path, name, data, kind, **form):
        mark = "----WebKitFormBoundary%016x" % random.getrandbits(64)
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in form.items()]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="tep"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        body = b"".join(parts) + head.encode() + data + f"\r\n--{mark}--\r\n".encode()
        return self.ask("POST", path, body, Content_Type=f"multipart/form-data; boundary={mark}")

    def close(self):
        self.link.close()


class NamedContext(ssl.SSLContext):
    """A TLS context that sends the site's name although the socket goes to an address; self-made certificates pass."""

    def __new__(cls, name):
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, name):
        super().__init__()
        self.name = name
        self.check_hostname = False
        self.verify_mode = ssl.CERT_NONE

    def wrap_socket(self, sock, server_hostname=None, **kind):
        return super().wrap_socket(sock, server_hostname=self.name, **kind)


def question(name, kind, resolver, source=None):
    """Sends one DNS question over UDP and waits for its answer."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.strip(".").split("."))
    asked = struct.pack(">HHHHHH", random.getrandbits(16), 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(3)
        link.bind((source or "0.0.0.0", 0))
        link.sendto(asked, (resolver, 53))
        link.recv(4096)


def keep_going(seconds, actors, work, rest):
    """Runs `work(actor, rng)` again and again in one thread per actor until the time is over; `rest` = (least, most) seconds."""
    end = time.monotonic() + seconds
    failures = []

    def live(actor):
        rng = random.Random(str(actor))
        time.sleep(rng.uniform(0, rest[1]))
        while time.monotonic() < end:
            try:
                work(actor, rng)
            except OSError as error:
                failures.append(f"{actor}: {error!r}")
            time.sleep(rng.uniform(*rest))

    threads = [threading.Thread(target=live, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{len(failures)} failures", *failures[:5], sep="\n")
