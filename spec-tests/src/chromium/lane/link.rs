use std::process::Command;

/// One end of a pair, which the browser counts as its network.
const HERE: &str = "veth0";

/// The other end: what it is taken down for, the first one loses.
const THERE: &str = "veth1";

/// A network of this namespace's own: loopback for the server, and a pair of interfaces whose link goes down and up.
#[derive(Debug)]
pub(super) struct Link(());

impl Link {
    pub(super) fn lay() -> Result<Self, String> {
        ip(&["link", "set", "lo", "up"])?;
        ip(&["link", "add", HERE, "type", "veth", "peer", "name", THERE])?;
        // An address that comes a second after the link would be another change, and a browser drops its connections at each.
        ip(&["link", "set", HERE, "addrgenmode", "none"])?;
        ip(&["link", "set", THERE, "addrgenmode", "none"])?;
        // An interface counts when it is up, has a carrier, and an address that could lead somewhere.
        ip(&["addr", "add", "10.200.0.1/24", "dev", HERE])?;
        ip(&["addr", "add", "10.200.0.2/24", "dev", THERE])?;
        ip(&["link", "set", HERE, "up"])?;
        ip(&["link", "set", THERE, "up"])?;
        Ok(Self(()))
    }

    /// The cable is in, or out.
    pub(super) fn set(&self, up: bool) -> Result<(), String> {
        ip(&["link", "set", THERE, if up { "up" } else { "down" }])
    }
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(arguments).output().map_err(|error| format!("`ip`: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("`ip {}`: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}
