//! MongoDB as the city's memory: one document for every record of the archived topics. The only crate that sees `mongodb`.
//!
//! Read in this order: `collection` (what is kept and how), `document` and `document_id` (a record as a document),
//! `insert` (many documents, one operation), `read` and `queries` (getting them back).
//! What is absent on purpose: updates and deletes. A document is written once and never changed.

mod archive;
mod collection;
mod document;
mod document_id;
mod insert;
mod queries;
mod read;
mod schema;
mod settings;

pub use archive::Archive;
pub use collection::Collection;
pub use document::{Document, StoredDocument, Unstorable};
pub use document_id::{DocumentId, NotADocumentId};
pub use insert::Inserted;
pub use queries::StoryLine;
pub use read::IdReader;
pub use settings::Settings;
