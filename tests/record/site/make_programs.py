#!/usr/bin/env python3
"""Writes harmless files that look like what malware servers send: make_programs.py {pe|eicar} FILE.

`pe` is a valid 64-bit Windows executable whose only code is `xor eax, eax; ret`; `eicar` is the anti-virus test text,
kept here turned round so that no scanner stops at this script.
"""

import pathlib
import struct
import sys

EICAR_REVERSED = r"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\4[PA@%P!O5X"
STUB = bytes.fromhex("0e1fba0e00b409cd21b8014ccd21") + b"This program cannot be run in DOS mode.\r\r\n$"


def pe():
    dos = b"MZ" + b"\0" * 58 + struct.pack("<I", 0x80) + STUB
    dos = dos.ljust(0x80, b"\0")
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0x65000000, 0, 0, 240, 0x22)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 512, 0, 0, 0x1000, 0x1000)
    optional += struct.pack("<QIIHHHHHHIIIIHH", 0x140000000, 0x1000, 512, 6, 0, 0, 0, 6, 0, 0, 0x2000, 512, 0, 3, 0)
    optional += struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16) + b"\0" * 128
    section = struct.pack("<8sIIIIIIHHI", b".text", 16, 0x1000, 512, 512, 0, 0, 0, 0, 0x60000020)
    code = bytes.fromhex("31c0c3").ljust(512, b"\xcc")
    return (dos + coff + optional + section).ljust(512, b"\0") + code


def main():
    kind, path = sys.argv[1], pathlib.Path(sys.argv[2])
    path.write_bytes(pe() if kind == "pe" else EICAR_REVERSED[::-1].encode())


if __name__ == "__main__":
    main()
