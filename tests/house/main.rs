//! The rules of the house, checked: who may use whom, the form of files, words, licences. Each rule shows that it can fail.

mod arrows;
mod form;
mod packages;
mod prose;
mod source;
