//! Widgets: a small card of a listing for other sites, and counters in the manner of shields. As SVG and as PNG.

use super::draw::{Avatar, Colour, Line, Painter, Scene, Shape, Unpaintable, fitted, number, wrapped};
use super::text::shorten;

/// Characters of the short text that a widget shows when it is not told otherwise, and at most.
pub const DESC_LENGTH: u16 = 120;
/// The most that `desc_length` may be.
pub const MAX_DESC_LENGTH: u16 = 300;

/// How large a card is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Size {
    /// 260 x 64: name and numbers.
    Small,
    /// 380 x 132: with owner and two lines of text.
    #[default]
    Medium,
    /// 480 x 212: with owner and five lines of text.
    Large,
}

impl Size {
    /// By its name in addresses; nothing if there is none such.
    pub fn read(name: &str) -> Option<Self> {
        match name {
            "small" => Some(Self::Small),
            "medium" => Some(Self::Medium),
            "large" => Some(Self::Large),
            _ => None,
        }
    }

    /// Width and height in pixels.
    pub fn pixels(self) -> (u32, u32) {
        match self {
            Self::Small => (260, 64),
            Self::Medium => (380, 132),
            Self::Large => (480, 212),
        }
    }
}

/// How a card looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// `bgcolor`.
    pub background: Colour,
    /// `textcolor`.
    pub text: Colour,
    /// `size`.
    pub size: Size,
    /// `desc_length`: characters of the short text, at most [`MAX_DESC_LENGTH`]; 0 for none.
    pub desc_length: u16,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            background: Colour::new(0x1e_1f26),
            text: Colour::new(0xf4_f4f6),
            size: Size::Medium,
            desc_length: DESC_LENGTH,
        }
    }
}

/// Whether a bot is there, by the dot beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Green.
    Online,
    /// Yellow.
    Idle,
    /// Red.
    DoNotDisturb,
    /// Grey.
    Offline,
}

impl Status {
    /// The dot's colour.
    pub fn colour(self) -> Colour {
        match self {
            Self::Online => Colour::new(0x2e_a76a),
            Self::Idle => Colour::new(0xe0_a030),
            Self::DoNotDisturb => Colour::new(0xd8_434a),
            Self::Offline => Colour::new(0x80_848e),
        }
    }
}

/// What a card says. Texts are the author's and may hold anything; words are the reader's language's.
#[derive(Debug, Clone, Copy)]
pub struct Card<'a> {
    /// The listing's name.
    pub name: &'a str,
    /// Who it belongs to, as it is said in the reader's language: "by Ada".
    pub by: &'a str,
    /// The short text.
    pub short: &'a str,
    /// Votes of this month.
    pub votes: u64,
    /// "votes".
    pub votes_word: &'a str,
    /// Guilds of a bot, members of a guild, where they are known.
    pub count: Option<u64>,
    /// "servers" or "members".
    pub count_word: &'a str,
    /// Unknown: no dot.
    pub status: Option<Status>,
    /// Without one: the first letter of the name.
    pub avatar: Option<&'a Avatar>,
}

impl Card<'_> {
    /// The card as SVG.
    pub fn svg(&self, look: &Look) -> String {
        self.scene(look).svg()
    }

    /// The card as PNG with two pixels for each of the SVG's.
    pub fn png(&self, look: &Look, painter: &Painter) -> Result<Vec<u8>, Unpaintable> {
        painter.png(&self.scene(look), 2)
    }

    fn scene(&self, look: &Look) -> Scene<'_> {
        let (width, height) = look.size.pixels();
        let (side, text_size) = match look.size {
            Size::Small => (40, 12),
            Size::Medium => (56, 13),
            Size::Large => (72, 15),
        };
        let muted = look.text.mix(look.background, 30);
        let left = 24 + side;
        let room = width - left - 12;
        let mut shapes = vec![Shape::Rect { x: 0, y: 0, width, height, radius: 10, fill: look.background }];
        shapes.extend(portrait(self.name, self.avatar, side, look));
        if let Some(status) = self.status {
            let (at, radius) = (12 + side - 4, side / 8);
            shapes.push(Shape::Circle { x: at, y: at, radius: radius + 2, fill: look.background });
            shapes.push(Shape::Circle { x: at, y: at, radius, fill: status.colour() });
        }
        let name = fitted(self.name, text_size + 3, true, room);
        let numbers = fitted(&self.numbers(), text_size, false, room);
        let mut y = if look.size == Size::Small { 29 } else { 12 + text_size + 3 };
        shapes.push(Shape::Line { x: left, y, line: name, fill: look.text });
        if look.size != Size::Small {
            y += text_size + 7;
            shapes.push(Shape::Line {
                x: left,
                y,
                line: fitted(self.by, text_size, false, room),
                fill: muted,
            });
        }
        y += text_size + 7;
        shapes.push(Shape::Line { x: left, y, line: numbers, fill: look.text });
        shapes.extend(self.lines(look, text_size, 12 + side.max(y - 12) + text_size + 10, width - 24, muted));
        Scene { width, height, title: self.title(), shapes }
    }

    /// The short text below, as much of it as was asked for and has room.
    fn lines(&self, look: &Look, size: u32, top: u32, room: u32, fill: Colour) -> Vec<Shape<'_>> {
        let count = match look.size {
            Size::Small => 0,
            Size::Medium => 2,
            Size::Large => 5,
        };
        let short =
            shorten(&super::draw::clean(self.short), usize::from(look.desc_length.min(MAX_DESC_LENGTH)));
        let lines = wrapped(&short, size, false, room, count);
        lines
            .into_iter()
            .zip(0..)
            .map(|(line, n)| Shape::Line { x: 12, y: top + n * (size + 6), line, fill })
            .collect()
    }

    fn numbers(&self) -> String {
        let votes = format!("▲ {} {}", number(self.votes), self.votes_word);
        match self.count {
            Some(count) => format!("{votes}  ·  {} {}", number(count), self.count_word),
            None => votes,
        }
    }

    fn title(&self) -> String {
        super::draw::clean(&format!("{}: {}", self.name, self.numbers().replace('▲', "")))
    }
}

/// The avatar in its corner, or a letter in its place.
fn portrait<'a>(name: &str, avatar: Option<&'a Avatar>, side: u32, look: &Look) -> Vec<Shape<'a>> {
    let radius = side / 4;
    if let Some(avatar) = avatar {
        return vec![Shape::Picture { x: 12, y: 12, side, radius, avatar }];
    }
    let ground = look.background.mix(look.text, 20);
    let letter: String = super::draw::clean(name)
        .chars()
        .next()
        .map(|letter| letter.to_uppercase().collect())
        .unwrap_or_default();
    let letter = Line::new(&letter, side / 2, true);
    let x = 12 + side.saturating_sub(letter.width as u32) / 2;
    let y = 12 + side / 2 + letter.size * 37 / 100;
    vec![
        Shape::Rect { x: 12, y: 12, width: side, height: side, radius, fill: ground },
        Shape::Line { x, y, line: letter, fill: look.text },
    ]
}

/// A counter in the manner of shields: a word and what it is.
#[derive(Debug, Clone, Copy)]
pub struct Counter<'a> {
    /// On the left, grey: "votes".
    pub label: &'a str,
    /// On the right: "1.2k", "online", the owner's name.
    pub value: &'a str,
    /// Behind the value.
    pub colour: Colour,
}

impl Counter<'_> {
    /// The counter as SVG, 20 pixels high.
    pub fn svg(&self) -> String {
        self.scene().svg()
    }

    /// The counter as PNG with two pixels for each of the SVG's.
    pub fn png(&self, painter: &Painter) -> Result<Vec<u8>, Unpaintable> {
        painter.png(&self.scene(), 2)
    }

    fn scene(&self) -> Scene<'static> {
        let label = fitted(self.label, 11, false, 160);
        let value = fitted(self.value, 11, true, 200);
        let title = format!("{}: {}", label.text, value.text);
        let left = label.width.ceil() as u32 + 12;
        let right = value.width.ceil() as u32 + 12;
        // White letters need a dark enough ground.
        let [red, green, blue] = self.colour.0.map(u32::from);
        let light = red * 3 + green * 6 + blue > 1_700;
        let ink = Colour::new(if light { 0x1e_1f26 } else { 0xff_ffff });
        let grey = Colour::new(0x44_474f);
        let shapes = vec![
            Shape::Rect { x: 0, y: 0, width: left + right, height: 20, radius: 4, fill: grey },
            Shape::Rect { x: left, y: 0, width: right, height: 20, radius: 4, fill: self.colour },
            Shape::Rect { x: left, y: 0, width: 4, height: 20, radius: 0, fill: self.colour },
            Shape::Line { x: 6, y: 14, line: label, fill: Colour::new(0xff_ffff) },
            Shape::Line { x: left + 6, y: 14, line: value, fill: ink },
        ];
        Scene { width: left + right, height: 20, title, shapes }
    }
}
