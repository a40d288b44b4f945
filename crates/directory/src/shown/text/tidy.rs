//! The pass over tags before the cleaner: renames elements, keeps attributes that may stay, and bounds how many
//! elements there are and how deep. Without it a text of 100 KB could grow to gigabytes while it is parsed, because
//! browsers repeat formatting elements that are left open in every paragraph.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use super::{MAX_DEPTH, MAX_ELEMENTS, allowed};

/// HTML with renamed, bounded tags. Not safe yet.
pub(super) fn tidy(source: &str) -> String {
    let sink = run(source, Sink(RefCell::default()));
    sink.0.into_inner().out
}

/// Feeds `source` to a sink of tokens and gives it back.
pub(super) fn run<S: TokenSink<Handle = ()>>(source: &str, sink: S) -> S {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(source));
    let tokenizer = Tokenizer::new(sink, Default::default());
    // A sink that never answers "script" is fed to the end at once.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink
}

struct Sink(RefCell<State>);

#[derive(Default)]
struct State {
    out: String,
    open: Vec<&'static str>,
    elements: usize,
    /// Inside an element whose content is no markup and goes with it.
    skipped: Option<String>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) if state.skipped.is_none() => escape(&text, &mut state.out),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return state.start(&tag),
            Token::TagToken(tag) => state.end(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        if self.skipped.is_some() {
            return TokenSinkResult::Continue;
        }
        if let Some(kind) = raw(name) {
            self.skipped = Some(name.to_owned());
            return kind;
        }
        if name == "input" {
            self.tick(tag);
        } else if allowed::WITH_CONTENT.contains(&name) {
            // The cleaner takes them out, as it knows where they end.
            self.out.extend(["<", name, ">"]);
        } else if let Some(name) = allowed::element(name) {
            self.keep(name, tag);
        }
        TokenSinkResult::Continue
    }

    fn keep(&mut self, name: &'static str, tag: &Tag) {
        if self.elements >= MAX_ELEMENTS || self.open.len() >= MAX_DEPTH {
            return;
        }
        let attributes: Vec<_> = tag
            .attrs
            .iter()
            .filter_map(|attr| {
                Some((&*attr.name.local, allowed::attribute(name, &attr.name.local, &attr.value)?))
            })
            .collect();
        if name == "img" && !attributes.iter().any(|(key, _)| *key == "src") {
            return;
        }
        self.elements += 1;
        self.out.extend(["<", name]);
        for (key, value) in attributes {
            self.out.extend([" ", key, "=\""]);
            escape(&value, &mut self.out);
            self.out.push('"');
        }
        self.out.push('>');
        if !matches!(name, "br" | "hr" | "img" | "wbr") {
            self.open.push(name);
        }
    }

    /// The box of a task in a list, as a sign instead of a field.
    fn tick(&mut self, tag: &Tag) {
        let has = |name: &str, value: Option<&str>| {
            tag.attrs.iter().any(|attr| {
                *attr.name.local == *name && value.is_none_or(|value| attr.value.eq_ignore_ascii_case(value))
            })
        };
        if has("type", Some("checkbox")) {
            self.out.push(if has("checked", None) { '☑' } else { '☐' });
        }
    }

    fn end(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if let Some(skipped) = &self.skipped {
            if skipped == name {
                self.skipped = None;
            }
        } else if allowed::WITH_CONTENT.contains(&name) {
            self.out.extend(["</", name, ">"]);
        } else if let Some(name) = allowed::element(name)
            && let Some(place) = self.open.iter().rposition(|open| *open == name)
        {
            self.open.remove(place);
            self.out.extend(["</", name, ">"]);
        }
    }
}

/// How the tokenizer has to read what is inside an element whose content is not markup.
fn raw(name: &str) -> Option<TokenSinkResult<()>> {
    match name {
        "script" => Some(TokenSinkResult::RawData(ScriptData)),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => {
            Some(TokenSinkResult::RawData(Rawtext))
        }
        "textarea" | "title" => Some(TokenSinkResult::RawData(Rcdata)),
        "plaintext" => Some(TokenSinkResult::Plaintext),
        _ => None,
    }
}

/// Adds `text` as text, or as the value of an attribute, without characters that steer terminals.
fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
}
