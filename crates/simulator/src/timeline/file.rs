use std::{fmt, marker::PhantomData, time::Duration};

use background_sync::policy::{Incarnation, Origin, RegistrationKey, StorageKey};
use background_sync::scheduler::{InvalidParameters, Preset, ValidParameters};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use toml::Spanned;
use url::Url;

use super::place::{Place, Reader};
use super::sense::{Sense, look};
use super::{
    Expectation, Overrides, PartitionName, Step, Time, TimelineError, Word, WorkerCondition, WorkerName, spelled,
};

/// What happens when, and what is expected when. See [the module](crate::timeline) for the format.
///
/// `S` is what may happen. The bare machine knows [`Step`]; an engine with real pages has a richer type.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline<S = Step> {
    /// What it shows, in a few words.
    pub title: String,
    /// Ids of steps, invariants (`I4`) and decisions it covers.
    pub covers: Vec<String>,
    /// The parameters it starts from.
    pub preset: Preset,
    /// Seed of the machine.
    pub seed: u64,
    /// Chance has drawn it: only the invariants count, steps may do nothing, and nothing need be expected.
    pub drawn: bool,
    /// Parameters that differ.
    pub parameters: Overrides,
    /// Service worker registrations there are at the start.
    pub workers: Vec<WorkerDeclaration>,
    /// Everything else, in order; moments never go backwards.
    pub steps: Vec<TimedStep<S>>,
}

/// One `[[step]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedStep<S = Step> {
    /// When, since the start.
    pub at: Time,
    /// What happens, in the order of the file.
    pub acts: Vec<S>,
    /// What is expected after that.
    pub expect: Vec<Expected>,
    /// The line it begins on; 0 when it was not read from a file.
    pub line: usize,
}

/// Something that is expected, and where that stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// What.
    pub what: Expectation,
    /// Where.
    pub place: Place,
}

/// One `[[worker]]`: a service worker registration that exists from the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerDeclaration {
    /// What the timeline calls it.
    pub name: WorkerName,
    /// Its scope, an absolute URL. The origin follows from it.
    #[serde(deserialize_with = "checked_scope")]
    pub scope: String,
    /// Its partition.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// The top-level site it is embedded in, for a third-party one.
    pub third_party_of: Option<String>,
    /// What it has at the start.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub state: WorkerCondition,
}

fn checked_scope<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    origin_of(&text).map_err(D::Error::custom)?;
    Ok(text)
}

fn origin_of(scope: &str) -> Result<Origin, String> {
    let url = Url::parse(scope).map_err(|error| format!("`{scope}`: {error}"))?;
    Origin::of(&url).map_err(|error| format!("`{scope}`: {error}"))
}

impl WorkerDeclaration {
    /// The key of one life of it.
    ///
    /// # Errors
    /// When the scope is not a URL with a tuple origin, which reading a file has checked.
    pub fn key(&self, incarnation: Incarnation) -> Result<RegistrationKey, String> {
        let origin = origin_of(&self.scope)?;
        let storage_key = match &self.third_party_of {
            Some(site) => StorageKey::third_party(origin, site),
            None => StorageKey::first_party(origin),
        };
        RegistrationKey::new(self.partition.0, storage_key, &self.scope, incarnation)
            .map_err(|error| format!("`{}`: {error}", self.scope))
    }
}

impl<S> Timeline<S> {
    /// Its parameters, looked at.
    ///
    /// # Errors
    /// The field that makes no sense.
    pub fn valid_parameters(&self) -> Result<ValidParameters, InvalidParameters> {
        let mut parameters = self.preset.parameters().into_parameters();
        self.parameters.apply(&mut parameters);
        parameters.validated()
    }
}

impl<S: Sense> Timeline<S> {
    /// Reads a timeline. `file` is what errors call it.
    ///
    /// # Errors
    /// The first thing that is wrong, or that makes no sense: a name that nothing has, a step that does nothing, an
    /// expectation that cannot fail.
    pub fn parse(file: &str, text: &str) -> Result<Self, TimelineError> {
        let raw: RawTimeline<S> = toml::from_str(text).map_err(|error| TimelineError::of_toml(file, text, &error))?;
        let timeline = raw.resolve(file, text)?;
        look(&timeline).map_err(|nonsense| {
            let place = (nonsense.path.as_slice(), nonsense.half);
            TimelineError::of(file, text, place, nonsense.message, nonsense.help)
        })?;
        Ok(timeline)
    }
}

impl<S: Word> Timeline<S> {
    /// The file that reads back as this timeline. A word can stand in a step only once: what was not read from
    /// a file has to keep to that.
    ///
    /// # Errors
    /// When TOML cannot hold a value, which no step of this crate is like.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        use std::fmt::Write as _;
        let header = Header {
            title: &self.title,
            covers: &self.covers,
            preset: self.preset,
            seed: self.seed,
            drawn: self.drawn,
            parameters: &self.parameters,
            worker: &self.workers,
        };
        let mut text = toml::to_string(&header)?;
        for step in &self.steps {
            let _ = write!(text, "\n[[step]]\nat = \"{}\"\n", step.at);
            for act in &step.acts {
                let _ = writeln!(text, "{} = {}", act.word(), act.value()?);
            }
            for Expected { what: expectation, .. } in &step.expect {
                let _ = writeln!(text, "expect.{} = {}", expectation.word(), expectation.value()?);
            }
        }
        Ok(text)
    }
}

#[derive(Serialize)]
struct Header<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    covers: &'a [String],
    preset: Preset,
    seed: u64,
    #[serde(skip_serializing_if = "spelled::is_default")]
    drawn: bool,
    #[serde(skip_serializing_if = "spelled::is_default_ref")]
    parameters: &'a Overrides,
    worker: &'a [WorkerDeclaration],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "S: Word")]
struct RawTimeline<S: Word> {
    title: String,
    #[serde(default)]
    covers: Vec<String>,
    #[serde(default)]
    preset: Preset,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    drawn: bool,
    #[serde(default)]
    parameters: Option<Spanned<Overrides>>,
    #[serde(default)]
    worker: Vec<WorkerDeclaration>,
    #[serde(default)]
    step: Vec<Spanned<RawStep<S>>>,
}

struct RawStep<S> {
    at: Option<Time>,
    after: Option<Time>,
    acts: Vec<S>,
    /// With the byte at which each begins.
    expect: Vec<(usize, Expectation)>,
}

impl<S: Word> RawTimeline<S> {
    fn resolve(self, file: &str, text: &str) -> Result<Timeline<S>, TimelineError> {
        let wrong = |place: usize, message: String, help: &str| {
            TimelineError::at(file, text, place, message, Some(help.to_owned()))
        };
        let mut now = Duration::ZERO;
        let mut steps = Vec::new();
        let mut reader = Reader::new(text);
        for step in self.step {
            let place = step.span().start;
            let step = step.into_inner();
            now = step.moment(now).map_err(|(problem, help)| wrong(place, problem, help))?;
            let line = reader.place(place).line;
            let expect = step.expect.into_iter();
            let expect = expect.map(|(byte, what)| Expected { what, place: reader.place(byte) }).collect();
            steps.push(TimedStep { at: Time(now), acts: step.acts, expect, line });
        }
        let (place, parameters) = match self.parameters {
            Some(spanned) => (spanned.span().start, spanned.into_inner()),
            None => (0, Overrides::default()),
        };
        let timeline = Timeline {
            title: self.title,
            covers: self.covers,
            preset: self.preset,
            seed: self.seed,
            drawn: self.drawn,
            parameters,
            workers: self.worker,
            steps,
        };
        match timeline.valid_parameters() {
            Ok(_) => Ok(timeline),
            Err(error) => Err(wrong(place, error.to_string(), "change it under [parameters]")),
        }
    }
}

impl<S> RawStep<S> {
    /// When it is, or what is wrong with that and what to do.
    fn moment(&self, previous: Duration) -> Result<Duration, (String, &'static str)> {
        match (self.at, self.after) {
            (Some(_), Some(_)) => Err(("a step has `at` or `after`, not both".to_owned(), "leave one out")),
            (Some(Time(at)), None) if at < previous => {
                let problem = format!("this step is at {}, the one before it at {}", Time(at), Time(previous));
                Err((problem, "times never go backwards"))
            }
            (Some(Time(at)), None) => Ok(at),
            // What is longer could not be written.
            (None, Some(Time(after))) => match previous.checked_add(after).filter(|at| *at <= Time::LONGEST.0) {
                Some(at) => Ok(at),
                None => Err((format!("this step is later than {}", Time::LONGEST), "that is the last moment there is")),
            },
            (None, None) => Ok(previous),
        }
    }
}

impl<'de, S: Word> Deserialize<'de> for RawStep<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<S>(PhantomData<S>);
        impl<'de, S: Word> serde::de::Visitor<'de> for Visitor<S> {
            type Value = RawStep<S>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with `at`, what happens, and `expect`")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<RawStep<S>, A::Error> {
                let mut step = RawStep { at: None, after: None, acts: Vec::new(), expect: Vec::new() };
                while let Some(word) = map.next_key::<String>()? {
                    match word.as_str() {
                        "at" => step.at = Some(map.next_value()?),
                        "after" => step.after = Some(map.next_value()?),
                        "expect" => step.expect = map.next_value::<Words<Expectation>>()?.0,
                        word => step.acts.push(map.next_value_seed(Value(word, PhantomData))?),
                    }
                }
                Ok(step)
            }
        }
        deserializer.deserialize_map(Visitor(PhantomData))
    }
}

/// A table of words with their values and places, in the order of the file.
struct Words<W>(Vec<(usize, W)>);

impl<'de, W: Word> Deserialize<'de> for Words<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<W>(PhantomData<W>);
        impl<'de, W: Word> serde::de::Visitor<'de> for Visitor<W> {
            type Value = Words<W>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of expectations")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Words<W>, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = map.next_key::<Spanned<String>>()? {
                    words.push((word.span().start, map.next_value_seed(Value(word.get_ref(), PhantomData))?));
                }
                Ok(Words(words))
            }
        }
        deserializer.deserialize_map(Visitor(PhantomData))
    }
}

/// The value that follows a word.
struct Value<'a, W>(&'a str, PhantomData<W>);

impl<'de, W: Word> serde::de::DeserializeSeed<'de> for Value<'_, W> {
    type Value = W;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<W, D::Error> {
        W::read(self.0, deserializer)
    }
}
