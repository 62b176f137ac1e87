#!/usr/bin/env python3
"""A camera's web interface with the factory password and the fault of CVE-2021-36260, written for the recording.

PUT /SDK/webLanguage runs what stands in $(...) of the <language> element, as the real firmware did. It only ever runs
in its own namespace, which has no way out.
"""

import base64
import http.server
import pathlib
import re
import subprocess

FOLDER = pathlib.Path("/tmp/webLib")
KEY = "Basic " + base64.b64encode(b"admin:12345").decode()
DEVICE = b"<DeviceInfo><deviceName>CAM-NGA-TU-01</deviceName><model>SL-2CD2043</model></DeviceInfo>"


class Camera(http.server.BaseHTTPRequestHandler):
    server_version = "App-webs/"
    sys_version = ""
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        left = FOLDER / pathlib.Path(self.path).name
        if self.path.startswith("/ISAPI/"):
            if self.headers.get("Authorization") == KEY:
                self.answer(200, DEVICE, Content_Type="application/xml")
            else:
                self.answer(401, WWW_Authenticate='Basic realm="IP Camera"')
        elif self.path != "/" and left.is_file():
            self.answer(200, left.read_bytes())
        else:
            self.answer(200, b"<html><title>index</title></html>", Content_Type="text/html")

    def do_PUT(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 4096))
        command = re.search(rb"<language>\$\((.*)\)</language>", body, re.S)
        if self.path == "/SDK/webLanguage" and command:
            subprocess.run(["bash", "-c", command[1]], cwd="/tmp", timeout=60, check=False)
        self.answer(500)

    def log_message(self, *_):
        """The camera keeps no log."""


FOLDER.mkdir(exist_ok=True)
http.server.ThreadingHTTPServer(("0.0.0.0", 80), Camera).serve_forever()
