//! Words as people use them: a few all the time, most of them seldom.

use std::collections::HashSet;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Words that there are.
const WORDS: usize = 5_000;
const BEGINNINGS: [&str; 24] = [
    "b", "br", "c", "ch", "d", "dr", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "r", "s", "st",
    "t", "tr", "v", "w",
];
const MIDDLES: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ea", "oo"];

/// The words, the most frequent first, and chance that is the same each time.
pub(super) struct Words {
    pub(super) words: Vec<String>,
    pub(super) chance: StdRng,
}

impl Words {
    pub(super) fn new() -> Self {
        let mut chance = StdRng::seed_from_u64(5);
        let (mut words, mut seen) = (Vec::with_capacity(WORDS), HashSet::new());
        while words.len() < WORDS {
            let syllables = 1 + usize::from(words.len() > 50) + usize::from(chance.random_bool(0.4));
            let mut word = String::new();
            for _ in 0..syllables {
                word.push_str(BEGINNINGS[chance.random_range(0..BEGINNINGS.len())]);
                word.push_str(MIDDLES[chance.random_range(0..MIDDLES.len())]);
            }
            word.push_str(["", "n", "r", "s", "t"][chance.random_range(0..5)]);
            if seen.insert(word.clone()) {
                words.push(word);
            }
        }
        Self { words, chance }
    }

    /// A number below this, small ones as much more often as Zipf found of words.
    pub(super) fn zipf(&mut self, below: usize) -> usize {
        let share: f64 = self.chance.random();
        ((below as f64).powf(share) as usize).clamp(1, below) - 1
    }

    /// A word as frequent as it is.
    pub(super) fn word(&mut self) -> &str {
        let index = self.zipf(WORDS);
        &self.words[index]
    }

    /// So many words.
    pub(super) fn text(&mut self, count: usize) -> String {
        let mut text = String::new();
        for _ in 0..count {
            text.push_str(self.word());
            text.push(' ');
        }
        text.truncate(text.trim_end().len());
        text
    }
}
