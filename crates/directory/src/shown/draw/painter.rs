//! From SVG to PNG.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::Scene;

/// Inter, under the SIL Open Font License: `assets/fonts/OFL.txt`.
pub(super) const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.ttf");
pub(super) const BOLD: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf");

/// Renders scenes. Make one and keep it: it holds the fonts. Clones share them.
#[derive(Clone)]
pub struct Painter {
    options: Arc<Options<'static>>,
}

/// A scene could not be rendered: there is no memory for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpaintable;

impl Default for Painter {
    fn default() -> Self {
        Self::new([])
    }
}

impl Painter {
    /// A painter with Inter (Latin, Greek, Cyrillic and Vietnamese) and `more` fonts, TrueType or OpenType files, that
    /// are asked for letters which Inter lacks.
    pub fn new(more: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(BOLD.to_vec());
        for font in more {
            fonts.load_font_data(font);
        }
        fonts.set_sans_serif_family("Inter");
        let options =
            Options { fontdb: Arc::new(fonts), font_family: "Inter".to_owned(), ..Options::default() };
        Self { options: Arc::new(options) }
    }

    /// The scene as PNG, `scale` times as large in pixels (1 to 4). Takes milliseconds: not for an async task.
    pub(in crate::shown) fn png(&self, scene: &Scene<'_>, scale: u8) -> Result<Vec<u8>, Unpaintable> {
        let scale = u32::from(scale.clamp(1, 4));
        let tree = Tree::from_str(&scene.svg(), &self.options).map_err(|_| Unpaintable)?;
        let mut pixels = Pixmap::new(scene.width * scale, scene.height * scale).ok_or(Unpaintable)?;
        let transform = Transform::from_scale(scale as f32, scale as f32);
        resvg::render(&tree, transform, &mut pixels.as_mut());
        pixels.encode_png().map_err(|_| Unpaintable)
    }
}

impl std::fmt::Debug for Painter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Painter({} fonts)", self.options.fontdb.len())
    }
}
