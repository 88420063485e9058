//! A realm's place among those that share the caches.

use std::cell::RefCell;
use std::rc::Rc;

use super::origin::Origin;
use super::request::{Reply, answer};
use super::shelf::CacheId;

/// Dropping it lets go of the caches that the realm held.
pub(in crate::script) struct Seat {
    origin: Rc<RefCell<Origin>>,
    held: RefCell<Vec<CacheId>>,
}

impl Seat {
    pub(super) fn new(origin: Rc<RefCell<Origin>>) -> Self {
        Self { origin, held: RefCell::default() }
    }

    /// Answers a request of the realm's JavaScript. `bodies` are those it brings, in base64.
    pub(in crate::script) fn answer(&self, request: &str, bodies: Vec<Option<String>>) -> Result<Reply, String> {
        answer(&mut self.origin.borrow_mut(), &mut self.held.borrow_mut(), request, bodies)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        for id in self.held.take() {
            self.origin.borrow_mut().release(id);
        }
    }
}
