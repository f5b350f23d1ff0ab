//! `relais init`: five questions at most, then keys, database, configuration and the recovery sheet.

use super::InitArgs;
use super::configuration::{self, NewFile};
use super::run::open_store;
use crate::answer::Answer;
use crate::environment::Settings;
use crate::exit::{Exit, Failure};
use crate::prompt;
use relais_server::clock::{Clock, Dice};
use relais_server::home::{Home, HomeError};
use relais_server::init::{InitError, NewNode};
use relais_server::own::Profile;
use relais_wire::endpoint::Endpoint;
use relais_wire::manifest::StructureKind;
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::fs;

/// Where a node listens unless said otherwise.
const LISTEN: &str = "0.0.0.0:7443";

/// What `init` knows once everything is asked.
struct Asked {
    name: String,
    kind: StructureKind,
    commune: String,
    listen: String,
    advertise: String,
    pairing_listen: String,
    advertise_pairing: String,
    gateway: Option<String>,
}

/// Makes a node in the folder.
///
/// # Errors
/// [`Failure`] naming everything that is wrong; then nothing is made.
pub(super) fn make(args: &InitArgs, settings: &Settings) -> Result<Answer, Failure> {
    let home = Home::at(&settings.folder);
    if home.holds_node() {
        return Err(home_failure(HomeError::Taken(settings.folder.clone())));
    }
    let asked = if args.non_interactive || !prompt::someone_is_there() {
        settle(args)?
    } else {
        settle(&prompt::on_terminal(|prompt| ask(args, prompt))?)?
    };
    let endpoint = |text: &str| Endpoint::parse(text).map_err(|error| Failure::usage(error.to_string()));
    let profile = Profile {
        name: asked.name.clone(),
        kind: asked.kind,
        endpoints: vec![endpoint(&asked.advertise)?],
        pairing_endpoints: vec![endpoint(&asked.advertise_pairing)?],
    };
    let clock = Clock::system();
    let dice = Dice::system().map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    let node = NewNode::found(&home, &profile, &clock, &dice).map_err(failure)?;
    write_configuration(&home, &asked)?;
    let user = settings.user.clone().unwrap_or_else(|| "admin".to_owned());
    let runtime = super::run::runtime()?;
    let made = runtime.block_on(async {
        let store = open_store(&home, node.node_key()).await?;
        let uid = rustix::process::geteuid().as_raw();
        let made = node.write(store.clone(), &user, uid, &dice).await.map_err(failure)?;
        store.close().await.map_err(|error| Failure::new(Exit::Io, error.to_string()))?;
        Ok::<_, Failure>(made)
    })?;
    let sheet = made.sheet.expose_secret();
    let folder = settings.folder.display();
    let text = format!(
        "Node of {} made in {folder}.\nStructure id: {}\nUser «{user}» bound to your system user.\n\n\
         RECOVERY SHEET: print it, keep it on paper, in a safe place. It is shown this once.\n\n{sheet}\n{}",
        asked.name,
        made.structure,
        next(&folder.to_string(), &user, asked.gateway.as_deref())
    );
    let json = json!({
        "structure_id": made.structure.to_string(),
        "folder": settings.folder,
        "user": user,
        "recovery_sheet": sheet,
    });
    Ok(Answer::new(json, text))
}

/// What to do next: run the node, then sign in to its pages as the first user, who is an admin.
fn next(folder: &str, user: &str, gateway: Option<&str>) -> String {
    let serve = format!("Next: relais serve --folder {folder}");
    let Some(gateway) = gateway else { return serve };
    let here = configuration::address(gateway).is_ok_and(|address| address.ip().is_loopback());
    let what = if here {
        format!("It prints an address, http://{gateway}/lien/…: open that")
    } else {
        "It prints /lien/…: open that behind the https address of the pages".to_owned()
    };
    format!(
        "{serve}\nThen, while it runs: relais --folder {folder} user link {user}\n{what} to sign in as «{user}» and \
         choose a password."
    )
}

fn write_configuration(home: &Home, asked: &Asked) -> Result<(), Failure> {
    let loopback = asked.advertise.starts_with("127.") || asked.advertise.starts_with("localhost:");
    let text = configuration::text(&NewFile {
        listen: &asked.listen,
        pairing_listen: &asked.pairing_listen,
        advertise: &asked.advertise,
        advertise_pairing: &asked.advertise_pairing,
        addresses: if loopback { "loopback" } else { "public" },
        commune: &asked.commune,
        gateway: asked.gateway.as_deref(),
    });
    let path = home.configuration();
    fs::write(&path, text).map_err(|error| Failure::io(path.display(), &error))
}

/// Asks for what the flags did not say.
fn ask(args: &InitArgs, prompt: &mut prompt::Prompt<'_>) -> Result<InitArgs, Failure> {
    let mut args = args.clone();
    if args.name.is_none() {
        args.name = Some(prompt.text("Name of the structure, as partners see it")?);
    }
    if args.kind.is_none() {
        args.kind = Some(prompt.code("What is it?", &StructureKind::ALL, None)?);
    }
    if args.commune.is_none() {
        args.commune = Some(prompt.until("Code of its commune (INSEE)", configuration::commune)?);
    }
    if args.listen.is_none() {
        let question = format!("Where it listens for partners [{LISTEN}]");
        let line = prompt.line(&question)?;
        args.listen = Some(if line.trim().is_empty() { LISTEN.to_owned() } else { line });
    }
    if args.advertise.is_none() {
        let read = |text: &str| configuration::endpoint(text).map(|endpoint| endpoint.as_str().to_owned());
        args.advertise = Some(prompt.until("Host and port at which partners reach it", read)?);
    }
    Ok(args)
}

/// Checks everything at once.
fn settle(args: &InitArgs) -> Result<Asked, Failure> {
    let mut mistakes = Vec::new();
    let mut need = |flag: &str, value: Option<String>| {
        let value = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        if value.is_none() {
            mistakes.push(format!("{flag}: is missing"));
        }
        value.unwrap_or_default()
    };
    let name = need("--name", args.name.clone());
    let commune = need("--commune", args.commune.clone());
    let kind = args.kind;
    if kind.is_none() {
        mistakes.push("--kind: is missing".to_owned());
    }
    let listen = args.listen.clone().unwrap_or_else(|| LISTEN.to_owned());
    let advertise = args.advertise.clone().unwrap_or_else(|| listen.clone());
    let pairing_listen = args.pairing_listen.clone().or_else(|| next_port(&listen)).unwrap_or_default();
    let advertise_pairing = advertised(&advertise, &pairing_listen);
    if !commune.is_empty()
        && let Err(problem) = configuration::commune(&commune)
    {
        mistakes.push(format!("--commune: {problem}"));
    }
    for (flag, value) in [("--listen", &listen), ("--pairing-listen", &pairing_listen)] {
        if let Err(problem) = configuration::address(value) {
            mistakes.push(format!("{flag}: {problem}"));
        }
    }
    let gateway = gateway(args.gateway.as_deref(), &pairing_listen);
    if let Some(Err(problem)) = gateway.as_deref().map(configuration::address) {
        mistakes.push(format!("--gateway: {problem}"));
    }
    if let Err(problem) = configuration::endpoint(&advertise) {
        mistakes.push(format!("--advertise: {problem}"));
    }
    if advertise.starts_with("0.0.0.0:") || advertise.starts_with("[::]:") {
        mistakes.push("--advertise: say the name or address at which partners reach this machine".to_owned());
    }
    match kind {
        Some(kind) if mistakes.is_empty() => {
            Ok(Asked { name, kind, commune, listen, advertise, pairing_listen, advertise_pairing, gateway })
        }
        Some(_) | None => Err(Failure::usage(mistakes.join("\n"))),
    }
}

/// The same address with the next port: where invited structures connect, unless said otherwise.
fn next_port(listen: &str) -> Option<String> {
    let (host, port) = listen.rsplit_once(':')?;
    let port: u16 = port.parse().ok()?;
    Some(format!("{host}:{}", port.checked_add(1)?))
}

/// Where browsers connect: on this machine alone, unless said otherwise.
fn gateway(typed: Option<&str>, pairing_listen: &str) -> Option<String> {
    match typed.map(str::trim) {
        Some("none") => None,
        Some(typed) => Some(typed.to_owned()),
        None => {
            let port = next_port(pairing_listen)?;
            port.rsplit_once(':').map(|(_, port)| format!("127.0.0.1:{port}"))
        }
    }
}

/// The advertised host with the pairing listener's port.
fn advertised(advertise: &str, pairing_listen: &str) -> String {
    let host = advertise.rsplit_once(':').map_or(advertise, |(host, _)| host);
    let port = pairing_listen.rsplit_once(':').map_or("", |(_, port)| port);
    format!("{host}:{port}")
}

fn home_failure(error: HomeError) -> Failure {
    Failure::new(Exit::CannotCreate, error.to_string())
}

fn failure(error: InitError) -> Failure {
    let exit = match &error {
        InitError::Home(_) => Exit::CannotCreate,
        InitError::Manifest(_) | InitError::User(_) => Exit::Input,
        InitError::Ca(_) => Exit::Internal,
        InitError::Commit(_) => Exit::Io,
    };
    Failure::new(exit, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_connect_on_this_machine_unless_said_otherwise() {
        assert_eq!(gateway(None, "0.0.0.0:7444").as_deref(), Some("127.0.0.1:7445"));
        assert_eq!(gateway(Some("none"), "0.0.0.0:7444"), None);
        assert_eq!(gateway(Some("10.0.0.1:443"), "0.0.0.0:7444").as_deref(), Some("10.0.0.1:443"));
    }

    #[test]
    fn the_last_words_lead_the_first_admin_into_the_pages() {
        let words = next("/srv/relais", "admin", Some("127.0.0.1:7445"));
        for part in ["relais serve --folder /srv/relais", "user link admin", "http://127.0.0.1:7445/lien/"] {
            assert!(words.contains(part), "{part} in {words}");
        }
        let elsewhere = next("/srv/relais", "admin", Some("10.0.0.1:443"));
        assert!(elsewhere.contains("/lien/") && !elsewhere.contains("http:"), "{elsewhere}");
        assert!(!next("/srv/relais", "admin", None).contains("link"), "there are no pages");
    }

    #[test]
    fn the_pairing_listener_takes_the_next_port() {
        assert_eq!(next_port("0.0.0.0:7443").as_deref(), Some("0.0.0.0:7444"));
        assert_eq!(next_port("0.0.0.0:65535"), None);
        assert_eq!(advertised("relais.example.org:443", "0.0.0.0:7444"), "relais.example.org:7444");
    }

    #[test]
    fn everything_missing_is_told_at_once() {
        let args = InitArgs {
            name: None,
            kind: None,
            commune: Some("99999".to_owned()),
            listen: Some("nowhere".to_owned()),
            advertise: None,
            pairing_listen: None,
            gateway: None,
            non_interactive: true,
        };
        let failure = settle(&args).err().expect("much is wrong");
        assert_eq!(failure.exit.number(), 64);
        for flag in ["--name", "--kind", "--commune", "--listen", "--advertise"] {
            assert!(failure.message.contains(flag), "{flag} in {}", failure.message);
        }
    }
}
