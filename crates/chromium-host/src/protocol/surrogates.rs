//! Strings of pages may hold half a character: `"\ud800"`. JSON can write it, Rust's strings cannot hold it.
//!
//! DevTools passes such strings on. Here the half becomes U+FFFD, as it does where a browser makes UTF-8 of it; who needs the
//! code units asks the page for numbers.

use serde_json::Value;

const REPLACEMENT: &str = "\\ufffd";

/// Reads JSON with such escapes in it.
pub(super) fn read(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(&mended(text))
}

/// The text with U+FFFD for every escape of a lone surrogate.
fn mended(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let (written, length) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&escape[..12], 12),
            (Some(0xd800..=0xdfff), _) => (REPLACEMENT, 6),
            // An escaped backslash is taken whole, so that what follows it is not taken for an escape.
            (Some(_), _) => (&escape[..6], 6),
            (None, _) => {
                let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                (&escape[..length], length)
            }
        };
        mended.push_str(written);
        rest = &escape[length..];
    }
    mended.push_str(rest);
    mended
}

/// The code unit of an escape `\uXXXX` that stands at the beginning.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}
