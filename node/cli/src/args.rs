//! The command line.

use crate::commands::acts::ActCommand;
use crate::commands::{
    consent, directory, endorse, find, flows, follow_up, handover, inquire, introductions, ledger, pairing,
    refer, service, threads, user,
};
use crate::node::{DemoArgs, GatewayArgs, IdentityArgs, InitArgs, ServeArgs};
use clap::{ColorChoice, Parser, Subcommand};
use std::path::PathBuf;

const ABOUT: &str =
    "Relais: referrals between social structures, each on its own node, bound to the person's consent";

const EXAMPLES: &str = "\
Examples. Two structures, two nodes:
  relais init --folder ./agence            # five questions at most
  relais serve --folder ./agence &
  relais --folder ./agence invite          # hand the link over by a safe way
  relais --folder ./hub join               # paste it there
  relais --folder ./agence peers confirm   # both, when the phrase is the same

Then a referral:
  relais find --theme numerique--acceder-a-une-connexion-internet --commune 17300
  relais refer                             # asks; or --file referral.json
  relais inbox                             # at the other structure
  relais accept 3f2a

The folder is --folder, or RELAIS_FOLDER, or `folder` in ~/.config/relais/relais.toml, or ~/.local/share/relais.
Exit codes: 0 done, 1 a step of the demo did not come true, 64 usage, 65 input refused, 69 node not running, 70 defect, 73 cannot create, 74 I/O,
77 not permitted. An import or a seed of which a part is refused ends with 65 too, the rest is done. With --json an error is {\"error\":{\"code\",\"message\",\"field\"}} on standard error.";

/// The program's arguments.
#[derive(Parser, Debug)]
#[command(name = "relais", version, about = ABOUT, after_help = EXAMPLES, color = ColorChoice::Never, propagate_version = true)]
pub(crate) struct Cli {
    /// The node's folder
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Act as this user, when several are bound to your uid
    #[arg(long = "as", global = true, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// With the node itself.
    #[command(flatten)]
    Node(NodeCommand),
    /// Through a running node.
    #[command(flatten)]
    Desk(Box<DeskCommand>),
    /// On one referral.
    #[command(flatten)]
    Act(ActCommand),
}

/// What is done with the node itself.
#[derive(Subcommand, Debug)]
pub(crate) enum NodeCommand {
    /// Make a node: keys, database, recovery sheet
    Init(InitArgs),
    /// Run the node of the folder
    Serve(ServeArgs),
    /// Run the pages of a node in a process of their own
    Gateway(GatewayArgs),
    /// Show the structure's identity, rotate its root, follow a partner's rotation; on a stopped node
    Identity(IdentityArgs),
    /// Play the story of three structures with real nodes on this machine
    Demo(DemoArgs),
}

/// What is asked of a running node.
#[derive(Subcommand, Debug)]
pub(crate) enum DeskCommand {
    /// Show how the node does: partners, what waits, alarms
    #[command(after_help = "Example:\n  relais status --json")]
    Status,
    /// Show who you are for the node
    #[command(after_help = "Example:\n  relais whoami")]
    Whoami,
    /// Manage the users of the node
    User(user::UserArgs),
    /// Make a single-use link that another structure can join
    Invite(pairing::InviteArgs),
    /// Join another structure by its link
    Join(pairing::JoinArgs),
    /// Show partners; confirm, suspend or remove one
    Peers(pairing::PeersArgs),
    /// Recommend a partner to your other partners
    Endorse(endorse::EndorseArgs),
    /// Ask to become partners with a structure that a partner recommends
    Introduce(introductions::IntroduceArgs),
    /// Show introductions; confirm or refuse one
    Introductions(introductions::IntroductionsArgs),
    /// Publish and list services
    Service(service::ServiceArgs),
    /// Find partners' services for a need and a place
    Find(find::FindArgs),
    /// Show and steer the directory: whose records are kept and how fresh; choose, refuse, load open data, export
    Directory(directory::DirectoryArgs),
    /// Ask partners who can take a need, without any person
    Inquire(inquire::InquireArgs),
    /// List inquiries, ours and partners'; answer theirs
    Inquiries(inquire::InquiriesArgs),
    /// Send a referral under the person's agreement
    Refer(Box<refer::ReferArgs>),
    /// List referrals and handovers: what this structure has to do, by default
    Inbox(threads::InboxArgs),
    /// Show one referral or handover with what is held of it
    Show(threads::ShowArgs),
    /// Open, list and show this structure's follow-ups
    FollowUp(follow_up::FollowUpArgs),
    /// Show what a person agreed to, or stop it
    Consent(consent::ConsentArgs),
    /// Hand a follow-up over to another structure
    Handover(handover::HandoverArgs),
    /// Count this node's referrals by territory, need and outcome
    Flows(flows::FlowsArgs),
    /// Show, prove and verify the ledger
    Ledger(ledger::LedgerArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, error::ErrorKind};

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    fn commands(of: &clap::Command, path: &str, all: &mut Vec<(String, String)>) {
        let mut help = of.clone();
        all.push((path.to_owned(), help.render_long_help().to_string()));
        for command in of.get_subcommands().filter(|command| command.get_name() != "help") {
            commands(command, &format!("{path} {}", command.get_name()), all);
        }
    }

    #[test]
    fn every_command_shows_an_example_and_no_colour() {
        let mut root = Cli::command();
        root.build();
        let mut all = Vec::new();
        commands(&root, "relais", &mut all);
        assert!(all.len() > 40, "{}", all.len());
        for (path, help) in &all {
            assert!(
                help.matches("relais ").count() > 1 && help.contains("Example"),
                "{path} has no example:\n{help}"
            );
            assert!(!help.contains('\u{1b}'), "{path}");
        }
    }

    #[test]
    fn no_flag_takes_what_concerns_a_person() {
        fn flags(of: &clap::Command, all: &mut Vec<String>) {
            let own = of.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned));
            all.extend(own);
            of.get_subcommands().for_each(|command| flags(command, all));
        }
        let mut root = Cli::command();
        root.build();
        let mut all = Vec::new();
        flags(&root, &mut all);
        for forbidden in
            ["given-name", "first-name", "contact", "phone", "email", "note", "account", "place", "text"]
        {
            assert!(!all.iter().any(|flag| flag == forbidden), "--{forbidden}");
        }
        assert!(all.iter().any(|flag| flag == "person"));
    }

    fn refused(arguments: &[&str]) -> ErrorKind {
        let arguments = std::iter::once("relais").chain(arguments.iter().copied());
        Cli::try_parse_from(arguments).expect_err("refused").kind()
    }

    #[test]
    fn wrong_words_and_ids_are_usage_errors() {
        assert_eq!(refused(&["refuse", "a1b2", "--reason", "stopped"]), ErrorKind::InvalidValue);
        assert_eq!(refused(&["show", "a1b"]), ErrorKind::ValueValidation);
        assert_eq!(refused(&["schedule", "a1b2", "--at", "tomorrow"]), ErrorKind::ValueValidation);
        assert_eq!(refused(&["close", "a1b2"]), ErrorKind::MissingRequiredArgument);
        assert_eq!(refused(&["refer", "--name", "x"]), ErrorKind::UnknownArgument);
    }

    fn parsed(arguments: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("relais").chain(arguments.iter().copied()))
    }

    #[test]
    fn an_export_of_no_extent_names_both() {
        let missing = parsed(&["directory", "export"]).expect_err("of what?");
        let said = missing.to_string();
        assert!(said.contains("--departement <CODE>|--france"), "{said}");
        assert_eq!(
            refused(&["directory", "export", "--france", "--departement", "17"]),
            ErrorKind::ArgumentConflict
        );
    }

    #[test]
    fn how_someone_is_received_has_the_same_words_in_a_search_and_an_inquiry() {
        let theme = "numerique--acceder-a-une-connexion-internet";
        for command in ["find", "inquire"] {
            for mode in ["remote", "in-person", "a-distance", "en-presentiel"] {
                let typed = [command, "--theme", theme, "--commune", "17300", "--mode", mode];
                assert!(parsed(&typed).is_ok(), "{typed:?}");
            }
        }
    }
}
