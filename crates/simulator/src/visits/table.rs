//! A study as text.

use std::fmt::{self, Write as _};

use super::people::Kind;
use super::policies::PolicyName;
use super::row::{Averages, Row};
use super::study::Study;

/// A figure of a row, which may need the row of the 12 h clock beside it.
struct Column {
    heading: &'static str,
    decimals: usize,
    figure: fn(&Row, &Row) -> Option<f64>,
}

const COLUMNS: [Column; 14] = [
    Column { heading: "fires", decimals: 2, figure: |row, _| row.fires_per_day },
    Column { heading: "/clock", decimals: 2, figure: |row, clock| ratio(row.fires_per_day, clock.fires_per_day) },
    Column { heading: "median", decimals: 0, figure: |row, _| row.median },
    Column { heading: "/clock", decimals: 2, figure: |row, clock| ratio(row.median, clock.median) },
    Column { heading: "mean", decimals: 0, figure: |row, _| row.mean },
    Column { heading: "/clock", decimals: 2, figure: |row, clock| ratio(row.mean, clock.mean) },
    Column { heading: "/equal", decimals: 2, figure: |row, _| row.mean_by_budget() },
    Column { heading: "late%", decimals: 1, figure: |row, _| percent(row.late) },
    Column { heading: "waste%", decimals: 0, figure: |row, _| percent(row.wasted) },
    Column { heading: "all", decimals: 0, figure: |row, _| row.mean_of_all_uses },
    Column { heading: "5-90%", decimals: 0, figure: |row, _| percent(row.shortly_before) },
    Column { heading: "works", decimals: 1, figure: |row, _| row.works_after },
    Column { heading: "recov", decimals: 1, figure: |row, _| row.recovery },
    Column { heading: "unread", decimals: 0, figure: |row, _| row.longest_unread },
];

/// What the columns are.
const LEGEND: &str = "\
fires   events a day; each is a wake-up
median  age of the content at the first use of a day, in minutes: the median
        over a person's days, then the mean over people
mean    likewise, but no age counts for more than a day
/clock  as a multiple of what the 12 h clock has
/equal  the mean, as a multiple of what a clock with as many events has
late%   days without an event in the 12 hours before the first use
waste%  events without a use in the 24 hours after
all     mean age over all uses, not only the first of a day, uncapped
5-90%   workday first uses with an event 5 to 90 min before, from day 8 on
works   days from the first visit until 4 of 5 first uses are 90 min old at most
recov   days with visits from a disturbance until two in a row are 120 min old
        at most
unread  the most events in a row that anybody had without a visit
";

const NAME: usize = 20;
const CELL: usize = 7;

/// The first as a multiple of the second.
pub(super) fn ratio(figure: Option<f64>, of: Option<f64>) -> Option<f64> {
    Some(figure? / of.filter(|of| *of > 0.0)?)
}

fn percent(share: Option<f64>) -> Option<f64> {
    share.map(|share| share * 100.0)
}

fn cell(figure: Option<f64>, decimals: usize) -> String {
    figure.map_or_else(|| format!("{:>CELL$}", "-"), |figure| format!("{figure:>CELL$.decimals$}"))
}

impl fmt::Display for Study {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kind in self.kinds() {
            write_kind(self, kind, f)?;
        }
        write_averages(self, f)?;
        f.write_str(LEGEND)
    }
}

fn write_kind(study: &Study, kind: Kind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(clock) = study.row(kind, PolicyName::Clock12) else { return Ok(()) };
    writeln!(f, "{kind}, {} people", clock.people)?;
    let headings = COLUMNS.iter().fold(String::new(), |mut line, column| {
        // Writing to a string does not fail.
        write!(line, "{:>CELL$}", column.heading).ok();
        line
    });
    writeln!(f, "{:NAME$}{headings}", "")?;
    for policy in study.policies() {
        let Some(row) = study.row(kind, policy) else { continue };
        let cells = COLUMNS.iter().map(|column| cell((column.figure)(row, clock), column.decimals));
        writeln!(f, "{policy:NAME$}{}", cells.collect::<String>())?;
    }
    writeln!(f)
}

fn write_averages(study: &Study, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(clock) = study.average(&Kind::REGULAR, PolicyName::Clock12) else { return Ok(()) };
    let kinds: Vec<_> = Kind::REGULAR.iter().map(|kind| kind.name()).collect();
    writeln!(f, "average of {}", kinds.join(", "))?;
    let headings = ["fires", "/clock", "median", "/clock", "mean", "/clock", "late%"];
    writeln!(f, "{:NAME$}{}", "", headings.map(|heading| format!("{heading:>CELL$}")).concat())?;
    for policy in study.policies() {
        let Some(average) = study.average(&Kind::REGULAR, policy) else { continue };
        writeln!(f, "{policy:NAME$}{}", averages(&average, &clock))?;
    }
    writeln!(f)
}

fn averages(average: &Averages, clock: &Averages) -> String {
    [
        cell(average.fires_per_day, 2),
        cell(ratio(average.fires_per_day, clock.fires_per_day), 2),
        cell(average.median, 0),
        cell(ratio(average.median, clock.median), 2),
        cell(average.mean, 0),
        cell(ratio(average.mean, clock.mean), 2),
        cell(percent(average.late), 1),
    ]
    .concat()
}
