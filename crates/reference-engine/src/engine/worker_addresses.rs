//! What `navigator.serviceWorker.register()` takes as a script and as a scope.

use background_sync::policy::{Origin, Scope};
use url::Url;

use crate::script::DomError;

/// A script's address and its scope: what was asked for, or the script's folder. A scope is never wider than that.
///
/// # Errors
/// What the caller's promise is rejected with.
pub(super) fn script_and_scope(
    script: &str,
    scope: Option<&str>,
    origin: &Origin,
) -> Result<(String, Scope), DomError> {
    let script = address(script)?;
    let folder = script.join("./").map_err(|error| DomError::type_error(&format!("{script}: {error}")))?;
    let scope = scope.map_or_else(|| Ok(folder.clone()), address)?;
    let insecure = |why: String| DomError::named("SecurityError", &why);
    if Origin::of(&script).as_ref() != Ok(origin) {
        return Err(insecure(format!("the script {script} is not of its page's origin {origin}")));
    }
    if Origin::of(&scope).as_ref() == Ok(origin) && !scope.path().starts_with(folder.path()) {
        return Err(insecure(format!("the scope {scope} is not in the script's folder {folder}; move the script")));
    }
    let of_origin = Scope::parse(scope.as_str(), origin);
    let scope = of_origin.map_err(|_| insecure(format!("the scope {scope} is not of its page's origin {origin}")))?;
    Ok((script.into(), scope))
}

/// An address of either, without its fragment.
fn address(text: &str) -> Result<Url, DomError> {
    let no_use = |why: &str| DomError::type_error(&format!("{text} is no address of a service worker: {why}"));
    let mut url = Url::parse(text).map_err(|error| no_use(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(no_use("it is neither https nor http"));
    }
    let path = url.path().to_ascii_lowercase();
    if path.contains("%2f") || path.contains("%5c") {
        return Err(no_use("its path hides a slash (%2f or %5c)"));
    }
    url.set_fragment(None);
    Ok(url)
}
