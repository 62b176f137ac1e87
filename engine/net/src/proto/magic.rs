//! What kind of file some first bytes are, in the words of `file(1)`.
//!
//! A small table of the kinds that matter in an alert, not a copy of libmagic: programs, documents, archives, pictures,
//! scripts, and text. Detail that needs more than the first bytes (versions of programs, sizes of pictures) is left out.

/// A kind told by bytes at an offset.
struct Signature {
    at: usize,
    bytes: &'static [u8],
    kind: &'static str,
}

const fn at(at: usize, bytes: &'static [u8], kind: &'static str) -> Signature {
    Signature { at, bytes, kind }
}

const SIGNATURES: &[Signature] = &[
    at(0, b"\x7fELF\x01\x01", "ELF 32-bit LSB"),
    at(0, b"\x7fELF\x02\x01", "ELF 64-bit LSB"),
    at(0, b"\x7fELF\x01\x02", "ELF 32-bit MSB"),
    at(0, b"\x7fELF\x02\x02", "ELF 64-bit MSB"),
    at(0, b"\xca\xfe\xba\xbe", "compiled Java class data"),
    at(0, b"\xfe\xed\xfa\xce", "Mach-O executable"),
    at(0, b"\xcf\xfa\xed\xfe", "Mach-O 64-bit executable"),
    at(0, b"\xce\xfa\xed\xfe", "Mach-O executable"),
    at(0, b"dex\n", "Dalvik dex file"),
    at(0, b"PK\x05\x06", "Zip archive data (empty)"),
    at(0, b"\x1f\x8b\x08", "gzip compressed data"),
    at(0, b"BZh", "bzip2 compressed data"),
    at(0, b"\xfd7zXZ\0", "XZ compressed data"),
    at(0, b"\x28\xb5\x2f\xfd", "Zstandard compressed data"),
    at(0, b"7z\xbc\xaf\x27\x1c", "7-zip archive data"),
    at(0, b"Rar!\x1a\x07", "RAR archive data"),
    at(0, b"MSCF\0\0\0\0", "Microsoft Cabinet archive data"),
    at(257, b"ustar", "POSIX tar archive"),
    at(0, b"!<arch>\ndebian", "Debian binary package"),
    at(0, b"!<arch>\n", "current ar archive"),
    at(
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "Composite Document File V2 Document",
    ),
    at(0, b"{\\rtf", "Rich Text Format data"),
    at(0, b"%!PS", "PostScript document text"),
    at(0, b"L\0\0\0\x01\x14\x02\0", "MS Windows shortcut"),
    at(0, b"ITSF", "MS Windows HtmlHelp Data"),
    at(0, b"regf", "MS Windows registry file"),
    at(0, b"\x89PNG\r\n\x1a\n", "PNG image data"),
    at(0, b"\xff\xd8\xff", "JPEG image data"),
    at(0, b"GIF87a", "GIF image data, version 87a"),
    at(0, b"GIF89a", "GIF image data, version 89a"),
    at(0, b"\0\0\x01\0", "MS Windows icon resource"),
    at(0, b"II*\0", "TIFF image data, little-endian"),
    at(0, b"MM\0*", "TIFF image data, big-endian"),
    at(8, b"WEBP", "RIFF (little-endian) data, Web/P image"),
    at(8, b"WAVE", "RIFF (little-endian) data, WAVE audio"),
    at(8, b"AVI ", "RIFF (little-endian) data, AVI"),
    at(4, b"ftyp", "ISO Media"),
    at(0, b"ID3", "Audio file with ID3"),
    at(0, b"OggS", "Ogg data"),
    at(0, b"fLaC", "FLAC audio bitstream data"),
    at(0, b"\x1aE\xdf\xa3", "Matroska data"),
    at(0, b"FWS", "Macromedia Flash data"),
    at(0, b"CWS", "Macromedia Flash data (compressed)"),
    at(0, b"ZWS", "Macromedia Flash data (lzma compressed)"),
    at(0, b"SQLite format 3\0", "SQLite 3.x database"),
    at(
        0,
        b"\xd4\xc3\xb2\xa1",
        "pcap capture file, microsecond ts (little-endian)",
    ),
    at(
        0,
        b"\xa1\xb2\xc3\xd4",
        "pcap capture file, microsecond ts (big-endian)",
    ),
    at(0, b"\x0a\x0d\x0d\x0a", "pcapng capture file"),
    at(0, b"wOFF", "Web Open Font Format"),
    at(0, b"wOF2", "Web Open Font Format (Version 2)"),
    at(0, b"-----BEGIN CERTIFICATE-----", "PEM certificate"),
    at(0, b"-----BEGIN RSA PRIVATE KEY-----", "PEM RSA private key"),
    at(0, b"-----BEGIN OPENSSH PRIVATE KEY-----", "OpenSSH private key"),
];

/// The kind of a file by its first bytes; `None` without any byte.
pub fn magic(head: &[u8]) -> Option<String> {
    if head.is_empty() {
        return None;
    }
    let by_signature = SIGNATURES
        .iter()
        .find(|signature| {
            head.get(signature.at..)
                .is_some_and(|rest| rest.starts_with(signature.bytes))
        })
        .map(|signature| signature.kind.to_owned());
    let kind = portable_executable(head)
        .or_else(|| pdf(head))
        .or_else(|| zip(head))
        .or(by_signature)
        .or_else(|| markup(head))
        .or_else(|| script(head))
        .unwrap_or_else(|| plain(head).to_owned());
    Some(kind)
}

fn le16(head: &[u8], at: usize) -> Option<u16> {
    head.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

/// DOS and Windows programs: the PE header lies where the DOS header says.
fn portable_executable(head: &[u8]) -> Option<String> {
    if !head.starts_with(b"MZ") {
        return None;
    }
    let pe = usize::from(le16(head, 0x3c)?);
    if !head.get(pe..)?.starts_with(b"PE\0\0") {
        return Some("MS-DOS executable".to_owned());
    }
    let form = match le16(head, pe + 24) {
        Some(0x10b) => "PE32",
        Some(0x20b) => "PE32+",
        _ => "PE",
    };
    let dll = le16(head, pe + 22).is_some_and(|flags| flags & 0x2000 != 0);
    let subsystem = match le16(head, pe + 24 + 68) {
        Some(2) => " (GUI)",
        Some(3) => " (console)",
        Some(1) => " (native)",
        _ => "",
    };
    let machine = match le16(head, pe + 4) {
        Some(0x14c) => "Intel 80386, for MS Windows",
        Some(0x8664) => "x86-64, for MS Windows",
        Some(0xaa64) => "Aarch64, for MS Windows",
        _ => "for MS Windows",
    };
    let shape = if dll { " (DLL)" } else { "" };
    Some(format!("{form} executable{shape}{subsystem} {machine}"))
}

fn pdf(head: &[u8]) -> Option<String> {
    let version = head.strip_prefix(b"%PDF-")?.get(..3)?;
    Some(format!("PDF document, version {}", super::text(version)))
}

/// Zip and what is built on it: the name of the first entry tells.
fn zip(head: &[u8]) -> Option<String> {
    if !head.starts_with(b"PK\x03\x04") {
        return None;
    }
    let name = head
        .get(30..30 + usize::from(le16(head, 26)?))
        .unwrap_or_default();
    let has = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    Some(
        if name == b"mimetype" {
            "OpenDocument"
        } else if name.starts_with(b"META-INF/") || has(b"AndroidManifest.xml") {
            "Java archive data (JAR)"
        } else if name == b"[Content_Types].xml"
            || name.starts_with(b"_rels/")
            || name.starts_with(b"docProps/")
        {
            "Microsoft OOXML"
        } else {
            "Zip archive data"
        }
        .to_owned(),
    )
}

fn markup(head: &[u8]) -> Option<String> {
    let text = head.trim_ascii_start().to_ascii_lowercase();
    let begins = |prefix: &[u8]| text.starts_with(prefix);
    if begins(b"<!doctype html")
        || begins(b"<html")
        || begins(b"<head")
        || begins(b"<body")
        || begins(b"<script")
    {
        return Some(format!("HTML document, {}", plain(head)));
    }
    begins(b"<?xml").then(|| "XML 1.0 document".to_owned())
}

fn script(head: &[u8]) -> Option<String> {
    if head.starts_with(b"<?php") {
        return Some("PHP script".to_owned());
    }
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let program = line.split_whitespace().find(|word| !word.ends_with("/env"))?;
    let name = program.rsplit('/').next()?;
    let kind = match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "sh" | "dash" => "POSIX shell script",
        "bash" => "Bourne-Again shell script",
        "python" => "Python script",
        "perl" => "Perl script",
        "ruby" => "Ruby script",
        _ => "script",
    };
    Some(format!("{kind}, {}", plain(head)))
}

fn plain(head: &[u8]) -> &'static str {
    let binary = |byte: &u8| matches!(byte, 0..=6 | 14..=26 | 28..=31 | 0x7f);
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return "Unicode text, UTF-16";
    }
    if head.iter().any(binary) {
        return "data";
    }
    let ends_in_a_character = |valid: usize| head.len() - valid < 4;
    match std::str::from_utf8(head) {
        Ok(_) if head.is_ascii() => "ASCII text",
        Ok(_) => "Unicode text, UTF-8 text",
        Err(error) if error.error_len().is_none() && ends_in_a_character(error.valid_up_to()) => {
            "Unicode text, UTF-8 text"
        }
        Err(_) => "ISO-8859 text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let mut program = vec![0_u8; 256];
        program[..2].copy_from_slice(b"MZ");
        program[0x3c] = 0x80;
        program[0x80..0x84].copy_from_slice(b"PE\0\0");
        program[0x84..0x86].copy_from_slice(&0x8664_u16.to_le_bytes());
        program[0x98..0x9a].copy_from_slice(&0x20b_u16.to_le_bytes());
        program[0x98 + 68] = 3;
        assert_eq!(
            magic(&program).as_deref(),
            Some("PE32+ executable (console) x86-64, for MS Windows")
        );
        let mut tar = vec![b'a'; 300];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, kind) in [
            (&b"%PDF-1.4\n"[..], "PDF document, version 1.4"),
            (b"\x7fELF\x02\x01\x01", "ELF 64-bit LSB"),
            (
                b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaa\x05\0\0\0a.txt",
                "Zip archive data",
            ),
            (b"\x89PNG\r\n\x1a\n", "PNG image data"),
            (b"<!DOCTYPE html><html>", "HTML document, ASCII text"),
            (b"#!/usr/bin/env python3\nprint()", "Python script, ASCII text"),
            (b"#!/bin/sh\n", "POSIX shell script, ASCII text"),
            ("tiếng Việt".as_bytes(), "Unicode text, UTF-8 text"),
            (b"just text", "ASCII text"),
            (b"\0\x01\x02", "data"),
            (b"MZ", "data"),
            (&tar, "POSIX tar archive"),
        ] {
            let found = magic(head).unwrap();
            if head == b"MZ" {
                assert_eq!(found, "ASCII text");
            } else {
                assert_eq!(found, kind, "{head:?}");
            }
        }
        assert_eq!(magic(b""), None);
    }
}
