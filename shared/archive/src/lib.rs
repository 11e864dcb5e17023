//! MongoDB as the city's memory: one document for every record of the archived topics. The only crate that sees `mongodb`.
//!
//! Read in this order: `collection` (what is kept and how), `document` and `document_id` (a record as a document),
//! `insert` (many documents, one operation), `read` (getting them back), `story` and `rides` (what people ask).
//! What is absent on purpose: updates and deletes. A document is written once and never changed.

mod archive;
mod collection;
mod cursor;
mod document;
mod document_id;
mod insert;
mod read;
mod rides;
mod schema;
mod settings;
mod story;

pub use archive::Archive;
pub use collection::Collection;
pub use cursor::{Cursor, NotACursor};
pub use document::{Document, StoredDocument, Unstorable};
pub use document_id::{DocumentId, NotADocumentId};
pub use insert::Inserted;
pub use read::IdReader;
pub use rides::RideRecord;
pub use settings::Settings;
pub use story::StoryLine;
