use std::convert::Infallible;

use crate::{EngineHost, Hosts};

/// What makes the hosts of a thread: the hosts themselves, or a `Result` of them where something can fail.
pub trait IntoHosts {
    /// The engine.
    type Engine: EngineHost;
    /// Why they could not be made.
    type Error;

    /// The hosts.
    ///
    /// # Errors
    /// When they could not be made.
    fn into_hosts(self) -> Result<Hosts<Self::Engine>, Self::Error>;
}

impl<E: EngineHost> IntoHosts for Hosts<E> {
    type Engine = E;
    type Error = Infallible;

    fn into_hosts(self) -> Result<Self, Infallible> {
        Ok(self)
    }
}

impl<E: EngineHost, R> IntoHosts for Result<Hosts<E>, R> {
    type Engine = E;
    type Error = R;

    fn into_hosts(self) -> Self {
        self
    }
}
