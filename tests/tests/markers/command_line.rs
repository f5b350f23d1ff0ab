//! Two nodes worked with from the command line alone, markers in everything that concerns a person: none is ever an
//! argument or in the environment of a process, none in a log, none in what a failing command says.

use anyhow::{Context as _, Result, ensure};
use relais_tests::case::{COMMUNE, SERVICE, THEME};
use relais_tests::marks::{Search, marker};
use relais_tests::process::{Plan, Process};
use relais_tests::town::Two;
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use tempfile::TempDir;

/// How many markers are typed, at least.
const MARKERS: u32 = 500;
/// Markers that are searched: more than are typed.
const SEARCHED: u32 = 1_000;
const REFERRALS: usize = 4;
const HANDOVERS: usize = 2;
/// Markers in a text of 280 and of 120 characters.
const IN_NOTE: usize = 16;
const IN_LINE: usize = 7;

/// A node, its command line, and what is searched in all that can be seen of it.
struct Line<'a> {
    node: &'a Process,
    search: &'a Search,
}

/// Gives out markers, one after the other.
#[derive(Default)]
struct Pen(u32);

impl Pen {
    fn text(&mut self, markers: usize) -> String {
        let words: Vec<String> = (0..markers).map(|_| self.next()).collect();
        words.join(" ")
    }

    fn next(&mut self) -> String {
        self.0 += 1;
        marker(self.0 - 1)
    }
}

impl Line<'_> {
    fn shows_none(&self, what: &str, bytes: &[u8]) -> Result<()> {
        let found = self.search.in_bytes(bytes, Path::new(what));
        ensure!(found.is_empty(), "{what} shows {:?}", found.first());
        Ok(())
    }

    /// What other users of the machine can see of a process and of those it started.
    fn look_at(&self, pid: u32) -> Result<()> {
        for name in ["cmdline", "environ"] {
            let path = format!("/proc/{pid}/{name}");
            self.shows_none(&path, &fs::read(&path).unwrap_or_default())?;
        }
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        children
            .split_whitespace()
            .filter_map(|child| child.parse().ok())
            .try_for_each(|child| self.look_at(child))
    }

    /// Runs a command to its end. It is looked at before it gets its input, when nothing but its arguments is known.
    fn run(&self, arguments: &[&str], input: &[u8]) -> Result<Output> {
        let mut command = self.node.command(arguments)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child: Child = command.spawn()?;
        self.look_at(child.id())?;
        let mut standard_input = child.stdin.take().context("its standard input")?;
        // A command that fails early reads nothing.
        let _ = standard_input.write_all(input);
        let pid = child.id();
        self.look_at(pid)?;
        drop(standard_input);
        self.look_at(pid)?;
        Ok(child.wait_with_output()?)
    }

    /// Runs what must succeed; its answer.
    fn done(&self, arguments: &[&str], input: &[u8]) -> Result<Value> {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = self.run(&all, input)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {said}");
        self.shows_none("standard error", &output.stderr)?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Runs what must fail, for a human and for a script: neither is shown what was typed.
    fn fails(&self, arguments: &[&str], input: &[u8]) -> Result<()> {
        for json in [&[][..], &["--json"]] {
            let all = [arguments, json].concat();
            let output = self.run(&all, input)?;
            self.says_nothing(arguments, &output)?;
        }
        Ok(())
    }

    fn says_nothing(&self, arguments: &[&str], output: &Output) -> Result<()> {
        let verb = arguments.first().copied().unwrap_or_default();
        ensure!(!output.status.success(), "{verb} succeeded");
        ensure!(output.status.code().is_some_and(|code| code >= 64), "{verb}: {}", output.status);
        ensure!(!output.stderr.is_empty(), "{verb} fails without a word");
        self.shows_none(&format!("the error of {verb}"), &output.stderr)?;
        self.shows_none(&format!("the answer of {verb} that fails"), &output.stdout)
    }

    /// Runs what someone typed wrongly, a marker among its arguments: the error does not repeat it.
    fn mistyped(&self, arguments: &[&str]) -> Result<()> {
        for json in [&[][..], &["--json"]] {
            let output = self.node.run_with(&[arguments, json].concat(), b"")?;
            self.says_nothing(arguments, &output)?;
        }
        Ok(())
    }
}

fn thread_of(answer: &Value) -> Result<String> {
    let id = answer.pointer("/thread/thread_id").and_then(Value::as_str);
    Ok(id.with_context(|| format!("no thread: keys {:?}", keys(answer)))?.to_owned())
}

fn keys(value: &Value) -> Vec<String> {
    let object = value.get("thread").unwrap_or(value).as_object();
    object.map(|object| object.keys().cloned().collect()).unwrap_or_default()
}

fn consent(classes: &[&str]) -> Value {
    json!({
        "classes": classes, "feedback": "outcome", "given": "oral", "language": "fr",
        "interpreter": "none", "teach_back": "done", "presence": "none"
    })
}

fn person(pen: &mut Pen, family: &str) -> Value {
    json!({
        "name": { "given": pen.text(IN_LINE), "family": family },
        "contact": { "reach": "present-at", "detail": pen.text(IN_LINE), "language": "fr" },
        "note": pen.text(IN_NOTE)
    })
}

fn paper(to: &str, person: &Value) -> Value {
    json!({
        "to": to,
        "service": SERVICE,
        "need": { "themes": [THEME], "urgency": "normal", "commune": COMMUNE },
        "name": person["name"], "contact": person["contact"], "note": person["note"],
        "consent": consent(&["need", "note", "name", "contact"])
    })
}

fn professional(pen: &mut Pen) -> Vec<u8> {
    json!({ "name": pen.text(IN_LINE), "contact": pen.text(IN_LINE) }).to_string().into_bytes()
}

/// A referral through its whole course.
fn referral(agency: &Line<'_>, hub: &Line<'_>, pen: &mut Pen, aside: &TempDir) -> Result<String> {
    let person = person(pen, "D");
    let paper = paper("Espace", &person);
    let mut plain = paper.clone();
    for key in ["name", "contact", "note"] {
        plain.as_object_mut().context("an object")?.remove(key);
    }
    let (file, of_person) = (aside.path().join("referral.json"), aside.path().join("person.json"));
    fs::write(&file, plain.to_string())?;
    fs::write(&of_person, person.to_string())?;
    let (file, of_person) = (file.to_str().context("a path")?, of_person.to_str().context("a path")?);
    let wait = ["--wait-ms", "20000"];
    // By standard input whole, or by two files.
    let answer = match pen.0 % 2 {
        0 => agency.done(&[&["refer", "--file", "-"], &wait[..]].concat(), paper.to_string().as_bytes())?,
        _ => agency.done(&[&["refer", "--file", file, "--person", of_person], &wait[..]].concat(), b"")?,
    };
    let thread = thread_of(&answer)?;
    let run = |line: &Line<'_>, words: &[&str], input: &[u8]| line.done(&[words, &wait[..]].concat(), input);
    run(hub, &["accept", &thread, "--professional-from", "-"], &professional(pen))?;
    disclosed(hub, &thread)?;
    run(hub, &["schedule", &thread, "--at", "+3d", "--place-from", "-"], pen.text(5).as_bytes())?;
    run(agency, &["note", &thread, "--from", "-"], pen.text(IN_NOTE).as_bytes())?;
    run(hub, &["note", &thread], pen.text(IN_NOTE).as_bytes())?;
    let close = ["close", &thread, "--outcome", "need_met", "--account-from", "-"];
    run(hub, &close, pen.text(IN_NOTE).as_bytes())?;
    Ok(thread)
}

/// Waits until the name has crossed.
fn disclosed(hub: &Line<'_>, thread: &str) -> Result<()> {
    for _ in 0..100 {
        let shown = hub.done(&["show", thread], b"")?;
        if !hub.search.in_bytes(shown.to_string().as_bytes(), Path::new("what is shown")).is_empty()
            && shown.to_string().contains("present-at")
        {
            return Ok(());
        }
    }
    anyhow::bail!("the name did not cross");
}

/// A handover that was accepted.
fn handover(agency: &Line<'_>, hub: &Line<'_>, pen: &mut Pen) -> Result<String> {
    let mut person = person(pen, &marker(pen.0));
    pen.0 += 1;
    let note = person.as_object_mut().context("an object")?.remove("note");
    let mut opened = person.clone();
    opened["notes"] = json!([pen.text(IN_NOTE), pen.text(IN_NOTE)]);
    let follow_up = agency.done(&["follow-up", "open", "--from", "-"], opened.to_string().as_bytes())?;
    let follow_up = follow_up["follow_up_id"].as_str().context("its id")?.to_owned();
    person["note"] = note.unwrap_or_default();
    let mut paper = paper("Espace", &person);
    paper["follow_up"] = json!(follow_up);
    paper["consent"] = consent(&["need", "note", "name", "contact", "handover", "documents", "sensitive"]);
    paper["handover"] = json!({
        "done": [pen.text(5), pen.text(5)], "pending": [pen.text(5)], "goals": [pen.text(5)],
        "deadlines": [{ "day": "2030-12-15", "what": pen.text(5) }]
    });
    paper["documents"] = json!([pen.text(5)]);
    paper["sensitive"] = json!(pen.text(IN_NOTE));
    let propose = ["handover", "propose", "--file", "-", "--wait-ms", "20000"];
    let thread = thread_of(&agency.done(&propose, paper.to_string().as_bytes())?)?;
    let accept = ["handover", "accept", &thread, "--professional-from", "-"];
    hub.done(&accept, &professional(pen))?;
    Ok(thread)
}

/// Papers of a referral that are wrong, a marker in each place that can be.
fn wrong_papers(pen: &mut Pen) -> Vec<Vec<u8>> {
    let whole = paper("Espace", &person(pen, "D"));
    let mut wrong: Vec<Value> = Vec::new();
    let mut with = |pointer: &str, value: Value| {
        let mut one = whole.clone();
        if let Some(place) = one.pointer_mut(pointer) {
            *place = value;
        }
        wrong.push(one);
    };
    let places = [
        "/to",
        "/service",
        "/need/themes/0",
        "/need/urgency",
        "/need/commune",
        "/name",
        "/name/family",
        "/contact/reach",
        "/contact/language",
        "/consent/classes/0",
        "/consent/given",
        "/consent/feedback",
        "/consent/language",
    ];
    for place in places {
        with(place, json!(pen.next()));
    }
    for place in ["/need", "/need/themes", "/contact", "/consent", "/consent/classes", "/note"] {
        with(place, json!({ pen.next(): pen.next() }));
    }
    with("/note", json!(pen.text(IN_NOTE * 2)));
    with("/note", json!(format!("{} 06 12 34 56 78", pen.next())));
    with("/note", json!(format!("{} amina@exemple.fr", pen.next())));
    with("/note", json!(format!("{}\u{202e}", pen.next())));
    with("/name/given", json!(pen.text(IN_LINE * 2)));
    with("/contact/detail", json!(pen.text(IN_NOTE * 2)));
    let mut unknown_key = whole.clone();
    unknown_key[pen.next()] = json!(1);
    let mut no_partner = whole.clone();
    no_partner["follow_up"] = json!(pen.next());
    wrong.extend([unknown_key, no_partner]);
    let mut papers: Vec<Vec<u8>> = wrong.iter().map(|one| one.to_string().into_bytes()).collect();
    let text = whole.to_string();
    papers.push(text.as_bytes()[..text.len() / 2].to_vec());
    papers.push(format!("{{\"note\": {}}}", pen.next()).into_bytes());
    papers.push([pen.next().as_bytes(), &[0xff, 0xfe]].concat());
    papers.push(format!("\"{}\"", pen.next()).into_bytes());
    papers
}

/// What fails at a node that runs.
fn failures(agency: &Line<'_>, hub: &Line<'_>, thread: &str, pen: &mut Pen) -> Result<()> {
    for paper in wrong_papers(pen) {
        agency.fails(&["refer", "--file", "-"], &paper)?;
    }
    let nowhere = "00000000";
    let whole = paper("Espace", &person(pen, "D")).to_string();
    agency.fails(&["handover", "propose", "--file", "-"], whole.as_bytes())?;
    agency.fails(&["refer", "--person", "-"], person(pen, "D").to_string().as_bytes())?;
    agency.fails(&["--as", "nobody", "refer", "--file", "-"], whole.as_bytes())?;
    agency.fails(&["refer", "--file", "-", "--follow-up", nowhere], whole.as_bytes())?;
    agency
        .fails(&["follow-up", "open", "--from", "-"], json!({ "name": pen.next() }).to_string().as_bytes())?;
    for thread in [nowhere, thread] {
        // The thread is closed: what would be right elsewhere is refused here.
        hub.fails(&["accept", thread, "--professional-from", "-"], &professional(pen))?;
        hub.fails(&["accept", thread, "--professional-from", "-"], pen.next().as_bytes())?;
        hub.fails(&["note", thread, "--from", "-"], pen.text(IN_NOTE * 2).as_bytes())?;
        hub.fails(&["schedule", thread, "--at", "+3d", "--place-from", "-"], pen.text(2).as_bytes())?;
        let close = ["close", thread, "--outcome", "need_met", "--account-from", "-"];
        hub.fails(&close, pen.text(2).as_bytes())?;
    }
    hub.fails(&["show", nowhere], b"")?;
    hub.fails(&["consent", "stop", nowhere, "--yes"], pen.next().as_bytes())
}

/// What someone types as an argument although there is no such argument.
fn mistyped(hub: &Line<'_>, thread: &str, pen: &mut Pen) -> Result<()> {
    hub.mistyped(&["note", thread, &pen.text(3)])?;
    hub.mistyped(&["show", &pen.next()])?;
    hub.mistyped(&["accept", &pen.next(), "--professional-from", "-"])?;
    hub.mistyped(&["follow-up", "show", &pen.next()])?;
    hub.mistyped(&["close", thread, "--outcome", &pen.next()])?;
    hub.mistyped(&["close", thread, "--outcome", "need_met", "--account", &pen.next()])?;
    hub.mistyped(&["refer", "--name", &pen.next()])?;
    hub.mistyped(&["refer", &format!("--name={}", pen.next())])?;
    hub.mistyped(&["schedule", thread, "--at", &pen.next()])
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_markers_pass_the_command_line_and_none_is_seen() -> Result<()> {
    let plan = |name: &str| Plan { log: "trace", ..Plan::named(name) };
    let mut two = Two::of(&plan("Agence"), &plan("Espace")).await?;
    let search = Search::for_markers(0..SEARCHED);
    let aside = tempfile::tempdir()?;
    let mut pen = Pen::default();
    let (agency, hub) =
        (Line { node: &two.agency, search: &search }, Line { node: &two.hub, search: &search });
    let mut threads = Vec::new();
    for _ in 0..REFERRALS {
        threads.push(referral(&agency, &hub, &mut pen, &aside)?);
    }
    for _ in 0..HANDOVERS {
        handover(&agency, &hub, &mut pen)?;
    }
    failures(&agency, &hub, &threads[0], &mut pen)?;
    mistyped(&hub, &threads[0], &mut pen)?;
    ensure!((MARKERS..SEARCHED).contains(&pen.0), "{} markers were typed", pen.0);
    for line in [&agency, &hub] {
        line.look_at(line.node.pid()?)?;
    }

    two.agency.stop()?;
    two.hub.stop()?;
    let away = Line { node: &two.agency, search: &search };
    let whole = paper("Espace", &person(&mut pen, "D")).to_string();
    away.fails(&["refer", "--file", "-"], whole.as_bytes())?;
    for node in [&two.agency, &two.hub] {
        let found = search.in_folder(node.everything())?;
        ensure!(found.is_empty(), "{} markers lie in the open, first {:?}", found.len(), found.first());
        ensure!(node.log()?.contains("TRACE"), "the log was not at trace: nothing was searched");
    }
    Ok(())
}

#[test]
fn a_marker_among_the_arguments_of_a_process_is_seen() -> Result<()> {
    let node = Process::init(&Plan::named("Agence"))?;
    let search = Search::for_markers(0..10);
    let line = Line { node: &node, search: &search };
    // A command that is gone before anyone looked is run again: a busy machine looks late.
    let seen = (0..20).any(|_| line.run(&["note", "0000", &marker(3)], b"").is_err());
    ensure!(seen, "the search finds nothing at all");
    Ok(())
}
