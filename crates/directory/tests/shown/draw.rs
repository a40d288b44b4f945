//! What the parts of drawings make of what they get.

use std::io::Cursor;

use guildhall_directory::shown::draw::{Avatar, Colour, number};
use image::{ImageFormat, Rgba, RgbaImage};

/// A picture of one colour.
pub(crate) fn plain(width: u32, height: u32, colour: [u8; 4], format: ImageFormat) -> Vec<u8> {
    let picture = image::DynamicImage::ImageRgba8(RgbaImage::from_pixel(width, height, Rgba(colour)));
    let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture };
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A PNG's pixels.
pub(crate) fn pixels(png: &[u8]) -> RgbaImage {
    image::load_from_memory_with_format(png, ImageFormat::Png).unwrap().into_rgba8()
}

/// Whether two colours are hardly to be told apart.
pub(crate) fn near(found: [u8; 4], wanted: [u8; 3]) -> bool {
    found[3] == 255 && found.iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= 6)
}

#[test]
fn colours_are_read() {
    for (text, wanted) in
        [("#fff", "#ffffff"), ("a1B2c3", "#a1b2c3"), ("Black", "#000000"), ("f80", "#ff8800")]
    {
        assert_eq!(Colour::read(text).unwrap().to_string(), wanted);
    }
    for text in ["", "#", "ff", "ffff", "fffffff", "+ff", "+fffff", "#ggg", "url(x)", "red;", "é00", "\"/>"]
    {
        assert_eq!(Colour::read(text), None, "{text}");
    }
    assert_eq!(Colour::new(0x00_0000).mix(Colour::new(0xff_ffff), 50).to_string(), "#7f7f7f");
}

#[test]
fn numbers_are_short() {
    let numbers: Vec<_> = [0, 999, 1_000, 1_250, 9_999, 10_400, 999_999, 1_500_000, 2_000_000_000, u64::MAX]
        .into_iter()
        .map(number)
        .collect();
    assert_eq!(numbers, ["0", "999", "1k", "1.2k", "9.9k", "10k", "999k", "1.5M", "2G", "18446744073G"]);
}

#[test]
fn avatars_are_drawn_anew() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        let mut bytes = plain(300, 100, [200, 30, 60, 255], format);
        bytes.extend(b"<script>alert(1)</script>");
        let avatar = Avatar::read(&bytes).unwrap_or_else(|| panic!("{format:?}"));
        let data = avatar.data_url().strip_prefix("data:image/png;base64,").unwrap();
        let png = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, data).unwrap();
        assert!(!png.windows(7).any(|window| window == b"<script"));
        let picture = pixels(&png);
        assert_eq!(picture.dimensions(), (192, 192));
        assert!(near(picture.get_pixel(96, 96).0, [200, 30, 60]), "{format:?}");
    }
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    assert!(Avatar::read(svg).is_none() && Avatar::read(b"").is_none() && Avatar::read(b"GIF89a").is_none());
    assert!(Avatar::read(&plain(4_097, 1, [0; 4], ImageFormat::Png)).is_none());
}
