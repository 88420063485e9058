//! Background sync's replies on their way back to the scripts that asked.

use std::cell::RefCell;
use std::rc::Rc;

use background_sync::policy::DomExceptionName;
use background_sync::registration::Tag;
use background_sync::{GetTagsError, Receipt, RegisterError, UnregisterError};

use super::running::RealmId;
use crate::script::{Answer, CallId, DomError};

/// One reply.
pub(super) struct Answered {
    pub(super) realm: RealmId,
    pub(super) call: CallId,
    pub(super) answer: Result<Answer, DomError>,
    pub(super) receipt: Receipt,
}

/// Replies that the engine has not taken yet. They come from the driver's callbacks, in its turns.
#[derive(Clone, Default)]
pub(super) struct Answers(Rc<RefCell<Vec<Answered>>>);

impl Answers {
    pub(super) fn push(&self, answered: Answered) {
        self.0.borrow_mut().push(answered);
    }

    pub(super) fn take(&self) -> Vec<Answered> {
        self.0.take()
    }
}

pub(super) fn registered(result: Result<(), RegisterError>) -> Result<Answer, DomError> {
    result.map(|()| Answer::Nothing).map_err(|error| dom_error(error.dom_exception(), error.message()))
}

pub(super) fn tags(result: Result<Vec<Tag>, GetTagsError>) -> Result<Answer, DomError> {
    result.map(Answer::Tags).map_err(|error| dom_error(error.dom_exception(), &error.to_string()))
}

pub(super) fn unregistered(result: Result<(), UnregisterError>) -> Result<Answer, DomError> {
    result.map(|()| Answer::Nothing).map_err(|error| dom_error(error.dom_exception(), &error.to_string()))
}

pub(super) fn dom_error(name: DomExceptionName, message: &str) -> DomError {
    DomError { name: name.name().to_owned(), message: message.to_owned() }
}
