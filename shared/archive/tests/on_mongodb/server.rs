//! A MongoDB for one test: that of `MONGODB_URI`, else one of our own.

use archive::{Archive, Settings};
use backends::{Backends, Choice, Options};

pub(crate) struct Server {
    pub(crate) uri: String,
    pub(crate) own: Option<Backends>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        if let Ok(uri) = std::env::var("MONGODB_URI") {
            return Self { uri, own: None };
        }
        let options = Options { choice: Choice::Native, ..Options::default() };
        let own = backends::start(&options, |_| ())
            .await
            .expect("these tests need MongoDB, and none could be started");
        Self { uri: own.endpoints.mongodb_uri.clone(), own: Some(own) }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings { mongodb_uri: self.uri.clone() }
    }

    pub(crate) async fn connect(&self, name: &str) -> Archive {
        Archive::connect(&self.settings(), &namespace(name)).await.expect("the address can be read")
    }

    pub(crate) async fn archive(&self, name: &str) -> Archive {
        let archive = self.connect(name).await;
        archive.create_collections().await.expect("MongoDB answers");
        archive
    }

    /// Stops the server if it is ours to stop; tells whether it is gone.
    pub(crate) async fn stop(self) -> bool {
        let Some(own) = self.own else { return false };
        own.stop().await.expect("the server stops");
        true
    }
}

/// A namespace of this process alone; the database is named alike.
pub(crate) fn namespace(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}
