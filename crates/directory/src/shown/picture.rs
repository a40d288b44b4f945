//! The picture that other sites show beside a link to a listing (Open Graph, 1200 x 630).

use super::draw::{Avatar, Colour, Line, Painter, Scene, Shape, Unpaintable, clean, fitted, number, wrapped};

/// Pixels.
pub const WIDTH: u32 = 1_200;
/// Pixels.
pub const HEIGHT: u32 = 630;

/// Pixels between the edge and everything.
const EDGE: u32 = 72;
const GROUND: Colour = Colour::new(0x16_171d);
const INK: Colour = Colour::new(0xf4_f4f6);
const MUTED: Colour = Colour::new(0xb4_b6c0);

/// What the picture says. Texts are the author's and may hold anything; words are the reader's language's.
#[derive(Debug, Clone, Copy)]
pub struct Preview<'a> {
    /// The listing's name.
    pub name: &'a str,
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
    /// The name of this installation.
    pub site: &'a str,
    /// The line along the top: the installation's or the listing's own.
    pub accent: Colour,
    /// Without one: the first letter of the name.
    pub avatar: Option<&'a Avatar>,
}

impl Preview<'_> {
    /// The picture as PNG, [`WIDTH`] by [`HEIGHT`].
    pub fn png(&self, painter: &Painter) -> Result<Vec<u8>, Unpaintable> {
        painter.png(&self.scene(), 1)
    }

    fn scene(&self) -> Scene<'_> {
        let side = 200;
        let left = EDGE + side + 48;
        let room = WIDTH - left - EDGE;
        let mut shapes = vec![
            Shape::Rect { x: 0, y: 0, width: WIDTH, height: HEIGHT, radius: 0, fill: GROUND },
            Shape::Rect { x: 0, y: 0, width: WIDTH, height: 16, radius: 0, fill: self.accent },
        ];
        shapes.extend(self.portrait(side));
        let name = fitted(self.name, 72, true, room);
        shapes.push(Shape::Line { x: left, y: EDGE + 92, line: name, fill: INK });
        let numbers = fitted(&self.numbers(), 36, false, room);
        shapes.push(Shape::Line { x: left, y: EDGE + 168, line: numbers, fill: MUTED });
        let lines = wrapped(self.short, 40, false, WIDTH - 2 * EDGE, 3);
        let top = EDGE + side + 76;
        shapes.extend(lines.into_iter().zip(0..).map(|(line, n)| Shape::Line {
            x: EDGE,
            y: top + n * 56,
            line,
            fill: INK,
        }));
        let site = fitted(self.site, 32, true, WIDTH - 2 * EDGE);
        shapes.push(Shape::Line { x: EDGE, y: HEIGHT - 52, line: site, fill: MUTED });
        Scene { width: WIDTH, height: HEIGHT, title: clean(self.name), shapes }
    }

    fn portrait(&self, side: u32) -> Vec<Shape<'_>> {
        let radius = side / 4;
        if let Some(avatar) = self.avatar {
            return vec![Shape::Picture { x: EDGE, y: EDGE, side, radius, avatar }];
        }
        let first = clean(self.name).chars().next();
        let letter =
            Line::new(&first.map(|letter| letter.to_uppercase().to_string()).unwrap_or_default(), 110, true);
        let x = EDGE + side.saturating_sub(letter.width as u32) / 2;
        vec![
            Shape::Rect { x: EDGE, y: EDGE, width: side, height: side, radius, fill: GROUND.mix(INK, 20) },
            Shape::Line { x, y: EDGE + side / 2 + 40, line: letter, fill: INK },
        ]
    }

    fn numbers(&self) -> String {
        let votes = format!("▲ {} {}", number(self.votes), self.votes_word);
        match self.count {
            Some(count) => format!("{votes}  ·  {} {}", number(count), self.count_word),
            None => votes,
        }
    }
}
