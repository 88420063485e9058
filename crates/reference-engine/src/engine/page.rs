//! Pages: an HTML file's scripts in a realm of their own.

use html5gum::{DefaultEmitter, Token, Tokenizer};
use serde::{Deserialize, Serialize};

use super::clients::Client;

/// What kind of window a page is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// A tab.
    #[default]
    TopLevel,
    /// A window opened by a script.
    Auxiliary,
    /// A frame in another page.
    Nested,
}

impl Frame {
    /// The name `Client.frameType` has for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::TopLevel => "top-level",
            Self::Auxiliary => "auxiliary",
            Self::Nested => "nested",
        }
    }
}

/// An open page.
pub(super) struct Page {
    pub(super) client: Client,
    pub(super) frame: Frame,
    /// It is inside a fenced frame.
    pub(super) fenced: bool,
    /// Its frame was removed: its scripts go on, and it is nobody's client any more.
    pub(super) detached: bool,
}

/// A script of a page, in document order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageScript {
    /// Written in the page, beginning on this line of it.
    Inline { source: String, line: u32 },
    /// In a file of its own, by the address the page gives.
    External { address: String },
    /// A module, which is not run, with its tag on this line.
    Module { line: u32 },
}

/// The scripts of an HTML document. Data blocks are left out.
pub(super) fn scripts_of(html: &str) -> Vec<PageScript> {
    let mut scripts = Vec::new();
    let mut in_script = false;
    let mut line = 1;
    // A script's text is text up to its end tag, whatever looks like a tag in it.
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) if tag.name.as_slice() == b"script" => {
                let text = |name: &str| {
                    let value = tag.attributes.get(name.as_bytes())?;
                    Some(String::from_utf8_lossy(value.as_slice()).into_owned())
                };
                let kind = text("type").unwrap_or_default();
                let classic = kind.is_empty() || kind == "text/javascript";
                if kind.eq_ignore_ascii_case("module") {
                    scripts.push(PageScript::Module { line });
                }
                match text("src") {
                    Some(address) if classic => scripts.push(PageScript::External { address }),
                    Some(_) | None => in_script = classic,
                }
            }
            Token::EndTag(tag) if tag.name.as_slice() == b"script" => in_script = false,
            Token::String(text) => {
                let text = String::from_utf8_lossy(text.as_slice()).into_owned();
                let lines = u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
                if in_script && !text.trim().is_empty() {
                    scripts.push(PageScript::Inline { source: text, line });
                }
                line = u32::saturating_add(line, lines);
            }
            Token::StartTag(_) | Token::EndTag(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    scripts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_in_document_order() {
        let html = "<!doctype html>\n<title>x</title>\n<script src='a.js'></script>\n<script>let a = '</b>';\n</script>\
                    <script type=module>import 'x'</script><script type='text/javascript'>b()</script>";
        assert_eq!(
            scripts_of(html),
            [
                PageScript::External { address: "a.js".to_owned() },
                PageScript::Inline { source: "let a = '</b>';\n".to_owned(), line: 4 },
                PageScript::Module { line: 5 },
                PageScript::Inline { source: "b()".to_owned(), line: 5 },
            ]
        );
    }
}
