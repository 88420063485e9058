use std::collections::HashMap;

use background_sync::policy::{Origin, Partition, WindowClients};
use serde::{Deserialize, Serialize};
use servo_base::id::{BrowsingContextId, PipelineId};
use servo_url::ImmutableOrigin;

use crate::{TupleOrigin, partition};

/// What the constellation does with pipelines, as far as window clients are concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientEvent {
    /// It made one. Nobody counts it before it is fully active.
    PipelineCreated(NewPipeline),
    /// It is the current entry of its browsing context now; whichever was before is in the session history. The origin is
    /// its document's, which may be another than its URL's: that of `about:blank` is its creator's.
    FullyActive(PipelineId, ImmutableOrigin),
    /// It is gone.
    PipelineExited(PipelineId),
}

/// A pipeline, and what the constellation knows of its browsing context from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPipeline {
    /// Its own id.
    pub id: PipelineId,
    /// The browsing context that it is, or will be, an entry of.
    pub browsing_context_id: BrowsingContextId,
    /// The pipeline whose document contains that browsing context.
    pub parent_pipeline_id: Option<PipelineId>,
    /// The browsing context that opened it and can be reached from it; none with `noopener`.
    pub opener: Option<BrowsingContextId>,
    /// Whether the browsing context is private.
    pub is_private: bool,
}

/// An origin in a storage partition: whom windows are counted for.
pub type Site = (Partition, Origin);

/// The window clients of each origin, from the constellation's events. An event that makes no sense changes nothing.
#[derive(Debug, Default)]
pub struct Clients {
    pipelines: HashMap<PipelineId, NewPipeline>,
    /// The current entry of each browsing context, with its origin unless that is opaque.
    current: HashMap<BrowsingContextId, (PipelineId, Option<Origin>)>,
}

#[derive(Clone, Copy)]
enum FrameType {
    TopLevel,
    Auxiliary,
    Nested,
}

impl NewPipeline {
    const fn frame_type(&self) -> FrameType {
        match (self.parent_pipeline_id, self.opener) {
            (Some(_), _) => FrameType::Nested,
            (None, Some(_)) => FrameType::Auxiliary,
            (None, None) => FrameType::TopLevel,
        }
    }
}

impl Clients {
    /// Takes an event in, and says whose windows it changed: of two sites at most.
    pub fn handle(&mut self, event: ClientEvent) -> Vec<Site> {
        match event {
            ClientEvent::PipelineCreated(pipeline) => {
                self.pipelines.entry(pipeline.id).or_insert(pipeline);
                Vec::new()
            }
            ClientEvent::FullyActive(id, origin) => self.fully_active(id, origin),
            ClientEvent::PipelineExited(id) => self.exited(id),
        }
    }

    /// How many windows an origin has.
    #[must_use]
    pub fn windows(&self, partition: Partition, origin: &Origin) -> WindowClients {
        let mut windows = WindowClients::none();
        let current = self.current.values().filter(|(_, of)| of.as_ref() == Some(origin));
        let pipelines = current.filter_map(|(id, _)| self.pipelines.get(id));
        for pipeline in pipelines.filter(|pipeline| crate::partition(pipeline.is_private) == partition) {
            match pipeline.frame_type() {
                FrameType::TopLevel => windows.top_level += 1,
                FrameType::Auxiliary => windows.auxiliary += 1,
                // sync.def.background: a frame is no window that anybody sees.
                FrameType::Nested => {}
            }
        }
        windows
    }

    fn fully_active(&mut self, id: PipelineId, origin: ImmutableOrigin) -> Vec<Site> {
        let Some(&pipeline) = self.pipelines.get(&id) else { return Vec::new() };
        let origin = TupleOrigin::try_from(origin).ok().map(|origin| origin.ours().clone());
        let mut changed = self.leave(pipeline.browsing_context_id);
        let site = origin.clone().map(|origin| (partition(pipeline.is_private), origin));
        changed.extend(site.filter(|site| !changed.contains(site)));
        self.current.insert(pipeline.browsing_context_id, (id, origin));
        changed
    }

    fn exited(&mut self, id: PipelineId) -> Vec<Site> {
        let Some(pipeline) = self.pipelines.get(&id) else { return Vec::new() };
        let context = pipeline.browsing_context_id;
        let is_current = self.current.get(&context).is_some_and(|(current, _)| *current == id);
        let changed = if is_current { self.leave(context) } else { Vec::new() };
        self.pipelines.remove(&id);
        changed
    }

    /// A browsing context has no current entry for the moment.
    fn leave(&mut self, context: BrowsingContextId) -> Vec<Site> {
        let Some((id, Some(origin))) = self.current.remove(&context) else { return Vec::new() };
        let pipeline = self.pipelines.get(&id);
        pipeline.map(|pipeline| (partition(pipeline.is_private), origin)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use servo_base::id::{Index, PipelineNamespaceId};
    use servo_url::ServoUrl;

    use super::*;

    fn pipeline(index: u32) -> PipelineId {
        PipelineId { namespace_id: PipelineNamespaceId(1), index: Index::new(index).unwrap() }
    }

    fn context(index: u32) -> BrowsingContextId {
        BrowsingContextId { namespace_id: PipelineNamespaceId(1), index: Index::new(index).unwrap() }
    }

    fn of(url: &str) -> ImmutableOrigin {
        ServoUrl::parse(url).unwrap().origin()
    }

    fn site(url: &str) -> Site {
        (partition(false), Origin::parse(url).unwrap())
    }

    /// A pipeline in a browsing context, neither contained nor opened.
    fn tab(id: u32, browsing_context: u32) -> NewPipeline {
        NewPipeline {
            id: pipeline(id),
            browsing_context_id: context(browsing_context),
            parent_pipeline_id: None,
            opener: None,
            is_private: false,
        }
    }

    const A: &str = "https://a.example";
    const B: &str = "https://b.example";

    impl Clients {
        fn shows(&mut self, new: NewPipeline, url: &str) -> Vec<Site> {
            assert_eq!(self.handle(ClientEvent::PipelineCreated(new)), []);
            self.handle(ClientEvent::FullyActive(new.id, of(url)))
        }

        fn of(&self, url: &str) -> WindowClients {
            let (partition, origin) = site(url);
            self.windows(partition, &origin)
        }
    }

    #[test]
    fn frame_types_follow_from_parent_and_opener() {
        let mut clients = Clients::default();
        assert_eq!(clients.shows(tab(1, 1), A), [site(A)]);
        let opened = NewPipeline { opener: Some(context(1)), ..tab(2, 2) };
        assert_eq!(clients.shows(opened, A), [site(A)]);
        let frame = NewPipeline { parent_pipeline_id: Some(pipeline(1)), ..tab(3, 3) };
        clients.shows(frame, B);
        let frame_of_the_opened =
            NewPipeline { parent_pipeline_id: Some(pipeline(2)), opener: Some(context(1)), ..tab(4, 4) };
        clients.shows(frame_of_the_opened, B);
        assert_eq!(clients.of(A), WindowClients::new(1, 1));
        assert_eq!(clients.of(B), WindowClients::none(), "a frame is no window");
    }

    #[test]
    fn a_pipeline_counts_from_when_it_is_fully_active_to_when_another_is() {
        let mut clients = Clients::default();
        clients.handle(ClientEvent::PipelineCreated(tab(1, 1)));
        assert_eq!(clients.of(A), WindowClients::none(), "it loads");
        assert_eq!(clients.handle(ClientEvent::FullyActive(pipeline(1), of(A))), [site(A)]);
        assert_eq!(clients.shows(tab(2, 1), B), [site(A), site(B)]);
        assert_eq!(
            (clients.of(A), clients.of(B)),
            (WindowClients::none(), WindowClients::new(1, 0)),
            "A is in the history"
        );
        clients.handle(ClientEvent::FullyActive(pipeline(1), of(A)));
        assert_eq!((clients.of(A), clients.of(B)), (WindowClients::new(1, 0), WindowClients::none()), "and back");
        assert_eq!(clients.handle(ClientEvent::PipelineExited(pipeline(2))), [], "it was not shown");
        assert_eq!(clients.of(A), WindowClients::new(1, 0));
        assert_eq!(clients.handle(ClientEvent::PipelineExited(pipeline(1))), [site(A)]);
        assert_eq!(clients.of(A), WindowClients::none());
    }

    #[test]
    fn an_opaque_document_takes_the_place_and_is_nobodys_window() {
        let mut clients = Clients::default();
        clients.shows(tab(1, 1), A);
        assert_eq!(clients.shows(tab(2, 1), "data:text/html,x"), [site(A)]);
        assert_eq!(clients.of(A), WindowClients::none());
        // The document's own origin counts, not its URL's.
        clients.shows(tab(3, 3), A);
        assert_eq!(clients.of(A), WindowClients::new(1, 0));
    }

    #[test]
    fn private_windows_are_counted_apart() {
        let mut clients = Clients::default();
        clients.shows(NewPipeline { is_private: true, ..tab(1, 1) }, A);
        assert_eq!(clients.of(A), WindowClients::none());
        assert_eq!(clients.windows(partition(true), &site(A).1), WindowClients::new(1, 0));
    }

    #[test]
    fn what_is_unknown_or_said_twice_changes_nothing() {
        let mut clients = Clients::default();
        assert_eq!(clients.handle(ClientEvent::FullyActive(pipeline(1), of(A))), []);
        assert_eq!(clients.handle(ClientEvent::PipelineExited(pipeline(1))), []);
        clients.shows(tab(1, 1), A);
        clients.handle(ClientEvent::PipelineCreated(NewPipeline { opener: Some(context(2)), ..tab(1, 1) }));
        assert_eq!(clients.of(A), WindowClients::new(1, 0));
        clients.handle(ClientEvent::PipelineExited(pipeline(1)));
        assert_eq!(clients.handle(ClientEvent::PipelineExited(pipeline(1))), []);
        assert!(clients.pipelines.is_empty() && clients.current.is_empty(), "nothing is left behind");
    }
}
