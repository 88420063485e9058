//! Plays every fixture and prints how this implementation conforms, step by step.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use background_sync_spec_tests::{
    BareMachine, Catalogue, Citations, Conformance, ExpectedFailures, Fixture, PlayedElsewhere, Subject,
};

const USAGE: &str = "\
conformance [report] [--json | --wptreport] [--with NAME=FILE]...
  report      plays every fixture on the bare machine and prints tables in Markdown
  --json      prints the same for programs
  --wptreport prints what the bare machine did in the form of the Web Platform Tests' tools
  --with      one more column: what a browser or another engine did, from a report in wptreport form";

fn main() -> ExitCode {
    match asked().map_err(Trouble::Usage).and_then(|(form, elsewhere)| conformance(&form, &elsewhere)) {
        Ok(surprises) if surprises.is_empty() => ExitCode::SUCCESS,
        Ok(surprises) => {
            surprises.iter().for_each(|surprise| eprintln!("not as expected: {surprise}"));
            ExitCode::FAILURE
        }
        Err(Trouble::Usage(what)) => {
            eprintln!("conformance: {what}\n{USAGE}");
            ExitCode::from(2)
        }
        Err(Trouble::Files(what)) => {
            eprintln!("conformance: {what}");
            ExitCode::from(2)
        }
    }
}

enum Trouble {
    Usage(String),
    Files(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Markdown,
    Json,
    Wpt,
}

fn asked() -> Result<(Form, Vec<PlayedElsewhere>), String> {
    let (mut form, mut elsewhere) = (Form::Markdown, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "report" => {}
            "--json" => form = Form::Json,
            "--wptreport" => form = Form::Wpt,
            "--with" => {
                let given = arguments.next().unwrap_or_default();
                let (name, file) =
                    given.split_once('=').ok_or("--with needs NAME=FILE, as in --with chromium=report.json")?;
                let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
                elsewhere.push(PlayedElsewhere::read(name, &text).map_err(|error| format!("{file}: {error}"))?);
            }
            other => return Err(format!("`{other}` is not known here")),
        }
    }
    Ok((form, elsewhere))
}

fn conformance(form: &Form, elsewhere: &[PlayedElsewhere]) -> Result<Vec<String>, Trouble> {
    let files = |error: String| Trouble::Files(error);
    let catalogue = Catalogue::read().map_err(|error| files(error.to_string()))?;
    let citations = Citations::of_the_crates().map_err(|error| files(error.to_string()))?;
    let expected = ExpectedFailures::read().map_err(|error| files(error.to_string()))?;
    let fixtures = Fixture::all().map_err(|error| files(error.to_string()))?;
    let strange = elsewhere.iter().find_map(|subject| Some((subject.name(), subject.strangers(&fixtures).next()?)));
    if let Some((name, test)) = strange {
        return Err(files(format!("{name} reports about {test}, and no fixture is called so")));
    }
    let machine = BareMachine { catalogue: &catalogue, now };
    let all = elsewhere.iter().map(|subject| subject as &dyn Subject);
    let subjects: Vec<&dyn Subject> = [&machine as &dyn Subject].into_iter().chain(all).collect();
    let begun = now();
    let conformance = Conformance::of((&catalogue, &citations), &fixtures, &subjects, &expected).map_err(files)?;
    match form {
        Form::Markdown => print!("{}", conformance.markdown()),
        Form::Json => println!("{}", conformance.json()),
        Form::Wpt => {
            let report = conformance.wptreport(machine.name(), (begun, now()));
            println!("{}", serde_json::to_string(&report).map_err(|error| files(error.to_string()))?);
        }
    }
    Ok(conformance.surprises().map(str::to_owned).collect())
}

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "a report says when it was made, and nothing depends on that")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
