//! A call of any rpc by its path alone: what goes in and comes out are bytes.

use prost::bytes::{Buf as _, BufMut as _};
use std::str::FromStr as _;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Status};

/// The metadata key that names one user when a uid has several.
const USER_KEY: &str = "relais-user";

/// Takes messages as the bytes they are.
#[derive(Clone, Copy, Default, Debug)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; from.remaining()];
        from.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}

pub(crate) async fn call(
    channel: Channel,
    path: &str,
    user: &str,
    request: Vec<u8>,
) -> Result<Vec<u8>, Status> {
    let wrong = |what: &str| Status::unknown(format!("this test made a wrong {what}"));
    let path = PathAndQuery::from_str(path).map_err(|_| wrong("path"))?;
    let mut request = Request::new(request);
    let user = MetadataValue::try_from(user).map_err(|_| wrong("user"))?;
    request.metadata_mut().insert(USER_KEY, user);
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unknown(format!("nobody listens: {error}")))?;
    Ok(client.unary(request, path, Bytes).await?.into_inner())
}
