//! Tabs, popups, frames.

use std::sync::Arc;

use background_sync_simulator::timeline::PartitionName;
use serde_json::json;

use super::{World, wait_until};
use crate::chromium::lane::browser::{self, Context};
use crate::chromium::lane::places::{Site, Window};
use crate::chromium::lane::server::PORT;

impl World<'_> {
    /// Opens a tab of an origin, and waits until its script runs.
    pub(super) fn open_page(&mut self, origin: &str, context: &Context) -> Result<browser::Target, String> {
        let number = self.places.number();
        let target = self.browser()?.open(&format!("{origin}/page.html?page={number}"), context.id.as_deref())?;
        self.wait_for_page(number)?;
        Ok(target)
    }

    pub(super) fn wait_for_page(&mut self, number: u64) -> Result<(), String> {
        let notes = Arc::clone(&self.notes);
        wait_until("a page does not load", || Ok(notes.is_here(number)))
    }

    pub(super) fn windows(&mut self, origin: &str, partition: PartitionName, wanted: [usize; 3]) -> Result<(), String> {
        let context = self.context(partition)?;
        let site = (partition, origin.to_owned());
        for (kind, count) in wanted.into_iter().enumerate() {
            while self.places.count(&site, kind) > count {
                if let Some(target) = self.places.take(&site, kind) {
                    self.browser()?.close(&target.holder)?;
                }
            }
            while self.places.count(&site, kind) < count {
                let window = match kind {
                    0 => {
                        let target = self.open_page(origin, &context)?;
                        Window { session: target.session.clone(), holder: target }
                    }
                    1 => self.open_popup(origin, &context)?,
                    _ => self.open_frame(origin, &context)?,
                };
                self.places.put(&site, kind, window);
            }
        }
        Ok(())
    }

    /// A window with an opener, of another site.
    pub(super) fn open_popup(&mut self, origin: &str, context: &Context) -> Result<Window, String> {
        let number = self.places.number();
        let browser = self.browser()?;
        let opener = browser.open(&format!("http://opener.localhost:{PORT}/embedder.html"), context.id.as_deref())?;
        browser.wait_for_document(&opener.session)?;
        let url = format!("{origin}/page.html?page={number}");
        browser.run(&opener.session, &format!("void open({})", json!(url)), false)?;
        self.wait_for_page(number)?;
        let browser = self.browser()?;
        let pages = browser.targets("page")?;
        let page = pages.iter().find(|page| page["url"] == url).ok_or("a popup has no target")?;
        let id = browser::word(page, "targetId")?;
        let session = browser.attach(&id)?;
        browser.close(&opener)?;
        let holder = browser::Target { id, session: session.clone() };
        Ok(Window { session, holder })
    }

    /// A frame in another site's page.
    pub(super) fn open_frame(&mut self, origin: &str, context: &Context) -> Result<Window, String> {
        let number = self.places.number();
        let browser = self.browser()?;
        let holder = browser.open(&format!("http://embedder.localhost:{PORT}/embedder.html"), context.id.as_deref())?;
        browser.wait_for_document(&holder.session)?;
        let url = json!(format!("{origin}/page.html?page={number}"));
        let script = format!("document.body.append(Object.assign(document.createElement('iframe'), {{ src: {url} }}))");
        browser.run(&holder.session, &script, false)?;
        self.wait_for_page(number)?;
        Ok(Window { session: holder.session.clone(), holder })
    }

    /// A page that has died gets a successor, as a user would reload it.
    pub(super) fn replace_page(&mut self, site: &Site) -> Result<(), String> {
        let context = self.context(site.0)?;
        self.places.take(site, 0);
        let target = self.open_page(&site.1, &context)?;
        self.places.put(site, 0, Window { session: target.session.clone(), holder: target });
        Ok(())
    }
}
