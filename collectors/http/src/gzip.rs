//! Unpacks a body within a size and a ratio, so that a small request cannot fill the memory.

use std::io::Read;

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// RFC 1952, one or more members.
    Gzip,
    /// RFC 1950: HTTP's `deflate`.
    Zlib,
}

/// Why a body was not unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// More than the limit came out.
    #[error("the unpacked body is larger than {0} bytes")]
    TooLarge(usize),
    /// Not packed that way, or damaged.
    #[error("the body is not well packed: {0}")]
    Damaged(#[from] std::io::Error),
}

/// Unpacks at most `max_bytes`, and at most `max_ratio` times the packed size. Blocking: uses the processor.
pub(crate) fn unpacked(
    packing: Packing,
    packed: &[u8],
    max_bytes: usize,
    max_ratio: usize,
) -> Result<Vec<u8>, UnpackError> {
    /// Short bodies of repeated text pack very well; the ratio is for large ones.
    const ALWAYS_ALLOWED: usize = 64 << 10;
    let limit = max_bytes.min(packed.len().saturating_mul(max_ratio).max(ALWAYS_ALLOWED));
    let mut out = Vec::new();
    let most = limit as u64 + 1;
    match packing {
        Packing::Gzip => MultiGzDecoder::new(packed).take(most).read_to_end(&mut out)?,
        Packing::Zlib => ZlibDecoder::new(packed).take(most).read_to_end(&mut out)?,
    };
    if out.len() > limit {
        return Err(UnpackError::TooLarge(limit));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn bodies() {
        assert_eq!(
            unpacked(Packing::Gzip, &packed(b"xin chao"), 1000, 100).unwrap(),
            b"xin chao"
        );
        let two: Vec<u8> = [packed(b"one\n"), packed(b"two\n")].concat();
        assert_eq!(unpacked(Packing::Gzip, &two, 1000, 100).unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn bombs_and_noise() {
        let bomb = packed(&vec![0; 50 << 20]);
        assert!(matches!(
            unpacked(Packing::Gzip, &bomb, 1 << 30, 100),
            Err(UnpackError::TooLarge(_))
        ));
        assert!(matches!(
            unpacked(Packing::Gzip, &packed(&[1; 2000]), 1000, 100),
            Err(UnpackError::TooLarge(1000))
        ));
        assert!(matches!(
            unpacked(Packing::Gzip, b"no gzip", 1000, 100),
            Err(UnpackError::Damaged(_))
        ));
        let mut cut = packed(b"some text");
        cut.truncate(cut.len() - 4);
        assert!(matches!(
            unpacked(Packing::Gzip, &cut, 1000, 100),
            Err(UnpackError::Damaged(_))
        ));
    }
}
