//! Fixtures that cover the specification step by step
