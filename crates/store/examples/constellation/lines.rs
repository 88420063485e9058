//! What an engine has to write, counted: the lines between marks in the sources of this example, as rustfmt leaves them,
//! without empty ones and comments.

const SOURCES: [&str; 5] = [
    include_str!("host.rs"),
    include_str!("constellation.rs"),
    include_str!("managers.rs"),
    include_str!("content_link.rs"),
    include_str!("content_process.rs"),
];
const BEGINS: &str = "// host lines: ";
const ENDS: &str = "// end of host lines";

/// Lines that are marked with one of these.
pub(crate) fn host_lines(marks: &[&str]) -> usize {
    SOURCES.iter().map(|source| lines_of(source, marks)).sum()
}

fn lines_of(source: &str, marks: &[&str]) -> usize {
    let mut counts = false;
    let mut lines = 0;
    for line in source.lines().map(str::trim) {
        if let Some(mark) = line.strip_prefix(BEGINS) {
            assert!(!counts, "a mark inside another: {mark}");
            counts = marks.contains(&mark);
        } else if line == ENDS {
            counts = false;
        } else if counts && !line.is_empty() && !line.starts_with("//") {
            lines += 1;
        }
    }
    assert!(!counts, "the last mark has no end");
    lines
}
