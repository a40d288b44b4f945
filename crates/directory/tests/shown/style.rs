//! Themes: what of them stays, and that they stay in their box.

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser, Token,
};
use guildhall_directory::shown::style::{MAX_BYTES, MAX_RULES, Sheet, scoped};
use proptest::prelude::*;

/// Themes that try to get out of the box, to load something or to end the sheet.
const ESCAPES: &[&str] = &[
    "</style><script>alert(1)</script>",
    "p{content:'</style><script>alert(1)</script>'}",
    "a::after{content:\"\\3c/style\\3e\"}",
    "p{background:url(https://evil.example/x)}",
    "p{background:URL('javascript:alert(1)')}",
    "p{background:u\\72l(https://evil.example/x)}",
    "p{background:\\75\\72\\6c(https://evil.example/x)}",
    "p{background:ur/**/l(https://evil.example/x)}",
    "p{background:image-set('https://evil.example/x' 1x)}",
    "p{background:-webkit-image-set(url(x) 1x)}",
    "p{background:image('https://evil.example/x')}",
    "p{background:element(#x)}",
    "p{background:cross-fade(url(a),url(b),50%)}",
    "p{background:paint(x)}",
    "p{background:src('https://evil.example/x')}",
    "p{width:expression(alert(1))}",
    "p{width:ex/**/pression(alert(1))}",
    "p{width:e\\78pression(alert(1))}",
    "p{behavior:url(x.htc)}",
    "p{-moz-binding:url(x.xml#y)}",
    "@import 'https://evil.example/x.css';",
    "@import url(https://evil.example/x.css);p{color:red}",
    "@\\69mport 'https://evil.example/x.css';",
    "@charset 'utf-7';+ADw-script+AD4-",
    "@font-face{font-family:x;src:url(https://evil.example/x)}",
    "@namespace url(http://www.w3.org/2000/svg);",
    "@keyframes x{from{position:fixed}}",
    "@supports (position:fixed){body{position:fixed}}",
    "@media screen{@import 'x';p{position:fixed}}",
    "@media screen{@media screen{p{color:red}}}",
    "@media screen{@media screen{@media screen{body{position:fixed}}}}",
    "@media (min-width:url(x)){p{color:red}}",
    "@media screen and (min-resolution:1dpi){p{color:red}}",
    "@layer x{p{color:red}}",
    "@scope (body){p{color:red}}",
    "@page{margin:0}",
    "@property --x{syntax:'*';inherits:true}",
    "@document url(x){p{color:red}}",
    "p{position:fixed}",
    "p{position:sticky;top:0}",
    "p{position:absolute;inset:0}",
    "p{position:relative;top:-500px;z-index:9999}",
    "p{POSITION:FIXED}",
    "p{pos\\69tion:fix\\65 d}",
    "p{position:fixed!important}",
    "p{margin-top:-500px}",
    "p{margin:calc(0px - 500px)}",
    "p{margin:0 0 0 -9px}",
    "p{z-index:2147483647}",
    "p{pointer-events:auto}",
    "p{cursor:url(x),auto}",
    "p{clip-path:url(#x)}",
    "p{filter:url(#x)}",
    "p{mask:url(#x)}",
    "p{list-style:url(x)}",
    "p{--x:url(x);background:var(--x)}",
    "p{background:var(--secret)}",
    "p{content:attr(data-token)}",
    "p{width:env(x)}",
    "p{color:red}}body{position:fixed}",
    "p{color:red}/*}*/body{position:fixed}",
    "/*",
    "/* </style> */p{color:blue}",
    "<!-- p{color:red} --> body{position:fixed}",
    "p{color:red;/*",
    "p{color:'",
    "p{color:red;}'}body{position:fixed}",
    "p{font-family:'a\\'}body{position:fixed}'}",
    "p{font-family:'\n}body{position:fixed}'}",
    "#page{color:red}",
    "[value^=a]{color:red}",
    "input[type=password][value$='a']{color:red}",
    ":not(.x){color:red}",
    ":is(body,html){color:red}",
    ":has(input){color:red}",
    ":where(body) p{color:red}",
    ":host{color:red}",
    "p::part(x){color:red}",
    "::slotted(p){color:red}",
    "body + *{color:red}",
    ":root ~ *{color:red}",
    "&+div{color:red}",
    "html>body~p{color:red}",
    "> p{color:red}",
    "+ p{color:red}",
    "p,body+p{color:red}",
    ".a .b body{color:red}",
    "svg|a{color:red}",
    "*|*{color:red}",
    "p{body &{position:fixed}}",
    "p{& + &{color:red}}",
    "p{width:99999px}",
    "p{width:1e9px}",
    "p{width:calc(1e30 * 1px)}",
    "\u{0}p{position:fixed}",
    "p{color:red\u{0}}",
    "p\\{position\\:fixed\\}{color:red}",
    "p{font-family:'a\u{2028}b<'}",
];

/// What a reader of the sheet finds: selectors (with conditions apart), and declarations.
#[derive(Default, Debug)]
struct Found {
    selectors: Vec<String>,
    declarations: Vec<(String, String)>,
    at_rules: Vec<String>,
    tokens: Vec<String>,
    errors: usize,
}

fn read(css: &str) -> Found {
    let mut found = Found::default();
    let mut input = Parser::new(css);
    let errors = StyleSheetParser::new(&mut input, &mut found).filter(Result::is_err).count();
    found.errors += errors;
    found
}

fn rest<'i>(input: &mut Parser<'i>, found: &mut Found) -> String {
    let start = input.position();
    fn walk(input: &mut Parser<'_>, found: &mut Found) {
        while let Ok(token) = input.next().cloned() {
            found.tokens.push(format!("{token:?}"));
            if matches!(token, Token::Function(_) | Token::ParenthesisBlock) {
                let _ = input.parse_nested_block(|input| {
                    walk(input, found);
                    Ok::<_, ParseError<()>>(())
                });
            }
        }
    }
    walk(input, found);
    input.slice_from(start).to_owned()
}

impl<'i> QualifiedRuleParser<'i> for Found {
    type Prelude = String;
    type QualifiedRule = ();
    type Error = ();
    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Result<String, ParseError<()>> {
        Ok(rest(input, self))
    }
    fn parse_block(
        &mut self,
        prelude: String,
        _: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<(), ParseError<()>> {
        self.selectors.extend(prelude.split(',').map(str::to_owned));
        let errors = RuleBodyParser::new(input, self).filter(Result::is_err).count();
        self.errors += errors;
        Ok(())
    }
}

impl<'i> AtRuleParser<'i> for Found {
    type Prelude = ();
    type AtRule = ();
    type Error = ();
    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Result<(), ParseError<()>> {
        let rest = rest(input, self);
        self.at_rules.push(format!("{name} {rest}"));
        Ok(())
    }
    fn parse_block(&mut self, (): (), _: &ParserState, input: &mut Parser<'i>) -> Result<(), ParseError<()>> {
        let errors = StyleSheetParser::new(input, self).filter(Result::is_err).count();
        self.errors += errors;
        Ok(())
    }
}

impl<'i> DeclarationParser<'i> for Found {
    type Declaration = ();
    type Error = ();
    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &ParserState,
    ) -> Result<(), ParseError<()>> {
        let value = rest(input, self);
        self.declarations.push((name.to_string(), value));
        Ok(())
    }
}

impl<'i> RuleBodyItemParser<'i, (), ()> for Found {
    fn parse_declarations(&self) -> bool {
        true
    }
    fn parse_qualified(&self) -> bool {
        true
    }
}

/// Panics unless everything in the sheet is about what is in the box, and loads nothing.
fn assert_fenced(sheet: &Sheet, source: &str) -> Found {
    let found = read(&sheet.css);
    let at = format!("{} of {source:?}", sheet.css);
    assert_eq!(found.errors, 0, "{at}");
    assert!(!sheet.css.contains(['<', '\0', '\\']) || source.contains('\\') || source.contains('<'), "{at}");
    assert!(!sheet.css.contains('<'), "{at}");
    for selector in &found.selectors {
        let below = selector.strip_prefix(".listing-theme").unwrap_or_else(|| panic!("{selector:?} in {at}"));
        assert!(below.is_empty() || below.starts_with([' ', '>', ':']), "{selector:?} in {at}");
    }
    for at_rule in &found.at_rules {
        assert!(at_rule.starts_with("media "), "{at_rule} in {at}");
    }
    for token in &found.tokens {
        for bad in ["Url", "Bad", "AtKeyword", "CDO", "CDC", "CurlyBracket", "IncludeMatch"] {
            assert!(!token.starts_with(bad), "{token} in {at}");
        }
        for bad in
            ["url", "image", "image-set", "var", "attr", "env", "expression", "element", "paint", "src"]
        {
            assert!(
                !token.to_ascii_lowercase().starts_with(&format!("function(\"{bad}\"")),
                "{token} in {at}"
            );
        }
    }
    let (fence, own): (Vec<_>, Vec<_>) =
        found.declarations.iter().partition(|(_, value)| value.contains("!important"));
    assert_eq!(fence.len(), 16, "{at}");
    for (name, value) in own {
        let name = name.as_str();
        assert!(
            !["top", "left", "right", "bottom", "inset", "z-index", "behavior", "all", "cursor"]
                .contains(&name)
        );
        assert!(name != "position" || ["static", "relative"].contains(&value.trim()), "{value} in {at}");
        assert!(!name.starts_with("margin") || !value.contains(['-', '\\']), "{name}: {value} in {at}");
    }
    found
}

#[test]
fn no_theme_leaves_its_box() {
    for source in ESCAPES {
        assert_fenced(&scoped(source), source);
        let wrapped = format!("em{{color:red}} @media print{{ {source} }} strong{{color:blue}}");
        assert_fenced(&scoped(&wrapped), &wrapped);
    }
    let all = ESCAPES.join("\n");
    assert_fenced(&scoped(&all), &all);
}

#[test]
fn what_is_left_out_is_named() {
    let sheet =
        scoped("p{color:red;position:fixed}\n\n#id{color:red}\na{color:url(x);margin:1px}\n@import 'x';");
    assert!(
        sheet.css.starts_with(".listing-theme p{color:red;}\n.listing-theme a{margin:1px;}\n.listing-theme{"),
        "{}",
        sheet.css
    );
    let left_out: Vec<_> = sheet.left_out.iter().map(|part| (part.line, part.part.as_str())).collect();
    assert_eq!(left_out, [(1, "position:fixed"), (3, "#id{"), (4, "color:url(x);"), (5, "@import 'x'")]);
}

#[test]
fn a_theme_is_rewritten() {
    let sheet = scoped(
        ":root{background:linear-gradient(45deg,#fff 0%,rgb(0 0 0/50%));color:#123456}\n\
         .hero>h3:hover , UL li:nth-child(2n + 1)::before{content:'a<\"b'; padding:calc(1em + (2px*3)) 0;\
         position:relative!important}\n\
         @media (MAX-WIDTH:600px) and (prefers-color-scheme:dark){p{display:none}}",
    );
    assert_eq!(sheet.left_out, []);
    let (own, fence) = sheet.css.rsplit_once(".listing-theme{").unwrap();
    assert!(fence.starts_with("position:relative!important"));
    insta::assert_snapshot!(own, @r#"
    .listing-theme{background:linear-gradient(45deg,#fff 0%,rgb(0 0 0/50%));color:#123456;}
    .listing-theme .own-hero>h3:hover,.listing-theme ul li:nth-child(2n+1)::before{content:"a\3c \"b";padding:calc(1em + (2px*3)) 0;position:relative;}
    @media (max-width:600px) and (prefers-color-scheme:dark){
    .listing-theme p{display:none;}
    }
    "#);
}

#[test]
fn themes_are_bounded() {
    let long = "p{color:red}".repeat(MAX_BYTES);
    let sheet = scoped(&long);
    assert_eq!((sheet.css.matches("color").count(), sheet.left_out.len()), (0, 1));
    let many = "p{color:red}".repeat(MAX_RULES + 7);
    let sheet = scoped(&many);
    assert_eq!((sheet.css.matches("color").count(), sheet.left_out.len()), (MAX_RULES, 7));
    for deep in ["(", "[", "{", "calc(", "p{", "@media screen{", "p{width:calc(", "a ", "a>", ",", ":not("] {
        let source = deep.repeat(MAX_BYTES / deep.len());
        let sheet = scoped(&source);
        assert_fenced(&sheet, deep);
        assert!(sheet.left_out.len() <= 50);
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("p"),
        Just(".a"),
        Just("body"),
        Just(":root"),
        Just("+"),
        Just("~"),
        Just(">"),
        Just(" "),
        Just(","),
        Just("{"),
        Just("}"),
        Just("color:red;"),
        Just("position:fixed;"),
        Just("background:"),
        Just("url(x)"),
        Just("calc("),
        Just(")"),
        Just("content:"),
        Just("'"),
        Just("\""),
        Just("\\"),
        Just("/*"),
        Just("*/"),
        Just("@media screen"),
        Just("@import 'x';"),
        Just("<!--"),
        Just("-->"),
        Just("</style>"),
        Just("!important"),
        Just(";"),
        Just(":"),
        Just("margin:"),
        Just("-5px"),
        Just("#fff"),
        Just("\n"),
        Just("["),
        Just("]"),
        Just("::before"),
        Just(":nth-child(2n)"),
        Just("\u{0}"),
        Just("var(--x)"),
        Just("&"),
        Just("font-family:"),
    ];
    prop::collection::vec(prop_oneof![6 => piece.prop_map(str::to_owned), 1 => ".{0,4}"], 0..30)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 700, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_gets_out(source in pieces()) {
        assert_fenced(&scoped(&source), &source);
    }
}
