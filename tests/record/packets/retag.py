#!/usr/bin/env python3
"""Makes tagged and tunnelled copies of the recorded captures, packet by packet.

retag.py FOLDER: reads FOLDER/{http-get-gzip-chunked,dns-udp-a,http-ipv6}.pcap (little-endian, microseconds,
Ethernet, as tcpdump wrote them) and leaves the wrapped copies beside them. Time stamps stay as recorded.
"""

import pathlib
import struct
import sys

GLOBAL_HEADER_BYTES = 24
RECORD_HEADER_BYTES = 16
OUTER_SOURCE = bytes([192, 0, 2, 1])
OUTER_TARGET = bytes([192, 0, 2, 2])


def records(path):
    """(record header's time fields, frame) of each packet of a capture."""
    data = path.read_bytes()
    magic, *_ = struct.unpack_from("<IHHiIII", data)
    if magic != 0xA1B2C3D4:
        raise SystemExit(f"{path}: not a little-endian microsecond pcap")
    at = GLOBAL_HEADER_BYTES
    while at < len(data):
        seconds, micros, captured, _ = struct.unpack_from("<IIII", data, at)
        at += RECORD_HEADER_BYTES
        yield (seconds, micros), data[at : at + captured]
        at += captured


def write(path, packets):
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for (seconds, micros), frame in packets:
            out.write(struct.pack("<IIII", seconds, micros, len(frame), len(frame)) + frame)


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def outer_ipv4(protocol, payload):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 7, 0, 64, protocol, 0, OUTER_SOURCE, OUTER_TARGET)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def outer_frame(protocol, payload):
    return bytes.fromhex("020000000002020000000001") + b"\x08\x00" + outer_ipv4(protocol, payload)


def vlan(frame):
    return frame[:12] + struct.pack(">HH", 0x8100, (3 << 13) | 110) + frame[12:]


def qinq(frame):
    return frame[:12] + struct.pack(">HHHH", 0x88A8, 200, 0x8100, 110) + frame[12:]


def pppoe(frame):
    ppp = b"\x00\x21" if frame[12:14] == b"\x08\x00" else b"\x00\x57"
    return frame[:12] + struct.pack(">HBBHH", 0x8864, 0x11, 0, 9, len(frame) - 14 + 2) + ppp + frame[14:]


def gre(frame):
    return outer_frame(47, struct.pack(">HH", 0, 0x0800) + frame[14:])


def gre_with_key(frame):
    """Transparent Ethernet bridging over GRE with key and sequence number (RFC 2890)."""
    return outer_frame(47, struct.pack(">HHII", 0x3000, 0x6558, 0x2A, 1) + frame)


def vxlan(frame):
    inner = struct.pack(">II", 0x08000000, 4242 << 8) + frame
    return outer_frame(17, struct.pack(">HHHH", 50000, 4789, 8 + len(inner), 0) + inner)


def ip_in_ip(frame):
    return outer_frame(4, frame[14:])


def six_in_four(frame):
    return outer_frame(41, frame[14:])


COPIES = [
    ("http-get-gzip-chunked", "vlan-http", vlan),
    ("http-get-gzip-chunked", "qinq-http", qinq),
    ("http-get-gzip-chunked", "pppoe-http", pppoe),
    ("http-get-gzip-chunked", "gre-http", gre),
    ("dns-udp-a", "gre-teb-key-dns", gre_with_key),
    ("http-get-gzip-chunked", "vxlan-http", vxlan),
    ("dns-udp-a", "ip-in-ip-dns", ip_in_ip),
    ("http-ipv6", "6in4-http", six_in_four),
]


def main():
    folder = pathlib.Path(sys.argv[1])
    for source, target, wrap in COPIES:
        write(folder / f"{target}.pcap", [(time, wrap(frame)) for time, frame in records(folder / f"{source}.pcap")])


if __name__ == "__main__":
    main()
