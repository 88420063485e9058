use background_sync::policy::{Facts, RegistrationKey};
use background_sync::registration::Tag;
use background_sync::{Input, Output, RegisterError, Reply, RequestId};

use crate::Rule;
use crate::answer::Promise;
use crate::findings::Findings;

/// Calls of `register`, from the page to the machine and back.
#[derive(Debug, Default)]
pub(crate) struct Calls(Vec<Call>);

#[derive(Debug)]
struct Call {
    key: RegistrationKey,
    tag: Tag,
    /// What the hosts answered when it was made.
    facts: Facts,
    promise: Promise,
    /// Its name in the machine, once it was heard there.
    request: Option<RequestId>,
    replied: Option<Result<(), RegisterError>>,
    receipt: bool,
}

impl Calls {
    pub(crate) fn made(&mut self, key: &RegistrationKey, tag: &Tag, facts: Facts, promise: Promise) {
        let (key, tag) = (key.clone(), tag.clone());
        self.0.push(Call { key, tag, facts, promise, request: None, replied: None, receipt: false });
    }

    pub(super) fn hear(&mut self, input: &Input, findings: &mut Findings) {
        match input {
            Input::Register { request, key, tag, facts, .. } => {
                let call =
                    self.0.iter_mut().find(|call| call.request.is_none() && call.key == *key && call.tag == *tag);
                let Some(call) = call else { return };
                call.request = Some(*request);
                // Both are of the caller's surroundings, which hosts are not asked about.
                let asked = Facts { secure_context: facts.secure_context, fenced: facts.fenced, ..call.facts };
                if asked != *facts {
                    findings
                        .add(Rule::FactsDisagree, format!("with the call came {facts:?}, the hosts said {asked:?}"));
                }
            }
            Input::ReplyDelivered { request } | Input::RequesterGone { request } => {
                if let Some(call) = self.of(*request) {
                    call.receipt = true;
                }
            }
            _ => {}
        }
    }

    /// What the machine wants done for one input. It was done before this is shown.
    pub(super) fn see(&mut self, outputs: &[Output], findings: &mut Findings) {
        for output in outputs {
            if let Output::Reply { request, reply: Reply::Registered(result) } = output
                && let Some(call) = self.of(*request)
            {
                call.replied = Some(*result);
            }
        }
        for call in &self.0 {
            if call.request.is_some() && call.replied.is_none() && call.promise.settled().is_some() {
                findings.add(Rule::ReplyChanged, format!("{:?} is settled before there is a reply", call.tag));
            }
        }
    }

    pub(super) fn at_rest(&mut self, findings: &mut Findings) {
        for call in &self.0 {
            let (tag, settled) = (&call.tag, call.promise.settled());
            match (call.request, call.replied, settled) {
                // An engine may refuse by itself what the driver would refuse.
                (None, _, Some(Err(_))) => {}
                (None, ..) => findings.add(Rule::CallLost, format!("the call for {tag:?} never came")),
                (Some(_), None, None) => {}
                (Some(_), None, Some(said)) => {
                    findings
                        .add(Rule::ReplyChanged, format!("{tag:?} is settled with {said:?} before there is a reply"));
                }
                (Some(_), Some(said), None) => {
                    findings.add(Rule::ReplyLost, format!("the reply for {tag:?} is {said:?}, and the page waits"));
                }
                (Some(_), Some(replied), Some(said)) => {
                    if replied != said {
                        let what = format!("{tag:?} was answered with {replied:?}, and the page was told {said:?}");
                        findings.add(Rule::ReplyChanged, what);
                    }
                    if said.is_ok() && !call.receipt {
                        findings.add(Rule::ReceiptUnused, format!("nothing is said about the reply for {tag:?}"));
                    }
                }
            }
        }
        self.0.retain(|call| call.replied.is_none());
    }

    fn of(&mut self, request: RequestId) -> Option<&mut Call> {
        self.0.iter_mut().find(|call| call.request == Some(request))
    }
}
