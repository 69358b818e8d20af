//! A photo as it may be kept: upright, at most 1 600 pixels wide or high, without anything that
//! a camera or a program wrote beside the picture.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::problem::{Answer, Problem};

/// Longest side of what is kept, pixels.
const KEPT_SIDE: u32 = 1_600;
/// Longest side of what is read, pixels.
const MOST_SIDE: u32 = 16_000;
/// Most bytes that the pixels of one picture may take in memory: some 50 million pixels.
const MOST_MEMORY: u64 = 160 << 20;
const QUALITY: u8 = 82;

/// The picture written anew as JPEG.
///
/// # Errors
/// 415 for what is no JPEG, PNG or WebP, 413 for more pixels than are read, 400 for a damaged one.
pub fn written_anew(bytes: &[u8]) -> Answer<Vec<u8>> {
    let format = image::guess_format(bytes).ok();
    let Some(format) = format.filter(|format| KNOWN.contains(format)) else {
        return Err(Problem::unsupported("this is no photo that can be read; send JPEG, PNG or WebP"));
    };
    if format == ImageFormat::Jpeg && !is_whole_jpeg(bytes) {
        return Err(damaged("it ends before the picture does"));
    }
    let upright = upright(bytes, format)?;
    let (width, height) = (upright.width(), upright.height());
    let small = if width.max(height) > KEPT_SIDE {
        upright.resize(KEPT_SIDE, KEPT_SIDE, FilterType::Triangle)
    } else {
        upright
    };
    let mut written = Vec::new();
    let encoded = JpegEncoder::new_with_quality(&mut written, QUALITY).encode_image(&small.into_rgb8());
    encoded.map_err(|cause| {
        tracing::error!(%cause, "a photo could not be written");
        Problem::internal()
    })?;
    Ok(written)
}

const KNOWN: [ImageFormat; 3] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];

fn damaged(cause: impl std::fmt::Display) -> Problem {
    Problem::invalid("body", format!("the photo is damaged: {cause}"))
}

/// The pixels, turned as the camera said.
fn upright(bytes: &[u8], format: ImageFormat) -> Answer<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let refused = |cause: image::ImageError| match cause {
        image::ImageError::Limits(_) => too_many_pixels(),
        other => damaged(other),
    };
    let mut decoder = reader.into_decoder().map_err(refused)?;
    if decoder.total_bytes() > MOST_MEMORY {
        return Err(too_many_pixels());
    }
    // Nothing that says how to turn it is no reason to refuse it.
    let turn = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(turn);
    Ok(picture)
}

fn too_many_pixels() -> Problem {
    let detail = format!("the photo has too many pixels; at most {MOST_SIDE} wide or high and some 50 million in all");
    Problem::too_large(detail)
}

/// Whether the file goes on to the end of its picture (ITU-T T.81, B.1.1): decoders fill up
/// with grey what is missing.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, marker]) = bytes.get(at..at + 2) {
        at += 2;
        match marker {
            0xd9 => return true,
            0xff => at -= 1,
            0x01 | 0xd0..=0xd7 => {}
            _ => {
                let Some(&[high, low]) = bytes.get(at..at + 2).and_then(|two| two.first_chunk::<2>()) else {
                    return false;
                };
                at += usize::from(u16::from_be_bytes([high, low]));
            }
        }
        if *marker == 0xda {
            // Coded data: a marker is FF with neither 00 nor a restart after it.
            let coded = bytes.get(at..).unwrap_or_default();
            let is_marker = |two: &[u8]| two[0] == 0xff && !matches!(two[1], 0x00 | 0xd0..=0xd7 | 0xff);
            let Some(next) = coded.windows(2).position(is_marker) else { return false };
            at += next;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let colours =
            image::RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
        DynamicImage::from(colours).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn status(bytes: &[u8]) -> u16 {
        written_anew(bytes).unwrap_err().status
    }

    #[test]
    fn what_is_kept_is_a_small_jpeg() {
        for format in KNOWN {
            let kept = written_anew(&picture(format, 3_200, 800)).unwrap();
            let kept = image::load_from_memory_with_format(&kept, ImageFormat::Jpeg).unwrap();
            assert_eq!((kept.width(), kept.height()), (1_600, 400), "{format:?}");
        }
    }

    #[test]
    fn what_is_no_whole_photo_is_refused() {
        assert_eq!(status(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), 415);
        assert_eq!(status(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"), 415);
        assert_eq!(status(b""), 415);
        for format in KNOWN {
            let whole = picture(format, 300, 200);
            assert_eq!(status(&whole[..whole.len() / 2]), 400, "{format:?}");
        }
    }

    #[test]
    fn what_stands_behind_the_picture_is_not_kept() {
        let mut both = picture(ImageFormat::Jpeg, 30, 20);
        both.extend_from_slice(b"<script>alert(1)</script>PK\x03\x04");
        let kept = written_anew(&both).unwrap();
        assert!(!kept.windows(7).any(|seven| seven == b"<script"));
    }

    /// A PNG that says it has 50 000 x 50 000 pixels, as a few hundred bytes would unpack to.
    #[test]
    fn a_bomb_is_refused_before_it_is_unpacked() {
        let mut bomb = picture(ImageFormat::Png, 8, 8);
        for side in [50_000_u32, 12_000] {
            bomb[16..20].copy_from_slice(&side.to_be_bytes());
            bomb[20..24].copy_from_slice(&side.to_be_bytes());
            let crc = crc32(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&crc.to_be_bytes());
            assert_eq!(status(&bomb), 413, "{side}");
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
        })
    }
}
