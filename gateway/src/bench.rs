//! Whole pages over a made-up node: what it answers is said beforehand, what it was asked can be looked at.

use crate::app;
use crate::config::Config;
use crate::cookie::SessionToken;
use crate::csrf;
use crate::form::encode;
use crate::node::Node;
use crate::tongue::{Language, Tongue};
use crate::visit::LANGUAGE_COOKIE;
use axum::body::{Body, to_bytes};
use axum::http::{self, HeaderMap, HeaderValue, Request, StatusCode, header};
use prost::Message;
use prost::bytes::BufMut as _;
use relais_proto::desk::v1 as desk;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tonic::Code;
use tonic::codec::{EncodeBody, EncodeBuf, Encoder, SingleMessageCompressionOverride};
use tonic::codegen::tokio_stream;
use tower::ServiceExt as _;

/// Bytes before a message of gRPC.
const PREFIX: usize = 5;
/// The largest page or message of a test.
const BYTES_MAX: usize = 8 << 20;
/// Who is signed in.
const USER: &str = "claire";
/// The session of every test.
const TOKEN: [u8; 32] = [7; 32];
/// The structure of every test.
pub(crate) const STRUCTURE: [u8; 32] = [1; 32];

type Answers = Arc<Mutex<HashMap<&'static str, Answer>>>;
type Asked = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

#[derive(Clone)]
enum Answer {
    Message(Vec<u8>),
    /// None, ever.
    Never,
    /// The first time this, then the other.
    First(Vec<u8>, Box<Answer>),
    No {
        code: Code,
        name: &'static str,
        field: &'static str,
        sentence: &'static str,
    },
}

/// A gateway before a made-up node.
pub(crate) struct Bench {
    router: axum::Router,
    answers: Answers,
    asked: Asked,
    language: &'static str,
    shown: Option<String>,
}

/// What a browser is answered.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    /// Where it leads on to; empty for nowhere.
    pub(crate) fn leads_to(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether a text stands on it, whatever space parts its words and marks.
    pub(crate) fn has(&self, part: &str) -> bool {
        let plain = |text: &str| text.replace(['\u{a0}', '\u{202f}'], " ");
        plain(&self.text).contains(&plain(part))
    }

    /// Checks that it is a whole page, and that nothing on it is left unsaid or runs.
    pub(crate) fn is_whole(&self) -> &Self {
        assert_eq!(self.text.matches("<h1").count(), 1, "one h1: {}", self.text);
        assert!(self.text.contains("</html>"));
        assert!(!self.text.contains("Unknown localization"), "words missing: {}", self.text);
        for bad in [" style=\"", " onclick=", "<script>", "javascript:"] {
            assert!(!self.text.contains(bad), "{bad} in {}", self.text);
        }
        self
    }

    /// The words a reader sees between the menu and the foot; what is folded away is not counted.
    pub(crate) fn words(&self) -> Vec<String> {
        let main = self.text.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>"));
        let main = main.map(|(main, _)| main).unwrap_or_default();
        let folded = |part: &str| part.split_once("</summary>").map_or("", |(summary, _)| summary).to_owned();
        let open = without(main, "<details>", "</details>", folded);
        let open = without(&open, "<noscript>", "</noscript>", |_| String::new());
        let mut shown = String::new();
        let mut inside = true;
        for letter in open.chars() {
            match letter {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    shown.push(' ');
                }
                other if !inside => shown.push(other),
                _ => {}
            }
        }
        let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
        shown.split_whitespace().filter(is_word).map(str::to_owned).collect()
    }
}

/// A text, with what stands between two marks replaced.
fn without(text: &str, from: &str, to: &str, instead: impl Fn(&str) -> String) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        let (part, onward) = after.split_once(to).unwrap_or((after, ""));
        left.push_str(before);
        left.push_str(&instead(part));
        rest = onward;
    }
    left + rest
}

impl Bench {
    /// A gateway to which someone with these roles is signed in.
    pub(crate) fn of(roles: &[desk::Role]) -> Self {
        let (answers, asked) = (Answers::default(), Asked::default());
        let node = Node::inside(made_up(Arc::clone(&answers), Arc::clone(&asked)));
        let config = Config::on("127.0.0.1:8080".parse().unwrap());
        let bench = Self { router: app::router(config, node), answers, asked, language: "fr", shown: None };
        let user = desk::UserView {
            name: USER.to_owned(),
            roles: roles.iter().map(|role| i32::from(*role)).collect(),
            ..Default::default()
        };
        bench.answers(
            "Whoami",
            &desk::WhoamiResponse {
                structure_id: STRUCTURE.to_vec(),
                structure_name: "Agence du Port".to_owned(),
                user: Some(user),
                uid: 1,
            },
        )
    }

    /// The same, read in another language.
    pub(crate) fn reading(self, language: Language) -> Self {
        Self { language: language.code(), ..self }
    }

    /// What the node answers from now on.
    pub(crate) fn answers(self, rpc: &'static str, message: &impl Message) -> Self {
        self.answers.lock().unwrap().insert(rpc, Answer::Message(message.encode_to_vec()));
        self
    }

    /// What the node answers the next time; after that, as it did until now.
    pub(crate) fn answers_first(self, rpc: &'static str, message: &impl Message) -> Self {
        let mut answers = self.answers.lock().unwrap();
        let then = answers.remove(rpc).expect("an answer to go on with");
        answers.insert(rpc, Answer::First(message.encode_to_vec(), Box::new(then)));
        drop(answers);
        self
    }

    /// What the node refuses from now on.
    pub(crate) fn refuses(
        self,
        rpc: &'static str,
        code: Code,
        name: &'static str,
        field: &'static str,
    ) -> Self {
        let sentence = "the node says no";
        self.answers.lock().unwrap().insert(rpc, Answer::No { code, name, field, sentence });
        self
    }

    /// What the node never answers from now on.
    pub(crate) fn hangs(self, rpc: &'static str) -> Self {
        self.answers.lock().unwrap().insert(rpc, Answer::Never);
        self
    }

    /// What the node was asked last by this name.
    pub(crate) fn asked<M: Message + Default>(&self, rpc: &str) -> Option<M> {
        self.each_asked(rpc).pop()
    }

    /// All that the node was asked by this name, in its order.
    pub(crate) fn each_asked<M: Message + Default>(&self, rpc: &str) -> Vec<M> {
        let asked = self.asked.lock().unwrap();
        let of_it = asked.iter().filter(|(name, _)| name == rpc);
        of_it.map(|(_, bytes)| M::decode(bytes.as_slice()).unwrap()).collect()
    }

    /// How often the node was asked by this name.
    pub(crate) fn times_asked(&self, rpc: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|(name, _)| name == rpc).count()
    }

    /// A request of this session, its body to be added.
    pub(crate) fn request(&self, method: &str, address: &str) -> http::request::Builder {
        let token = SessionToken::new(TOKEN.to_vec()).unwrap();
        let config = Config::on("127.0.0.1:8080".parse().unwrap());
        let given = crate::cookie::give(&config, &token).unwrap();
        let pair = given.to_str().unwrap().split(';').next().unwrap().to_owned();
        let cookies = format!("{pair}; {LANGUAGE_COOKIE}={}", self.language);
        Request::builder()
            .method(method)
            .uri(address)
            .header(header::HOST, "relais.example")
            .header(header::COOKIE, HeaderValue::from_str(&cookies).unwrap())
    }

    /// Asks anything.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, BYTES_MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Page { status: parts.status, headers: parts.headers, text }
    }

    /// Opens a page.
    pub(crate) async fn get(&self, address: &str) -> Page {
        self.answer(self.request("GET", address).body(Body::empty()).unwrap()).await
    }

    /// Opens a page without being signed in.
    pub(crate) async fn get_as_nobody(&self, address: &str) -> Page {
        let mut request = self.request("GET", address).body(Body::empty()).unwrap();
        request.headers_mut().remove(header::COOKIE);
        self.answer(request).await
    }

    /// The token of this session's forms.
    pub(crate) fn csrf() -> String {
        csrf::token(&SessionToken::new(TOKEN.to_vec()).unwrap(), USER)
    }

    /// The same, for whom a page was shown for this door: forms are posted as that page has them.
    pub(crate) fn shown_for(self, door: &str) -> Self {
        Self { shown: Some(door.to_owned()), ..self }
    }

    /// Posts a form that was served to this session.
    pub(crate) async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = Self::csrf();
        let shown = self.shown.as_deref().map(|shown| ("vu", shown));
        let fields: Vec<(&str, &str)> =
            fields.iter().copied().chain([(csrf::FIELD, csrf.as_str())]).chain(shown).collect();
        self.post_as_is(address, &fields).await
    }

    /// Posts a form as it is.
    pub(crate) async fn post_as_is(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let kind = "application/x-www-form-urlencoded";
        let request = self.request("POST", address).header(header::CONTENT_TYPE, kind);
        self.answer(request.body(Body::from(body)).unwrap()).await
    }

    /// Posts a body of another kind.
    pub(crate) async fn post_body(&self, address: &str, kind: &str, body: Vec<u8>) -> Page {
        let request = self.request("POST", address).header(header::CONTENT_TYPE, kind);
        self.answer(request.body(Body::from(body)).unwrap()).await
    }
}

/// French, for what a test expects to be said.
pub(crate) fn french(key: &str) -> String {
    Tongue(Language::French).say(key)
}

/// Writes a message that is encoded already.
struct AsItIs;

impl Encoder for AsItIs {
    type Item = Vec<u8>;
    type Error = tonic::Status;

    fn encode(&mut self, message: Vec<u8>, to: &mut EncodeBuf<'_>) -> Result<(), tonic::Status> {
        to.put_slice(&message);
        Ok(())
    }
}

fn made_up(
    answers: Answers,
    asked: Asked,
) -> impl tower::Service<
    http::Request<tonic::body::Body>,
    Response = http::Response<tonic::body::Body>,
    Error = Infallible,
    Future = impl Future<Output = Result<http::Response<tonic::body::Body>, Infallible>> + Send + 'static,
> + Clone
+ Send
+ Sync
+ 'static {
    tower::service_fn(move |request: http::Request<tonic::body::Body>| {
        let (answers, asked) = (Arc::clone(&answers), Arc::clone(&asked));
        async move {
            let rpc = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            let body = to_bytes(Body::new(request.into_body()), BYTES_MAX).await.unwrap();
            asked.lock().unwrap().push((rpc.clone(), body[PREFIX..].to_vec()));
            let answer = next_answer(&answers, rpc.as_str());
            if matches!(answer, Some(Answer::Never)) {
                std::future::pending::<()>().await;
            }
            Ok(answered(answer))
        }
    })
}

/// What is answered to a call now; what is answered once gives way to what follows.
fn next_answer(answers: &Answers, rpc: &str) -> Option<Answer> {
    let mut answers = answers.lock().unwrap();
    let answer = answers.get(rpc).cloned();
    if let (Some(Answer::First(_, then)), Some(held)) = (&answer, answers.get_mut(rpc)) {
        held.clone_from(then);
    }
    answer
}

fn answered(answer: Option<Answer>) -> http::Response<tonic::body::Body> {
    let builder = http::Response::builder().header(header::CONTENT_TYPE, "application/grpc");
    let response = match answer {
        Some(Answer::Message(bytes) | Answer::First(bytes, _)) => {
            let once = tokio_stream::once(Ok(bytes));
            let whole = SingleMessageCompressionOverride::default();
            builder.body(tonic::body::Body::new(EncodeBody::new_server(AsItIs, once, None, whole, None)))
        }
        Some(Answer::No { code, name, field, sentence }) => builder
            .header("grpc-status", i32::from(code))
            .header("grpc-message", sentence)
            .header("relais-code", name)
            .header("relais-field", field)
            .body(tonic::body::Body::empty()),
        Some(Answer::Never) | None => {
            builder.header("grpc-status", i32::from(Code::Unimplemented)).body(tonic::body::Body::empty())
        }
    };
    response.unwrap()
}
