//! What scripts see and what the engine sees of them.

mod events;
mod runaway;
mod support;
mod surface;
