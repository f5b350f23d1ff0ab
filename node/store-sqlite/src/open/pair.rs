//! That the two files belong together, and to this node key.

use super::OpenError;
use super::folder::Folder;
use crate::fault::Fault;
use crate::sql::store::StoreId;
use crate::sql::{data_key, store};
use crate::writer::Files;
use relais_store::vault::{self, NodeKey};

/// What naming two new files may do.
enum Named {
    Yes,
    /// The keys are of data that are not there.
    Orphans,
}

/// Holds the files against each other and the key; names them if they are new.
pub(super) async fn pair(files: &mut Files, folder: &Folder, node_key: &NodeKey) -> Result<(), OpenError> {
    let of_keys = |fault| OpenError::of(fault, folder.keys());
    let of_data = |fault| OpenError::of(fault, folder.data());
    let keys = store::of_keys(&mut files.keys).await.map_err(of_keys)?;
    let data = store::of_data(&mut files.data).await.map_err(of_data)?;
    match (keys, data) {
        (Some((id, proof)), _) if !node_key.proves(&id, &proof) => Err(OpenError::WrongKey),
        (Some((keys, _)), Some(data)) if keys == data => Ok(()),
        (Some(_), Some(_)) => Err(OpenError::Unpaired),
        (None, Some(_)) => Err(OpenError::KeysMissing(folder.keys().to_owned())),
        (Some((id, _)), None) => match adopt(files, &id).await.map_err(of_data)? {
            Named::Yes => Ok(()),
            Named::Orphans => Err(OpenError::DataMissing(folder.data().to_owned())),
        },
        (None, None) => name(files, node_key).await.map_err(of_keys),
    }
}

/// Names both files, the keys first, so that data with a name always have keys with one.
async fn name(files: &mut Files, node_key: &NodeKey) -> Result<(), Fault> {
    let id: StoreId = vault::random()?;
    store::name_keys(&mut files.keys, &id, &node_key.proof(&id)?).await?;
    store::name_data(&mut files.data, &id).await
}

/// Names new data after keys whose naming a crash interrupted. Keys that were used already are of other data.
async fn adopt(files: &mut Files, id: &StoreId) -> Result<Named, Fault> {
    if data_key::any(&mut files.keys).await? {
        return Ok(Named::Orphans);
    }
    store::name_data(&mut files.data, id).await?;
    Ok(Named::Yes)
}
