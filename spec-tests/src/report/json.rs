use serde_json::{Value, json};

use super::Conformance;

impl Conformance<'_> {
    /// The same for programs: what each subject made of each fixture, and what each step's fixtures are.
    #[must_use]
    pub fn json(&self) -> Value {
        let subjects = self.subjects.iter().map(|subject| {
            let results = subject.played.iter().map(|(name, played)| {
                let message = played.outcome.as_ref().err();
                json!({ "fixture": name, "passed": message.is_none(), "message": message })
            });
            json!({ "name": subject.name, "results": results.collect::<Vec<_>>() })
        });
        let algorithms = self.parts().into_iter().map(|part| {
            let steps = part.steps.iter().map(|id| {
                json!({
                    "id": id,
                    "cited": self.citations.has(id),
                    "fixtures": self.fixtures_of(id),
                    "replaced_by": self.catalogue.replaced.get(*id),
                })
            });
            json!({ "name": part.name, "steps": steps.collect::<Vec<_>>() })
        });
        json!({
            "fixtures": self.fixtures.len(),
            "subjects": subjects.collect::<Vec<_>>(),
            "algorithms": algorithms.collect::<Vec<_>>(),
        })
    }
}
