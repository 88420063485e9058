//! Calls of `register`, one-shot and periodic.

use background_sync::AskedBy;
use background_sync::policy::{Facts, PermissionState, UserSwitch, WorkerState};
use background_sync::registration::{MinInterval, Tag};
use serde::{Deserialize, Serialize};

use super::{RequestName, Restriction, WorkerName, spelled};

/// Which global calls `register`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A window.
    #[default]
    Page,
    /// The service worker.
    Worker,
}

impl From<By> for AskedBy {
    fn from(by: By) -> Self {
        match by {
            By::Page => Self::Page,
            By::Worker => Self::Worker,
        }
    }
}

/// Makes a call: what is its own, and what both kinds have.
macro_rules! call {
    ($(#[$doc:meta])* $name:ident { $($(#[$own:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The service worker registration.
            pub worker: WorkerName,
            /// The tag.
            pub tag: Tag,
            $($(#[$own])* pub $field: $type,)*
            /// Who calls.
            #[serde(default, skip_serializing_if = "spelled::is_default")]
            pub by: By,
            /// What to call the request.
            pub id: Option<RequestName>,
            /// Top-level windows, as this request sees them.
            pub top_level: Option<u32>,
            /// Whether the caller is a secure context; it is unless said otherwise.
            pub secure_context: Option<bool>,
            /// Whether the caller is in a fenced frame; it is not unless said otherwise.
            pub fenced: Option<bool>,
            /// The permission.
            #[serde(default, with = "spelled::permission_option")]
            pub permission: Option<PermissionState>,
            /// The switch.
            #[serde(default, with = "spelled::switch_option")]
            pub switch: Option<UserSwitch>,
            /// What the operating system allows.
            pub restriction: Option<Restriction>,
            /// The worker as this request sees it.
            #[serde(default, with = "spelled::active_worker_option")]
            pub active_worker: Option<WorkerState>,
        }

        impl $name {
            /// The facts of the call: the world's where it does not say otherwise.
            #[must_use]
            pub fn facts(&self, world: Facts) -> Facts {
                let mut windows = world.windows;
                windows.top_level = self.top_level.unwrap_or(windows.top_level);
                Facts {
                    secure_context: self.secure_context.unwrap_or(world.secure_context),
                    fenced: self.fenced.unwrap_or(world.fenced),
                    worker: self.active_worker.unwrap_or(world.worker),
                    windows,
                    permission: self.permission.unwrap_or(world.permission),
                    switch: self.switch.unwrap_or(world.switch),
                    restriction: self.restriction.map_or(world.restriction, Into::into),
                }
            }
        }
    };
}

call! {
    /// See [`Step::Register`](super::Step::Register). The facts are those of the world, unless given here.
    Register {}
}

/// See [`Step::RegisterMany`](super::Step::RegisterMany). The facts are those of the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterMany {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The number that is the first tag; 1 when absent.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub from: u32,
    /// How many calls: for that tag and those that follow.
    pub count: u32,
    /// Each tag has so many code units, filled up with dots; as many as its number when absent.
    pub length: Option<usize>,
    /// What to call the last request.
    pub id: Option<RequestName>,
}

const fn first() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_first(number: &u32) -> bool {
    *number == first()
}

impl RegisterMany {
    /// The tags, in the order of the calls.
    pub fn tags(&self) -> impl Iterator<Item = Tag> {
        let length = self.length.unwrap_or(0);
        (self.from..self.from.saturating_add(self.count))
            .map(move |number| Tag::from(format!("{number:.<length$}").as_str()))
    }

    /// The calls.
    pub fn calls(&self) -> impl Iterator<Item = Register> {
        let last = self.count;
        (1..).zip(self.tags()).map(move |(number, tag)| Register {
            worker: self.worker.clone(),
            tag,
            by: By::Page,
            id: self.id.clone().filter(|_| number == last),
            top_level: None,
            secure_context: None,
            fenced: None,
            permission: None,
            switch: None,
            restriction: None,
            active_worker: None,
        })
    }
}

call! {
    /// See [`Step::RegisterPeriodic`](super::Step::RegisterPeriodic). The facts are those of the world, unless given
    /// here.
    RegisterPeriodic {
        /// `options.minInterval`: a number of milliseconds, or a length of time; 0 when absent.
        #[serde(default, with = "spelled::min_interval")]
        min_interval: MinInterval,
    }
}
