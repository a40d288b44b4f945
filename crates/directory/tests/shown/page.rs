//! HTML as a browser reads it: every element that parsing a text creates, wherever it ends up.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ExpandedName, ParseOpts, QualName, local_name, ns, parse_fragment};

/// An element: its namespace (empty for HTML), its name and its attributes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    pub(crate) space: String,
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Every element of `html`, read as the content of a `div` by a browser with (`scripting`) or without scripts.
pub(crate) fn elements(html: &str, scripting: bool) -> Vec<Element> {
    let mut options = ParseOpts::default();
    options.tree_builder.scripting_enabled = scripting;
    let name = QualName::new(None, ns!(html), local_name!("div"));
    let parser = parse_fragment(Sink::default(), options, name, Vec::new(), scripting);
    let mut seen = parser.one(StrTendril::from_slice(html)).seen.into_inner();
    // The frame of the fragment.
    seen.retain({
        let mut frame = vec!["html", "div"];
        move |element| match frame.iter().position(|name| *name == element.name) {
            Some(place) => {
                frame.remove(place);
                false
            }
            None => true,
        }
    });
    seen
}

#[derive(Default)]
struct Sink {
    next: Cell<usize>,
    names: RefCell<Vec<(usize, &'static QualName)>>,
    seen: RefCell<Vec<Element>>,
}

impl Sink {
    fn id(&self) -> usize {
        // Odd numbers are the contents of templates.
        self.next.set(self.next.get() + 2);
        self.next.get()
    }
}

impl TreeSink for Sink {
    type Handle = usize;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn get_document(&self) -> usize {
        0
    }

    fn get_template_contents(&self, target: &usize) -> usize {
        target + 1
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> ExpandedName<'a> {
        self.names.borrow().iter().find(|(id, _)| id == target).unwrap().1.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> usize {
        let id = self.id();
        let html = name.ns == ns!(html);
        self.seen.borrow_mut().push(Element {
            space: if html { String::new() } else { name.ns.to_string() },
            name: name.local.to_string(),
            attributes: attributes
                .iter()
                .map(|attr| (attr.name.local.to_string(), attr.value.to_string()))
                .collect(),
        });
        self.names.borrow_mut().push((id, Box::leak(Box::new(name))));
        id
    }

    fn create_comment(&self, text: StrTendril) -> usize {
        let space = String::new();
        self.seen.borrow_mut().push(Element {
            space,
            name: format!("#comment {text}"),
            attributes: Vec::new(),
        });
        self.id()
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        self.id()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}
    fn append(&self, _: &usize, _: NodeOrText<usize>) {}
    fn append_based_on_parent_node(&self, _: &usize, _: &usize, _: NodeOrText<usize>) {}
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn append_before_sibling(&self, _: &usize, _: NodeOrText<usize>) {}
    fn add_attrs_if_missing(&self, _: &usize, attributes: Vec<Attribute>) {
        assert!(attributes.is_empty(), "attributes for <html> or <body>: {attributes:?}");
    }
    fn remove_from_parent(&self, _: &usize) {}
    fn reparent_children(&self, _: &usize, _: &usize) {}
}
