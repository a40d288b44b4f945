//! Colours as they come in addresses.

use std::fmt;

/// An opaque colour; written as `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour(pub [u8; 3]);

/// Names that people write into the address of a widget.
const NAMES: &[(&str, u32)] = &[
    ("black", 0x00_0000),
    ("white", 0xff_ffff),
    ("grey", 0x80_8080),
    ("gray", 0x80_8080),
    ("silver", 0xc0_c0c0),
    ("red", 0xff_0000),
    ("green", 0x00_8000),
    ("lime", 0x00_ff00),
    ("blue", 0x00_00ff),
    ("navy", 0x00_0080),
    ("yellow", 0xff_ff00),
    ("orange", 0xff_a500),
    ("purple", 0x80_0080),
    ("pink", 0xff_c0cb),
    ("teal", 0x00_8080),
    ("cyan", 0x00_ffff),
    ("brown", 0xa5_2a2a),
    ("gold", 0xff_d700),
];

impl Colour {
    /// By its number `0xrrggbb`.
    pub const fn new(number: u32) -> Self {
        let [_, red, green, blue] = number.to_be_bytes();
        Self([red, green, blue])
    }

    /// Reads `#fff`, `fff`, `#ffffff`, `ffffff` or one of the best known names; nothing if it is something else.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((_, number)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return Some(Self::new(*number));
        }
        let digits = text.strip_prefix('#').unwrap_or(text);
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        match digits.len() {
            6 => Some(Self::new(number)),
            3 => Some(Self([number >> 8, number >> 4 & 0xf, number & 0xf].map(|digit| (digit * 17) as u8))),
            _ => None,
        }
    }

    /// This colour with `share` percent (0 to 100) of `other`.
    pub fn mix(self, other: Self, share: u16) -> Self {
        let share = share.min(100);
        let mut mixed = [0; 3];
        for (out, (own, other)) in mixed.iter_mut().zip(self.0.into_iter().zip(other.0)) {
            *out = ((u16::from(own) * (100 - share) + u16::from(other) * share) / 100) as u8;
        }
        Self(mixed)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}
