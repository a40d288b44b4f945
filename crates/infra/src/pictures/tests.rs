use super::{Format, Picture};

const SECRET: &[u8] = b"61.4978 N 23.7610 E";

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], name, data, b"crc!"].concat()
}

fn png() -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", b"\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0"),
        chunk(b"tEXt", SECRET),
        chunk(b"eXIf", SECRET),
        chunk(b"IDAT", b"pixels"),
        chunk(b"IEND", b""),
        SECRET.to_vec(),
    ]
    .concat()
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &u16::try_from(data.len() + 2).unwrap().to_be_bytes(), data].concat()
}

fn jpeg() -> Vec<u8> {
    let mut exif = b"Exif\0\0II\x2a\0\x08\0\0\0\x02\0".to_vec();
    exif.extend_from_slice(b"\x0f\x01\x02\0\x13\0\0\0\x26\0\0\0");
    exif.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    exif.extend_from_slice(b"\0\0\0\0");
    exif.extend_from_slice(SECRET);
    [
        b"\xff\xd8".to_vec(),
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xe1, &exif),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
        segment(0xe2, &[b"MPF\0", SECRET].concat()),
        segment(0xfe, SECRET),
        segment(0xdb, &[1; 65]),
        segment(0xc0, b"\x08\0\x02\0\x03\x01\x01\x11\0"),
        segment(0xda, b"\x01\x01\0\0\x3f\0"),
        b"co\xff\0ded\xff\xd0more".to_vec(),
        b"\xff\xd9".to_vec(),
        SECRET.to_vec(),
    ]
    .concat()
}

fn gif() -> Vec<u8> {
    let frame = b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x03\0\x02\0\0\x02\x02\x4c\x01\0";
    let comment = [&b"\x21\xfe\x13"[..], SECRET, b"\0"].concat();
    let xmp = [&b"\x21\xff\x0bXMP DataXMP\x13"[..], SECRET, b"\0"].concat();
    let repeat = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    let head = b"GIF89a\x03\0\x02\0\x80\0\0\0\0\0\xff\xff\xff";
    [&head[..], repeat, &comment, frame, &xmp, frame, b"\x3b", SECRET].concat()
}

fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, data) in chunks {
        body.extend_from_slice(*name);
        body.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend_from_slice(data);
        body.resize(body.len() + data.len() % 2, 0);
    }
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

fn webp() -> Vec<u8> {
    let vp8 = b"\x10\0\0\x9d\x01\x2a\x03\0\x02\0pix";
    riff(&[(b"VP8X", b"\x0c\0\0\0\x02\0\0\x01\0\0"), (b"VP8 ", vp8), (b"EXIF", SECRET), (b"XMP ", SECRET)])
}

#[test]
fn pictures_keep_their_pixels_and_lose_what_is_beside_them() {
    let all = [
        (png(), Format::Png, &b"pixels"[..], false),
        (jpeg(), Format::Jpeg, b"co\xff\0ded\xff\xd0more\xff\xd9", false),
        (gif(), Format::Gif, b"NETSCAPE2.0", true),
        (webp(), Format::Webp, b"pix", false),
    ];
    for (bytes, format, kept, animated) in all {
        assert!(has(&bytes, SECRET), "{format:?}");
        let picture = Picture::clean(&bytes).unwrap_or_else(|| panic!("{format:?}"));
        assert_eq!(
            (picture.format, picture.width, picture.height, picture.animated),
            (format, 3, 2, animated)
        );
        assert!(!has(&picture.bytes, SECRET), "{format:?}");
        assert!(has(&picture.bytes, kept), "{format:?}");
        assert_eq!(Picture::clean(&picture.bytes).unwrap(), picture, "{format:?} is clean already");
        assert_eq!(imagesize(&picture.bytes), (3, 2), "{format:?} as an independent reader sees it");
    }
    assert!(
        has(&Picture::clean(&jpeg()).unwrap().bytes, b"\x01\x12\0\x03\0\0\0\x01\0\x06"),
        "orientation stays"
    );
}

fn imagesize(bytes: &[u8]) -> (usize, usize) {
    let size = imagesize::blob_size(bytes).unwrap();
    (size.width, size.height)
}

#[test]
fn what_is_cut_short_or_no_picture_is_refused_and_never_panics() {
    for whole in [png(), jpeg(), gif(), webp()] {
        let end = whole.len() - if Format::of(&whole) == Some(Format::Webp) { 0 } else { SECRET.len() };
        for length in 0..end {
            assert!(Picture::clean(&whole[..length]).is_none(), "{:?} of {length} bytes", Format::of(&whole));
        }
        // Whatever one byte turns into, the copy is made or refused.
        for place in 0..whole.len() {
            for value in [0, 1, 0x7f, 0x80, 0xfe, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] = value;
                if let Some(picture) = Picture::clean(&bytes) {
                    assert_eq!(Picture::clean(&picture.bytes).as_ref(), Some(&picture));
                }
            }
        }
    }
    for other in [&b""[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ", b"GIF", b"%PDF-1.7"] {
        assert!(Picture::clean(other).is_none());
    }
}
