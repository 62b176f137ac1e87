"""Writes small captures packet by packet: complete TCP conversations, UDP datagrams, checksums right."""

import ipaddress
import pathlib
import struct

START_SECONDS = 1_795_000_000
CLIENT_MAC, SERVER_MAC = bytes.fromhex("020000000110"), bytes.fromhex("020000000120")
FIN, SYN, PSH, ACK = 1, 2, 8, 16
SEGMENT_BYTES = 1400


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Capture:
    """Packets in order; each takes one millisecond."""

    def __init__(self):
        self.packets = []
        self.port = 40000

    def frame(self, source, target, protocol, payload):
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), len(self.packets) & 0xFFFF, 0x4000, 64, protocol, 0,
                           ipaddress.ip_address(source).packed, ipaddress.ip_address(target).packed)
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.packets.append(SERVER_MAC + CLIENT_MAC + b"\x08\x00" + head + payload)

    def transport(self, source, target, protocol, segment, at):
        pseudo = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed + struct.pack(">BBH", 0, protocol, len(segment))
        segment = segment[:at] + struct.pack(">H", checksum(pseudo + segment)) + segment[at + 2:]
        self.frame(source, target, protocol, segment)

    def udp(self, source, target, port, payload):
        self.port += 1
        self.transport(source, target, 17, struct.pack(">HHHH", self.port, port, 8 + len(payload), 0) + payload, 6)

    def tcp(self, client, server, port, turns, client_port=None):
        """One conversation; turns is a list of ('>' or '<', bytes). No turns: only the handshake's first packet."""
        self.port += 1
        ends = {">": (client, client_port or self.port), "<": (server, port)}
        sent = {">": 1000, "<": 5000}

        def send(way, flags, data=b""):
            back = "<" if way == ">" else ">"
            (source, sport), (target, dport) = ends[way], ends[back]
            known = sent[back] if flags & ACK else 0
            segment = struct.pack(">HHIIBBHHH", sport, dport, sent[way], known, 0x50, flags, 64240, 0, 0) + data
            self.transport(source, target, 6, segment, 16)
            sent[way] += len(data) + (1 if flags & (SYN | FIN) else 0)

        send(">", SYN)
        if not turns:
            return
        send("<", SYN | ACK)
        send(">", ACK)
        for way, data in turns:
            for at in range(0, len(data), SEGMENT_BYTES):
                send(way, PSH | ACK, data[at:at + SEGMENT_BYTES])
                send("<" if way == ">" else ">", ACK)
        send(">", FIN | ACK)
        send("<", FIN | ACK)
        send(">", ACK)

    def write(self, path: pathlib.Path):
        with path.open("wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for number, packet in enumerate(self.packets):
                out.write(struct.pack("<IIII", START_SECONDS + number // 1000, number % 1000 * 1000, len(packet), len(packet)) + packet)


def request(line, host="dvc.saola.example", body=b"", **headers):
    """An HTTP/1.1 request; line is `METHOD /path`."""
    fields = {"Host": host, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", **{k.replace("_", "-"): v for k, v in headers.items()}}
    if body:
        fields["Content-Length"] = str(len(body))
    head = f"{line} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
    return head.encode() + body


def response(body=b"ok\n", status="200 OK", kind="text/html; charset=utf-8"):
    return f"HTTP/1.1 {status}\r\nServer: nginx\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def form_file(name, data, kind="application/octet-stream"):
    """Body and content type of a form with one file."""
    mark = "saolamark0123456789"
    body = (f'--{mark}\r\nContent-Disposition: form-data; name="tep"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n').encode()
    return body + data + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def dns_question(name, kind=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)
