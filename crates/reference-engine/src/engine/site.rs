//! The files of a demo folder as web sites: `FOLDER/HOST/PATH` is `https://HOST/PATH`.

use std::path::{Path, PathBuf};

use url::Url;

/// The sites of one folder.
#[derive(Clone, Debug)]
pub struct Sites {
    folder: PathBuf,
}

/// A file of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFile {
    /// Its media type, from its name.
    pub content_type: &'static str,
    /// Its content.
    pub body: Vec<u8>,
}

impl Sites {
    /// The sites in `folder`, one folder a host.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn folder_of(&self, url: &Url) -> Option<PathBuf> {
        // A host of dots is an ordinary one to `url`.
        url.host_str().filter(|host| host.chars().any(|c| c != '.')).map(|host| self.folder.join(host))
    }

    /// Whether there is a folder for a URL's host.
    #[must_use]
    pub fn has_host(&self, url: &Url) -> bool {
        self.folder_of(url).is_some_and(|folder| folder.is_dir())
    }

    /// Where the file of a URL is or would be. `None` for a URL that leaves its host's folder.
    #[must_use]
    pub fn path_of(&self, url: &Url) -> Option<PathBuf> {
        let mut path = self.folder_of(url)?;
        for segment in url.path_segments()? {
            // `url` has resolved `..`; what is left could only be a drive or an absolute path.
            if segment.contains(['/', '\\', ':']) {
                return None;
            }
            path.push(segment);
        }
        if url.path().ends_with('/') {
            path.push("index.html");
        }
        Some(path)
    }

    /// The file of a URL, if there is one.
    #[must_use]
    pub fn file(&self, url: &Url) -> Option<SiteFile> {
        let path = self.path_of(url)?;
        let body = std::fs::read(&path).ok()?;
        let content_type = match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => "text/html",
            Some("js" | "mjs") => "text/javascript",
            Some("json") => "application/json",
            Some("css") => "text/css",
            _ => "text/plain",
        };
        Some(SiteFile { content_type, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_cannot_leave_its_hosts_folder() {
        let sites = Sites::new(Path::new("/demo"));
        let path = |url: &str| sites.path_of(&Url::parse(url).unwrap());
        assert_eq!(path("https://a.example/"), Some("/demo/a.example/index.html".into()));
        assert_eq!(path("https://a.example/x/../../../etc/passwd"), Some("/demo/a.example/etc/passwd".into()));
        assert_eq!(path("https://a.example/%2e%2e/%2e%2e/secret"), Some("/demo/a.example/secret".into()));
        assert_eq!(path("data:text/plain,x"), None);
        assert_eq!(path("https://../secret"), None);
    }
}
