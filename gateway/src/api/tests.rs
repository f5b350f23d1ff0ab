//! The operations before a made-up node: what it is asked, and how its answers and refusals are told.

use super::problem::Problem;
use super::schema::Schema;
use crate::bench::{Bench, Page};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::IntoResponse as _;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::act_request::Act;
use serde_json::{Value, json};
use tonic::{Code, Status};

const TOKEN: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ01234567890123456789";
const KEY: &str = "act-2026-11-24-0001";
const THREAD: &str = "018f3a5e9c4b4d1e8a77c0ffee000001";
const JSON: &str = "application/json";

fn request(method: &str, address: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(format!("/api/v1{address}"))
        .header(header::HOST, "relais.example")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header(header::CONTENT_TYPE, JSON)
        .header("idempotency-key", KEY)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn with(mut request: Request<Body>, name: &'static str, value: &'static str) -> Request<Body> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

fn without(mut request: Request<Body>, name: &'static str) -> Request<Body> {
    request.headers_mut().remove(name);
    request
}

fn bench() -> Bench {
    let summary = desk::ThreadSummary {
        thread_id: crate::hex::id(THREAD).unwrap(),
        step: desk::Step::Sent.into(),
        opened_ms: 1_795_527_000_000,
        ..Default::default()
    };
    let view = desk::ThreadView { summary: Some(summary), ..Default::default() };
    Bench::of(&[desk::Role::Counsellor])
        .answers("Act", &view)
        .answers("OpenReferral", &view)
        .answers("ShowThread", &view)
        .answers("ListThreads", &desk::ListThreadsResponse::default())
        .answers("SetCapacity", &desk::ServiceView::default())
        .answers("FindCommunes", &desk::FindCommunesResponse::default())
}

fn json_of(page: &Page) -> Value {
    serde_json::from_str(&page.text).unwrap_or_else(|_| panic!("{}: {}", page.status, page.text))
}

/// Checks that a page is this problem; its field.
fn problem(page: &Page, status: u16, code: &str) -> String {
    let told = json_of(page);
    assert_eq!(page.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!((page.status.as_u16(), told["code"].as_str()), (status, Some(code)), "{told}");
    assert_eq!(told["status"], status);
    assert_eq!(told["type"], format!("urn:relais:problem:{code}"));
    assert!(!told["title"].as_str().unwrap().is_empty() && !told["detail"].as_str().unwrap().is_empty());
    told["field"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn without_a_token_nothing_is_asked_of_the_node() {
    let bench = bench();
    for method in ["GET", "POST"] {
        let address = if method == "GET" { "/threads" } else { "/referrals" };
        let asked = [
            without(request(method, address, "{"), "authorization"),
            with(request(method, address, "{"), "authorization", "Bearer short"),
            with(request(method, address, "{"), "authorization", "Basic Y2xhaXJlOnNlY3JldA=="),
        ];
        for request in asked {
            let page = bench.answer(request).await;
            problem(&page, 401, "token");
            assert!(page.headers[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer"));
        }
    }
    // The cookie of someone who is signed in opens nothing here.
    problem(&bench.get("/api/v1/threads").await, 401, "token");
    assert_eq!(bench.times_asked("ListThreads") + bench.times_asked("Whoami"), 0);
}

#[tokio::test]
async fn answers_have_every_member_and_are_kept_by_nobody() {
    let page = bench().answer(request("GET", &format!("/threads/{THREAD}"), "")).await;
    assert_eq!((page.status, &page.headers[header::CONTENT_TYPE]), (StatusCode::OK, &JSON.parse().unwrap()));
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    assert!(!page.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    let told = json_of(&page);
    assert_eq!(told["summary"]["thread_id"], THREAD);
    assert_eq!((&told["summary"]["step"], &told["summary"]["label"]), (&json!("sent"), &Value::Null));
    assert_eq!(told["summary"]["opened"], "2026-11-24T13:30:00Z");
    assert_eq!((&told["summary"]["themes"], &told["stage_two"]), (&json!([]), &Value::Null));
    assert_eq!(told["summary"]["reference"], "");
    for (name, value) in [("ThreadView", &told), ("ThreadSummary", &told["summary"])] {
        let shape = Schema::get().shape(&format!(".relais.desk.v1.{name}")).unwrap();
        assert_eq!(value.as_object().unwrap().len(), shape.fields.len(), "{name}");
    }
}

#[tokio::test]
async fn an_act_is_asked_of_the_node_as_it_was_said() {
    let bench = bench();
    let address = format!("/threads/{THREAD}/acts");
    let body =
        r#"{"schedule": {"appointment": "2026-11-24T14:30:00+01:00", "place": null}, "delay_ms": 10000}"#;
    assert_eq!(bench.answer(request("POST", &address, body)).await.status, StatusCode::OK);
    let asked: desk::ActRequest = bench.asked("Act").unwrap();
    assert_eq!((crate::hex::encode(&asked.thread_id).as_str(), asked.delay_ms), (THREAD, 10_000));
    let Some(Act::Schedule(schedule)) = asked.act else { panic!("another act") };
    assert_eq!((schedule.appointment_ms, schedule.place), (1_795_527_000_000, None));
    assert_eq!(asked.request_id.len(), 16);

    // The same key is the same call, and another key another.
    bench.answer(request("POST", &address, body)).await;
    assert_eq!(bench.asked::<desk::ActRequest>("Act").unwrap().request_id, asked.request_id);
    bench.answer(with(request("POST", &address, body), "idempotency-key", "act-2026-11-24-0002")).await;
    assert_ne!(bench.asked::<desk::ActRequest>("Act").unwrap().request_id, asked.request_id);
    let other = "Bearer 9123456789ABCDEFGHJKMNPQRSTVWXYZ01234567890123456789";
    bench.answer(with(request("POST", &address, body), "authorization", other)).await;
    assert_ne!(bench.asked::<desk::ActRequest>("Act").unwrap().request_id, asked.request_id);
}

#[tokio::test]
async fn a_key_that_stands_for_something_is_not_taken_for_something_else() {
    let bench = bench();
    let address = format!("/threads/{THREAD}/acts");
    let arrive = || request("POST", &address, r#"{"arrive": {}}"#);
    bench.answer(arrive()).await;
    problem(
        &bench.answer(request("POST", &address, r#"{"no_show": {}}"#)).await,
        422,
        "idempotency_key_reused",
    );
    problem(
        &bench.answer(request("POST", "/referrals", r#"{"arrive": {}}"#)).await,
        422,
        "idempotency_key_reused",
    );
    assert_eq!(bench.times_asked("Act") + bench.times_asked("OpenReferral"), 1);
    assert_eq!(bench.answer(arrive()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_key_stays_free_while_nothing_was_done_with_it() {
    let bench = bench().refuses("OpenReferral", Code::InvalidArgument, "field", "recipient_id");
    assert_eq!(
        problem(&bench.answer(request("POST", "/referrals", "{}")).await, 422, "field"),
        "recipient_id"
    );
    let view = desk::ThreadView::default();
    let bench = bench.answers("OpenReferral", &view);
    let mended = format!(r#"{{"recipient_id": "{}"}}"#, "7d".repeat(32));
    assert_eq!(bench.answer(request("POST", "/referrals", &mended)).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn an_act_without_a_key_is_not_done() {
    let bench = bench();
    for address in ["/referrals", "/handovers", &format!("/threads/{THREAD}/acts")] {
        let page = bench.answer(without(request("POST", address, "{}"), "idempotency-key")).await;
        problem(&page, 400, "idempotency_key");
        let page = bench.answer(with(request("POST", address, "{}"), "idempotency-key", "short")).await;
        problem(&page, 400, "idempotency_key");
    }
    assert_eq!(bench.times_asked("Act") + bench.times_asked("OpenReferral"), 0);
}

#[tokio::test]
async fn what_was_opened_is_found_where_the_answer_says() {
    let page = bench().answer(request("POST", "/referrals", "{}")).await;
    assert_eq!(page.status, StatusCode::CREATED);
    assert_eq!(page.headers[header::LOCATION], format!("/api/v1/threads/{THREAD}"));
}

#[tokio::test]
async fn members_that_are_none_are_refused_by_their_path() {
    let bench = bench();
    let long = format!(r#"{{"stage_one": {{"need": {{"themes": {}}}}}}}"#, json!(vec!["a"; 101]));
    let refused = [
        (r#"{"urgent": true}"#, "unknown_member", "urgent"),
        (r#"{"stage_one": {"need": {"urgence": "now"}}}"#, "unknown_member", "stage_one.need.urgence"),
        // What stands in the header cannot be said twice.
        (r#"{"request_id": "00"}"#, "unknown_member", "request_id"),
        (r#"{"deadline_ms": 5}"#, "unknown_member", "deadline_ms"),
        (r#"{"stage_one": []}"#, "form", "stage_one"),
        (r#"{"stage_one": {"need": {"urgency": "whenever"}}}"#, "form", "stage_one.need.urgency"),
        (r#"{"stage_one": {"need": {"urgency": 1}}}"#, "form", "stage_one.need.urgency"),
        (r#"{"stage_one": {"need": {"themes": "a"}}}"#, "form", "stage_one.need.themes"),
        (r#"{"stage_one": {"need": {"themes": [1]}}}"#, "form", "stage_one.need.themes.0"),
        (&long, "form", "stage_one.need.themes"),
        (r#"{"stage_one": {"level": {"french_read": -1}}}"#, "form", "stage_one.level.french_read"),
        (r#"{"stage_one": {"level": {"french_read": 1.5}}}"#, "form", "stage_one.level.french_read"),
        (r#"{"stage_one": {"level": {"french_read": 4294967296}}}"#, "form", "stage_one.level.french_read"),
        (r#"{"recipient_id": "7"}"#, "form", "recipient_id"),
        (r#"{"deadline": "2026-11-24"}"#, "form", "deadline"),
        (r#"{"deadline": "2026-11-24T13:30:00"}"#, "form", "deadline"),
        (r#"{"deadline": 1795527000000}"#, "form", "deadline"),
        (
            r#"{"stage_two": {"handover": {"deadlines": [{"day": "24/11/2026"}]}}}"#,
            "form",
            "stage_two.handover.deadlines.0.day",
        ),
        (
            r#"{"stage_two": {"handover": {"deadlines": [{"day": 5}]}}}"#,
            "form",
            "stage_two.handover.deadlines.0.day",
        ),
        ("[]", "form", ""),
        ("null", "form", ""),
    ];
    for (body, code, field) in refused {
        let page = bench.answer(request("POST", "/referrals", body)).await;
        assert_eq!(problem(&page, 422, code), field, "{body}");
    }
    let both = r#"{"arrive": {}, "no_show": {}}"#;
    let page = bench.answer(request("POST", &format!("/threads/{THREAD}/acts"), both)).await;
    assert_eq!(problem(&page, 422, "form"), "no_show");
    assert_eq!(bench.times_asked("Act") + bench.times_asked("OpenReferral"), 0);
}

#[tokio::test]
async fn bodies_are_read_strictly_or_not_at_all() {
    let bench = bench();
    let post = |body: &str| request("POST", "/referrals", body);
    problem(&bench.answer(post("{")).await, 400, "json");
    assert_eq!(
        problem(&bench.answer(post(r#"{"recipient_id": "", "recipient_id": ""}"#)).await, 400, "twice"),
        "recipient_id"
    );
    problem(&bench.answer(post(&"[".repeat(1_000))).await, 400, "too_deep");
    problem(&bench.answer(post(&" ".repeat((1 << 20) + 1))).await, 413, "too_big");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        problem(&bench.answer(with(post("{}"), "content-type", kind)).await, 415, "media_type");
    }
    problem(&bench.answer(without(post("{}"), "content-type")).await, 415, "media_type");
    let named = with(post("{}"), "content-type", "application/json; charset=utf-8");
    assert_eq!(bench.answer(named).await.status, StatusCode::CREATED);
    assert_eq!(bench.times_asked("OpenReferral"), 1);
}

#[tokio::test]
async fn parameters_are_read_as_strictly() {
    let bench = bench();
    let get = |address: &str| request("GET", address, "");
    assert_eq!(
        bench.answer(get("/threads?filter=to_do&page_size=20&id_prefix=01")).await.status,
        StatusCode::OK
    );
    let asked: desk::ListThreadsRequest = bench.asked("ListThreads").unwrap();
    assert_eq!(
        (asked.filter(), asked.page_size, asked.id_prefix.as_str()),
        (desk::ThreadFilter::ToDo, 20, "01")
    );
    bench.answer(get("/communes?text=17000&limit=3")).await;
    let asked: desk::FindCommunesRequest = bench.asked("FindCommunes").unwrap();
    assert_eq!((asked.text.as_str(), asked.limit), ("17000", 3), "a text of digits is a text");
    let refused = [
        ("/threads?name=Amina", 422, "unknown_member", "name"),
        ("/threads?filter=mine", 422, "form", "filter"),
        ("/threads?page_size=many", 422, "form", "page_size"),
        ("/threads?page_size=-1", 422, "form", "page_size"),
        ("/threads?page_size=1&page_size=2", 400, "twice", "page_size"),
    ];
    for (address, status, code, field) in refused {
        assert_eq!(problem(&bench.answer(get(address)).await, status, code), field, "{address}");
    }
    assert_eq!(bench.times_asked("ListThreads"), 1);
}

#[tokio::test]
async fn what_an_address_does_not_name_is_not_there() {
    let bench = bench();
    let addresses = [
        "/threads/x",
        "/threads/018f3a5e9c4b1d1e8a77c0ffee000001",
        "/threads/018f3a5e9c4b4d1e8a77c0ffee00000",
        "/threads/%ff",
        "/notices/advertising",
        "/follow-ups/x",
        "/nothing",
    ];
    for address in addresses {
        problem(&bench.answer(request("GET", address, "")).await, 404, "not_there");
    }
    let mut elsewhere = request("GET", "", "");
    *elsewhere.uri_mut() = "/api/v2/threads".parse().unwrap();
    problem(&bench.answer(elsewhere).await, 404, "not_there");
    assert_eq!(bench.times_asked("ShowThread"), 0);
    let page = bench.answer(request("PUT", "/threads", "{}")).await;
    problem(&page, 405, "method");
    assert!(page.headers[header::ALLOW].to_str().unwrap().contains("GET"));
}

#[tokio::test]
async fn a_service_is_named_by_its_address() {
    let bench = bench();
    let page = bench.answer(request("PUT", "/services/aide%20n%C2%B01/capacity", r#"{"places": 0}"#)).await;
    assert_eq!(page.status, StatusCode::OK);
    let asked: desk::SetCapacityRequest = bench.asked("SetCapacity").unwrap();
    assert_eq!((asked.service_id.as_str(), asked.places, asked.waiting_days), ("aide n°1", Some(0), None));
    let page = bench.answer(request("PUT", "/services/a/capacity", r#"{"service_id": "b"}"#)).await;
    assert_eq!(problem(&page, 422, "unknown_member"), "service_id");
}

#[tokio::test]
async fn no_page_of_another_site_asks_and_other_software_does() {
    let bench = bench();
    let page = bench.answer(with(request("POST", "/referrals", "{}"), "sec-fetch-site", "cross-site")).await;
    problem(&page, 403, "foreign");
    let preflight = with(request("OPTIONS", "/referrals", ""), "origin", "https://elsewhere.example");
    let page = bench.answer(preflight).await;
    assert!(!page.headers.keys().any(|name| name.as_str().starts_with("access-control-")));
    assert_eq!(bench.times_asked("OpenReferral"), 0);
    let plain = with(request("POST", "/referrals", "{}"), "origin", "https://elsewhere.example");
    assert_eq!(bench.answer(plain).await.status, StatusCode::CREATED, "software that is no browser");
}

#[tokio::test]
async fn what_the_node_refuses_is_told_with_its_code_and_field() {
    let told = [
        (Code::InvalidArgument, "field", "page_token", 422),
        (Code::FailedPrecondition, "consent", "consent.classes", 422),
        (Code::FailedPrecondition, "not_allowed", "", 409),
        (Code::Aborted, "busy", "", 409),
        (Code::PermissionDenied, "scope", "", 403),
        (Code::NotFound, "not_there", "", 404),
        (Code::ResourceExhausted, "limit", "", 429),
        (Code::Unavailable, "store", "", 503),
        (Code::Internal, "corrupt", "", 500),
    ];
    for (code, name, field, status) in told {
        let page =
            bench().refuses("ListThreads", code, name, field).answer(request("GET", "/threads", "")).await;
        assert_eq!(problem(&page, status, name), field);
        let may_ask_again = matches!(status, 429 | 503) || code == Code::Aborted;
        assert_eq!(page.headers.contains_key(header::RETRY_AFTER), may_ask_again, "{name}");
    }
    let refuses = bench().refuses("ListThreads", Code::Unauthenticated, "session", "");
    problem(&refuses.answer(request("GET", "/threads", "")).await, 401, "token");
    // What no node said is not told in the words of the way there.
    let away = bench().refuses("ListThreads", Code::Unavailable, "", "");
    let page = away.answer(request("GET", "/threads", "")).await;
    problem(&page, 503, "unavailable");
    assert!(!page.text.contains("the node says no"));
    let unknown = Bench::of(&[]).answer(request("GET", "/flows", "")).await;
    problem(&unknown, 500, "failed");
}

#[tokio::test]
async fn the_wait_that_the_node_names_is_told() {
    let mut status = Status::resource_exhausted("too many tries");
    status.metadata_mut().insert("relais-code", "too_often".parse().unwrap());
    status.metadata_mut().insert("relais-retry-after-seconds", "37".parse().unwrap());
    let response = Problem::from(status).into_response();
    assert_eq!(
        (response.status(), &response.headers()[header::RETRY_AFTER]),
        (StatusCode::TOO_MANY_REQUESTS, &"37".parse().unwrap())
    );
}

#[tokio::test]
async fn the_description_is_there_for_everyone() {
    let page = bench().answer(without(request("GET", "/openapi.json", ""), "authorization")).await;
    assert_eq!((page.status, json_of(&page)["openapi"].as_str()), (StatusCode::OK, Some("3.1.0")));
}

#[tokio::test]
async fn a_person_of_a_request_is_not_said_back() {
    let body = r#"{"stage_two": {"name": {"given": 7, "family": "MARKER"}}, "MARKER": 1}"#;
    let page = bench().answer(request("POST", "/referrals", body)).await;
    let answered = json_of(&page);
    assert_eq!(answered["field"], "MARKER", "the name of a member is said back, so that it is found");
    let body = r#"{"stage_two": {"name": {"family": "MARKER", "given": 7}}}"#;
    let page = bench().answer(request("POST", "/referrals", body)).await;
    assert_eq!(problem(&page, 422, "form"), "stage_two.name.given");
    assert!(!page.text.contains("MARKER"));
}
