//! Siting against what can be known otherwise: every plan of tiny problems, and proven optima of a published kind.

mod cases;
mod large;
mod tiny;
