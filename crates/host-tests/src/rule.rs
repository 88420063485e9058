use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $text:literal;)*) => {
        /// What a host has to keep to, and what the machine does if it does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $variant,)*
            /// An invariant of background sync itself, or of what it shows: `I4` for example.
            Invariant(&'static str),
        }

        impl Rule {
            /// Every rule for hosts.
            pub const OF_HOSTS: &[Self] = &[$(Self::$variant,)*];

            /// A short name, for reports and tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Invariant(name) => name,
                }
            }

            /// What has to be so.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Invariant(_) => "an invariant of background sync",
                }
            }
        }
    };
}

rules! {
    /// What is stored for it would be deleted.
    RegistrationDenied = "registration-denied", "`state` never denies a service worker registration that there is";
    /// Its syncs would stay.
    RegistrationFollows = "registration-follows", "`state` says what became of a service worker registration";
    /// What is stored would be held for ever.
    WorkersKnown = "workers-known", "`Notice::WorkersKnown` is given once the engine has read its own registrations";
    /// The background budget and the wake-ups hang on it.
    WindowsFollow = "windows-follow", "`windows` says which windows there are";
    /// Events are dispatched when it says online.
    NetworkFollows = "network-follows", "the network oracle says what the network is, or that it does not know";
    /// Revocation hangs on it.
    PermissionFollows = "permission-follows", "`permission` says what the user decided";
    /// What the user switched off would go on.
    SwitchFollows = "switch-follows", "`user_switch` says what the user decided";
    /// Events would run that the system forbids.
    RestrictionFollows = "restriction-follows", "`restriction` says what the operating system allows";
    /// What one site is refused another one loses.
    SitesApart = "sites-apart", "what is done to one site, an origin in a partition, is done to no other";
    /// Nobody asks again.
    NoticeMissing = "notice-missing", "a change is told of when it is made";
    /// A promise that stays pending for ever.
    CallLost = "call-lost", "a call of `register` reaches the driver";
    /// I1 is about the moment of the call.
    FactsDisagree = "facts-disagree", "the facts of a call are what the hosts answer at that moment";
    /// A promise that stays pending for ever.
    ReplyLost = "reply-lost", "the reply to a call reaches the page";
    /// A page that believes what is not so.
    ReplyChanged = "reply-changed", "the page is told what was replied, and no sooner";
    /// Its event waits a second.
    ReceiptUnused = "receipt-unused", "the receipt of a reply is used once the promise is resolved";
    /// The start is waited for, for a minute or so.
    StartUnused = "start-unused", "a start ends: `ready`, `not_started`, or its token is dropped";
    /// The event runs to its cap.
    EventUnused = "event-unused", "an event ends: `finish`, or its token is dropped";
    /// Retries hang on it.
    OutcomeWrong = "outcome-wrong", "an event ends as its promises did";
    /// The worker goes on with nobody counting.
    TerminateIgnored = "terminate-ignored", "a worker that is terminated stops, and its event ends";
    /// Waits grow.
    ClockBack = "clock-back", "the monotonic clock never goes back";
    /// Caps and waits would go by in sleep.
    ClockSleeps = "clock-sleeps", "the monotonic clock stands still while the system sleeps";
    /// One commit is in flight at a time: nothing is registered any more.
    StoreSilent = "store-silent", "the store answers every load and every commit";
    /// I3: acknowledged is acknowledged.
    StoreForgets = "store-forgets", "what the store said is durable is there after a crash";
    /// A registration twice, or not at all.
    StoreHalves = "store-halves", "a batch is durable as a whole or not at all";
    /// A series begins again.
    StoreOld = "store-old", "batches take effect in their order";
    /// Nobody registered it.
    StoreInvents = "store-invents", "the store holds what it was given, and nothing else";
    /// A promise that is resolved and not kept, or calls that are refused for ever.
    StoreFailure = "store-failure", "a commit fails if the medium does not take it, and only then";
    /// What a newer version wrote would be lost.
    StoreNewer = "store-newer", "a store that a newer version wrote is refused, and left as it is";
    /// The device sleeps on.
    WakeUpLost = "wake-up-lost", "a wake-up that was asked for comes";
    /// What was being done is lost.
    HostPanicked = "host-panicked", "a host does not panic";
    /// The engine's loop is busy for nothing.
    NeverSettles = "never-settles", "engine and driver come to rest";
    /// What the whole is for.
    PromiseNotKept = "promise-not-kept", "an event that nothing holds back is fired, and ends what was registered";
    /// What the user took away stays away.
    NotTakenAway = "not-taken-away", "what is unregistered, revoked or cleared is gone";
}

impl Rule {
    /// Every rule for stores, which [`check_store`](crate::check_store) looks at.
    pub const OF_STORES: &[Self] = &[
        Self::StoreSilent,
        Self::StoreForgets,
        Self::StoreHalves,
        Self::StoreOld,
        Self::StoreInvents,
        Self::StoreFailure,
        Self::StoreNewer,
    ];
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
