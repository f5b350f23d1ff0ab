//! Small versioned documents.

use super::failure::{conflict, equal};
use super::{Backend, Failure, sample};
use crate::Store;
use crate::batch::{Batch, DocumentWrite, Expected};
use crate::rows::{Document, Shelf};

const LARGE: usize = 100_000;

fn body(seed: u64) -> Vec<u8> {
    sample::secret("document", seed, 60).into_exposed()
}

fn put(shelf: Shelf, key: &[u8], expected_version: Expected, seed: u64) -> DocumentWrite {
    DocumentWrite { shelf, key: key.to_vec(), expected_version, body: Some(body(seed)) }
}

fn removal(shelf: Shelf, key: &[u8], expected_version: Expected) -> DocumentWrite {
    DocumentWrite { shelf, key: key.to_vec(), expected_version, body: None }
}

fn batch(write: DocumentWrite) -> Batch {
    Batch { documents: vec![write], ..Batch::default() }
}

async fn read(store: &dyn Store, shelf: Shelf, key: &[u8]) -> Result<Option<(u64, Vec<u8>)>, Failure> {
    let found = store.document(shelf, key).await?;
    found
        .map(|document| {
            equal(document.key, key.to_vec())?;
            Ok((document.version, document.body))
        })
        .transpose()
}

pub(super) async fn a_document_grows_by_one_with_every_write(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    for shelf in Shelf::ALL.iter().copied() {
        equal(read(&*store, shelf, b"key").await?, None)?;
        store.commit(batch(put(shelf, b"key", Expected::Absent, 1))).await?;
        equal(read(&*store, shelf, b"key").await?, Some((1, body(1))))?;
        store.commit(batch(put(shelf, b"key", Expected::Version(1), 2))).await?;
        equal(read(&*store, shelf, b"key").await?, Some((2, body(2))))?;
        store.commit(batch(put(shelf, b"key", Expected::Any, 3))).await?;
        equal(read(&*store, shelf, b"key").await?, Some((3, body(3))))?;
        store.commit(batch(put(shelf, b"new", Expected::Any, 4))).await?;
        equal(read(&*store, shelf, b"new").await?, Some((1, body(4))))?;
    }
    Ok(())
}

pub(super) async fn a_document_of_another_version_is_a_conflict(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    for shelf in [Shelf::Peer, Shelf::FollowUp] {
        conflict(store.commit(batch(put(shelf, b"key", Expected::Version(1), 1))).await)?;
        conflict(store.commit(batch(put(shelf, b"key", Expected::Version(0), 1))).await)?;
        equal(read(&*store, shelf, b"key").await?, None)?;
        store.commit(batch(put(shelf, b"key", Expected::Absent, 1))).await?;
        store.commit(batch(put(shelf, b"key", Expected::Version(1), 2))).await?;
        for expected in [Expected::Absent, Expected::Version(1), Expected::Version(3)] {
            conflict(store.commit(batch(put(shelf, b"key", expected, 9))).await)?;
            conflict(store.commit(batch(removal(shelf, b"key", expected))).await)?;
        }
        equal(read(&*store, shelf, b"key").await?, Some((2, body(2))))?;
    }
    Ok(())
}

pub(super) async fn a_removed_document_begins_again(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for shelf in [Shelf::Invitation, Shelf::FollowUp] {
        for expected in [Expected::Version(2), Expected::Any] {
            store.commit(batch(put(shelf, b"key", Expected::Absent, 1))).await?;
            store.commit(batch(put(shelf, b"key", Expected::Version(1), 2))).await?;
            store.commit(batch(put(shelf, b"other", Expected::Any, 3))).await?;
            store.commit(batch(removal(shelf, b"key", expected))).await?;
            equal(read(&*store, shelf, b"key").await?, None)?;
            equal(read(&*store, shelf, b"other").await?.map(|(_, body)| body), Some(body(3)))?;
        }
        store.commit(batch(removal(shelf, b"key", Expected::Any))).await?;
        store.commit(batch(put(shelf, b"key", Expected::Absent, 4))).await?;
        equal(read(&*store, shelf, b"key").await?, Some((1, body(4))))?;
    }
    Ok(())
}

pub(super) async fn documents_are_listed_by_prefix_and_key(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let keys: [&[u8]; 8] = [b"b", b"a\xff\xff", b"a", b"a\xff", b"a\x00", b"\xff\xff", b"A", b"\xff\xff\xff"];
    for shelf in [Shelf::Record, Shelf::FollowUp] {
        let writes = (1..).zip(keys).map(|(seed, key)| put(shelf, key, Expected::Absent, seed));
        store.commit(Batch { documents: writes.collect(), ..Batch::default() }).await?;
    }
    store.commit(batch(put(Shelf::User, b"a", Expected::Absent, 20))).await?;
    for shelf in [Shelf::Record, Shelf::FollowUp] {
        let under_a: [&[u8]; 4] = [b"a", b"a\x00", b"a\xff", b"a\xff\xff"];
        equal(listed(&*store, shelf, b"a").await?, under_a.map(<[u8]>::to_vec).to_vec())?;
        equal(listed(&*store, shelf, b"a\xff").await?, vec![b"a\xff".to_vec(), b"a\xff\xff".to_vec()])?;
        equal(listed(&*store, shelf, b"\xff\xff").await?, vec![vec![0xff; 2], vec![0xff; 3]])?;
        equal(listed(&*store, shelf, b"c").await?, Vec::new())?;
        let mut all = keys.map(<[u8]>::to_vec).to_vec();
        all.sort();
        equal(listed(&*store, shelf, b"").await?, all)?;
    }
    let user = Document { key: b"a".to_vec(), version: 1, body: body(20) };
    equal(store.documents(Shelf::User, b"").await?, vec![user])?;
    equal(store.documents(Shelf::Peer, b"").await?, Vec::new())
}

pub(super) async fn documents_are_gone_through_piece_by_piece(
    backend: &mut dyn Backend,
) -> Result<(), Failure> {
    let store = backend.store();
    let keys: [&[u8]; 6] = [b"a", b"a\x00", b"a\x00\x00", b"ab", b"b", b"\xff\xff"];
    for shelf in [Shelf::Record, Shelf::FollowUp] {
        let writes = (1..).zip(keys).map(|(seed, key)| put(shelf, key, Expected::Absent, seed));
        store.commit(Batch { documents: writes.collect(), ..Batch::default() }).await?;
    }
    store.commit(batch(put(Shelf::User, b"a\x01", Expected::Absent, 20))).await?;
    for shelf in [Shelf::Record, Shelf::FollowUp] {
        for (prefix, limit) in
            [(&b""[..], 1), (b"", 2), (b"", 7), (b"a", 1), (b"a", 3), (b"\xff", 1), (b"c", 1)]
        {
            let (mut all, mut after) = (Vec::new(), Vec::new());
            // One piece more than there are keys: the last finds nothing.
            for _ in 0..=keys.len() {
                let piece = store.documents_after(shelf, prefix, &after, limit).await?;
                equal(piece.len() <= limit as usize, true)?;
                if let Some(last) = piece.last() {
                    after.clone_from(&last.key);
                }
                all.extend(piece);
            }
            equal(all, store.documents(shelf, prefix).await?)?;
        }
    }
    Ok(())
}

async fn listed(store: &dyn Store, shelf: Shelf, prefix: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let documents = store.documents(shelf, prefix).await?;
    Ok(documents.into_iter().map(|document| document.key).collect())
}

pub(super) async fn a_document_may_be_empty_or_large(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    for shelf in Shelf::ALL.iter().copied() {
        for length in [0, 1, LARGE] {
            let body = sample::secret("large", 1, length).into_exposed();
            let key = length.to_be_bytes().to_vec();
            let write = DocumentWrite {
                shelf,
                key: key.clone(),
                expected_version: Expected::Absent,
                body: Some(body.clone()),
            };
            store.commit(batch(write)).await?;
            equal(read(&*store, shelf, &key).await?, Some((1, body)))?;
        }
    }
    Ok(())
}

pub(super) async fn documents_survive_reopening(backend: &mut dyn Backend) -> Result<(), Failure> {
    for shelf in Shelf::ALL.iter().copied() {
        let store = backend.store();
        store.commit(batch(put(shelf, b"kept", Expected::Absent, 1))).await?;
        store.commit(batch(put(shelf, b"kept", Expected::Version(1), 2))).await?;
        store.commit(batch(put(shelf, b"gone", Expected::Absent, 3))).await?;
        store.commit(batch(removal(shelf, b"gone", Expected::Version(1)))).await?;
    }
    backend.reopen().await;
    let store = backend.store();
    for shelf in Shelf::ALL.iter().copied() {
        equal(read(&*store, shelf, b"kept").await?, Some((2, body(2))))?;
        equal(read(&*store, shelf, b"gone").await?, None)?;
        store.commit(batch(put(shelf, b"kept", Expected::Version(2), 4))).await?;
        equal(read(&*store, shelf, b"kept").await?, Some((3, body(4))))?;
    }
    Ok(())
}
