//! What the archive promises, on a real server.

use archive::{Collection, Document, DocumentId};
use events::driver_locations::LocationReport;
use mongodb::bson::doc;

use super::server::{Server, namespace};

const WRITTEN_MS: i64 = 1_700_000_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_keeps_its_promises_on_a_real_server() {
    let server = Server::start().await;
    collections_are_created_again_without_harm(&server).await;
    documents_lie_in_the_tree_of_their_ids(&server).await;
    a_collection_of_an_older_version_is_used_as_it_is(&server).await;
    documents_are_stored_once_however_often_they_come(&server).await;
    an_archive_that_was_never_written_is_empty(&server).await;
    ids_come_back_in_order_and_documents_by_id(&server).await;
    a_document_that_breaks_the_schema_is_refused_with_its_place(&server).await;
    what_was_acknowledged_outlives_a_kill(&server).await;
    server.stop().await;
}

fn collection(topic: &events::Topic) -> &'static Collection {
    Collection::of_topic(topic.name).unwrap()
}

fn report() -> LocationReport {
    serde_json::from_str(events::driver_locations::EXAMPLE).unwrap()
}

fn reports(partition: i32, offsets: std::ops::Range<i64>) -> Vec<Document> {
    offsets.map(|offset| Document::of(&report(), partition, offset, WRITTEN_MS + offset).unwrap()).collect()
}

async fn collections_are_created_again_without_harm(server: &Server) {
    let archive = server.archive("created").await;
    archive.create_collections().await.unwrap();
    for collection in Collection::all() {
        assert_eq!(archive.count(collection).await.unwrap(), 0);
    }
    archive.remove_all().await.unwrap();
}

async fn database(server: &Server, name: &str) -> mongodb::Database {
    let client = mongodb::Client::with_uri_str(&server.uri).await.unwrap();
    client.database(&namespace(name))
}

async fn documents_lie_in_the_tree_of_their_ids(server: &Server) {
    let archive = server.archive("clustered").await;
    let database = database(server, "clustered").await;
    let mut collections = database.list_collections().await.unwrap();
    let mut clustered = Vec::new();
    while collections.advance().await.unwrap() {
        let collection = collections.deserialize_current().unwrap();
        clustered.extend(collection.options.clustered_index.map(|_| collection.name));
    }
    clustered.sort_unstable();
    assert_eq!(clustered, ["driver_locations", "eta_updates"], "those without another index");
    archive.remove_all().await.unwrap();
}

async fn a_collection_of_an_older_version_is_used_as_it_is(server: &Server) {
    let database = database(server, "older").await;
    let hot = collection(&events::driver_locations::TOPIC);
    let refuses_all = doc! { "create": hot.name, "validator": { "nothing": "has this" } };
    database.run_command(refuses_all).await.unwrap();
    let archive = server.archive("older").await;
    let documents = reports(1, 0..10);
    let inserted = archive.insert(hot, &documents.iter().collect::<Vec<_>>()).await.unwrap();
    assert_eq!(inserted.documents, 10, "its validator is taken away");
    let (mut reader, mut ids) = (archive.ids(hot).await.unwrap(), Vec::new());
    assert!(reader.next_chunk(&mut ids).await.unwrap());
    assert!(ids.iter().map(|id| id.offset()).eq(0..10));
    assert_eq!(archive.documents(hot, &ids[3..5]).await.unwrap().len(), 2);
    archive.remove_all().await.unwrap();
}

async fn documents_are_stored_once_however_often_they_come(server: &Server) {
    let archive = server.archive("once").await;
    let hot = collection(&events::driver_locations::TOPIC);
    let documents = reports(1, 0..5000);
    let first: Vec<&Document> = documents[..3000].iter().collect();
    let inserted = archive.insert(hot, &first).await.unwrap();
    assert_eq!((inserted.documents, inserted.duplicates, inserted.operations), (3000, 0, 1));
    let all: Vec<&Document> = documents.iter().collect();
    let inserted = archive.insert(hot, &all).await.unwrap();
    assert_eq!((inserted.documents, inserted.duplicates, inserted.operations), (2000, 3000, 1));
    assert_eq!(archive.count(hot).await.unwrap(), 5000);
    archive.remove_all().await.unwrap();
}

async fn an_archive_that_was_never_written_is_empty(server: &Server) {
    let archive = server.connect("never").await;
    let hot = collection(&events::driver_locations::TOPIC);
    assert!(!archive.ids(hot).await.unwrap().next_chunk(&mut Vec::new()).await.unwrap());
    assert_eq!(archive.documents(hot, &[DocumentId::new(0, 0).unwrap()]).await.unwrap(), []);
}

async fn ids_come_back_in_order_and_documents_by_id(server: &Server) {
    let archive = server.archive("ids").await;
    let hot = collection(&events::driver_locations::TOPIC);
    let documents = [reports(0, 10..20), reports(1, 0..60_000), reports(2, 5..7)].concat();
    archive.insert(hot, &documents.iter().rev().collect::<Vec<_>>()).await.unwrap();
    let (mut reader, mut chunk, mut places) = (archive.ids(hot).await.unwrap(), Vec::new(), Vec::new());
    while reader.next_chunk(&mut chunk).await.unwrap() {
        places.extend(chunk.iter().map(|id| (id.partition(), id.offset())));
    }
    let expected = (10..20)
        .map(|offset| (0, offset))
        .chain((0..60_000).map(|offset| (1, offset)))
        .chain([(2, 5), (2, 6)]);
    assert!(places.into_iter().eq(expected));
    assert!(reader.foreign().is_empty());
    let wanted = [2, 0].map(|partition| DocumentId::new(partition, 6).unwrap());
    let found = archive.documents(hot, &wanted).await.unwrap();
    assert_eq!(found.len(), 1);
    let scattered = [59_999, 3, 5, 30_000, 60_000].map(|offset| DocumentId::new(1, offset).unwrap());
    let offsets = archive.documents(hot, &scattered).await.unwrap();
    assert_eq!(offsets.iter().map(|found| found.id.offset()).collect::<Vec<_>>(), [3, 5, 30_000, 59_999]);
    assert_eq!((found[0].id, found[0].timestamp_ms), (wanted[0], WRITTEN_MS + 6));
    assert_eq!(serde_json::Value::Object(found[0].fields.clone()), serde_json::to_value(report()).unwrap());
    archive.remove_all().await.unwrap();
}

async fn a_document_that_breaks_the_schema_is_refused_with_its_place(server: &Server) {
    let archive = server.archive("refused").await;
    let misplaced = reports(4, 9..10);
    let error = archive.insert(collection(&events::fares::TOPIC), &[&misplaced[0]]).await.unwrap_err();
    assert!(format!("{error:#}").contains("fares/4@9 was refused with code 121"), "{error:#}");
    archive.remove_all().await.unwrap();
}

async fn what_was_acknowledged_outlives_a_kill(server: &Server) {
    let archive = server.archive("killed").await;
    let hot = collection(&events::driver_locations::TOPIC);
    let documents = reports(1, 0..1000);
    archive.insert(hot, &documents.iter().collect::<Vec<_>>()).await.unwrap();
    let Some(own) = &server.own else { return archive.remove_all().await.unwrap() };
    let mongodb = own.server(backends::Server::Mongodb).unwrap();
    mongodb.kill().await.unwrap();
    mongodb.start().await.unwrap();
    assert_eq!(server.archive("killed").await.count(hot).await.unwrap(), 1000);
    archive.remove_all().await.unwrap();
}
