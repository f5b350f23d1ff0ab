//! Open data: what became of a dump, and an entry.

use super::directory::service_json;
use super::{instant, maybe_text, theme};
use crate::answer::Answer;
use crate::commands::seed::Seeded;
use crate::exit::Exit;
use crate::lines::{Lines, counted};
use crate::when;
use relais_domain::time::Day;
use relais_proto::desk::v1::{
    ImportProblem, OpenDataStatusResponse, OpenEntryView, RemovedOpenData, SeedEffect, SeedRemark,
};
use relais_proto::peer::v1::YesNo;
use serde_json::{Value, json};

/// What stands before the name of a kind of problem.
const KIND: &str = "IMPORT_PROBLEM_KIND_";
/// Under which code a former commune is told.
const FORMER_COMMUNE: &str = "former_commune";

/// What became of a dump.
pub(crate) fn seeded(seeded: &Seeded) -> Answer {
    let Seeded { source, progress, report, .. } = seeded;
    let sum = |effect: SeedEffect| {
        report.counts.iter().filter(|count| count.effect() == effect).map(|count| count.count).sum::<u64>()
    };
    let (set_aside, replaced) = (sum(SeedEffect::SetAside), sum(SeedEffect::Replaced));
    let mut lines = Lines::new();
    lines.line(format!(
        "{source}: {} services of {} structures are held ({} new, {} known before, {} gone)",
        progress.services, progress.structures, report.created, report.again, report.gone
    ));
    if let Some(before) = seeded.structures_before.filter(|before| *before != progress.structures) {
        lines.line(format!("structures: {before} before, {} now", progress.structures));
    }
    lines.line(format!(
        "{} refused, {set_aside} fields set aside, {replaced} former communes read as present ones",
        progress.refused
    ));
    if !report.counts.is_empty() {
        let rows = report
            .counts
            .iter()
            .map(|count| [word(count.effect()).to_owned(), count.reason.clone(), count.count.to_string()]);
        lines.gap().table(["what", "why", "how often"], rows.collect(), "");
    }
    if !seeded.remarks.is_empty() {
        let rows = seeded.remarks.iter().map(|remark| remark_row(seeded, remark));
        lines.gap().table(["file", "line", "id", "what", "field", "why"], rows.collect(), "");
    }
    Answer::new(seeded_json(seeded), lines.done()).ending((progress.refused > 0).then_some(Exit::Input))
}

/// A source that is no longer held.
pub(crate) fn removed(removed: &RemovedOpenData) -> Answer {
    let source = removed.source.clone().unwrap_or_default();
    let (services, structures) =
        (counted(source.services, "service"), counted(source.structures, "structure"));
    let text = format!("{}: {services} of {structures} are removed", source.name);
    let json = json!({
        "source": source.name,
        "seeded": instant(source.seeded_ms),
        "services": source.services,
        "structures": source.structures,
    });
    Answer::new(json, text)
}

fn remark_row(seeded: &Seeded, remark: &SeedRemark) -> [String; 6] {
    let file = usize::try_from(remark.file).ok().and_then(|place| seeded.files.get(place));
    [
        file.cloned().unwrap_or_default(),
        format!("{}, no {}", remark.line, remark.index.saturating_add(1)),
        remark.id.clone(),
        word(remark.effect()).to_owned(),
        remark.field.clone(),
        remark.problem.clone(),
    ]
}

fn seeded_json(seeded: &Seeded) -> Value {
    let Seeded { source, progress, report, .. } = seeded;
    let counts = report
        .counts
        .iter()
        .map(|count| json!({ "what": word(count.effect()), "code": count.reason, "count": count.count }));
    let remarks = seeded.remarks.iter().map(|remark| {
        json!({
            "what": word(remark.effect()),
            "file": usize::try_from(remark.file).ok().and_then(|place| seeded.files.get(place)),
            "line": remark.line,
            "index": remark.index,
            "id": maybe_text(&remark.id),
            "field": maybe_text(&remark.field),
            "code": code(remark.coded.as_ref()),
            "problem": remark.problem,
        })
    });
    json!({
        "source": source,
        "bytes": progress.bytes,
        "structures": progress.structures,
        "structures_before": seeded.structures_before,
        "services": progress.services,
        "refused": progress.refused,
        "created": report.created,
        "again": report.again,
        "gone": report.gone,
        "counts": counts.collect::<Value>(),
        "remarks": remarks.collect::<Value>(),
    })
}

/// The code of a problem, in small letters.
pub(crate) fn code(coded: Option<&ImportProblem>) -> String {
    coded.map_or_else(
        || FORMER_COMMUNE.to_owned(),
        |coded| {
            let name = coded.kind().as_str_name();
            name.strip_prefix(KIND).unwrap_or(name).to_ascii_lowercase()
        },
    )
}

const fn word(effect: SeedEffect) -> &'static str {
    match effect {
        SeedEffect::Unspecified => "",
        SeedEffect::Refused => "refused",
        SeedEffect::SetAside => "set aside",
        SeedEffect::Replaced => "replaced",
    }
}

/// How the directory does, with how open data stand beside it.
pub(crate) fn beside(directory: Answer, open: &OpenDataStatusResponse) -> Answer {
    let mut lines = Lines::new();
    lines.block(&directory.text).gap();
    let loading = open.loading() == YesNo::Yes;
    let read = if loading {
        format!("; they are being read, and {} can be found so far", open.loaded)
    } else {
        String::new()
    };
    let held = open.sources.iter().map(|source| source.services).sum::<u32>();
    lines.line(format!(
        "Open data: {held} services that nobody vouches for, {} of them not shown, for their structure is here{read}",
        open.hidden
    ));
    if !open.sources.is_empty() {
        let rows = open.sources.iter().map(|source| {
            [
                source.name.clone(),
                when::human(source.seeded_ms),
                source.services.to_string(),
                source.structures.to_string(),
                source.refused.to_string(),
                source.set_aside.to_string(),
                Day(source.newest_day).to_string(),
                source.unreadable.to_string(),
            ]
        });
        let head =
            ["source", "seeded", "services", "structures", "refused", "set aside", "newest", "unreadable"];
        lines.table(head, rows.collect(), "");
    }
    let sources = open.sources.iter().map(|source| {
        json!({
            "name": source.name,
            "seeded": instant(source.seeded_ms),
            "services": source.services,
            "structures": source.structures,
            "refused": source.refused,
            "set_aside": source.set_aside,
            "newest": Day(source.newest_day).to_string(),
            "unreadable": source.unreadable,
        })
    });
    let (sources, mut json) = (sources.collect::<Value>(), directory.json.clone());
    if let Some(object) = json.as_object_mut() {
        let told =
            json!({ "sources": sources, "loaded": open.loaded, "hidden": open.hidden, "loading": loading });
        object.insert("open_data".to_owned(), told);
    }
    Answer::new(json, lines.done()).ending(directory.exit)
}

/// An entry that nobody vouches for.
pub(crate) fn entry(shown: &OpenEntryView) -> Answer {
    let service = shown.service.clone().unwrap_or_default();
    let open = shown.open.clone().unwrap_or_default();
    let changed = Day(open.updated_day).to_string();
    let needs: Vec<String> = service.themes.iter().map(|code| theme(code)).collect();
    let commune = match (service.commune_name.as_str(), service.commune_code.as_str()) {
        ("", code) => code.to_owned(),
        (name, code) => format!("{name} ({code})"),
    };
    let mut lines = Lines::new();
    lines.line(format!("{} ({})", service.name, service.service_id));
    lines.line(if shown.replaced() == YesNo::Yes {
        "Its structure is on the network: this entry is not shown any more"
    } else {
        "Not verified: nobody on the network vouches for it"
    });
    lines
        .field("structure", &service.structure_name)
        .field("needs", needs.join("; "))
        .field("place", commune)
        .field("address", &service.address)
        .field("telephone", &service.phone)
        .field("e-mail", &service.email)
        .field("web", &service.link)
        .field("open", &service.opening_hours)
        .field("description", &service.description)
        .field("source", format!("{} ({}), changed on {changed}", open.source, open.dump));
    let json = json!({
        "service": service_json(&service),
        "phone": maybe_text(&service.phone),
        "email": maybe_text(&service.email),
        "link": maybe_text(&service.link),
        "opening_hours": maybe_text(&service.opening_hours),
        "source": open.source,
        "structure_id": open.structure_id,
        "changed": changed,
        "dump": open.dump,
        "seeded": instant(open.seeded_ms),
        "replaced": shown.replaced() == YesNo::Yes,
    });
    Answer::new(json, lines.done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_proto::desk::v1::{ImportProblemKind, SeedCount, SeedProgress, SeedReport, ServiceView};

    #[test]
    fn a_report_says_which_and_why_for_eyes_and_for_scripts() {
        let remark = SeedRemark {
            effect: SeedEffect::Refused.into(),
            file: 1,
            line: 12,
            index: 4,
            id: "dora--x\u{1b}[31m".to_owned(),
            field: "thematiques".to_owned(),
            problem: "has no value `x`".to_owned(),
            coded: Some(ImportProblem {
                kind: ImportProblemKind::UnknownTheme.into(),
                ..ImportProblem::default()
            }),
        };
        let former = SeedRemark { effect: SeedEffect::Replaced.into(), coded: None, ..remark.clone() };
        let count = |effect: SeedEffect, reason: &str, count| SeedCount {
            effect: effect.into(),
            reason: reason.to_owned(),
            count,
        };
        let counts = vec![
            count(SeedEffect::Refused, "unknown_theme", 1_500),
            count(SeedEffect::SetAside, "not_a_phone", 2),
        ];
        let progress = SeedProgress { services: 9, structures: 3, refused: 1_500, ..SeedProgress::default() };
        let answer = seeded(&Seeded {
            source: "essai".to_owned(),
            structures_before: Some(4),
            files: vec!["a.json".to_owned(), "b.json".to_owned()],
            progress,
            remarks: vec![remark, former],
            report: SeedReport { created: 9, again: 0, gone: 1, counts },
        });
        assert!(
            answer
                .text
                .starts_with("essai: 9 services of 3 structures are held (9 new, 0 known before, 1 gone)\nstructures: 4 before, 3 now\n")
        );
        assert!(
            answer.text.contains("1500 refused, 2 fields set aside") && answer.text.contains("unknown_theme")
        );
        assert!(answer.text.contains("b.json") && answer.text.contains("12, no 5"), "{}", answer.text);
        assert!(!answer.text.contains('\u{1b}'));
        assert_eq!(answer.exit, Some(Exit::Input));
        assert_eq!(answer.json["remarks"][0]["code"], "unknown_theme");
        assert_eq!(answer.json["remarks"][1]["code"], "former_commune");
        assert_eq!((&answer.json["counts"][0]["count"], &answer.json["gone"]), (&json!(1_500), &json!(1)));
    }

    #[test]
    fn an_entry_says_where_it_is_what_for_and_what_it_does() {
        let service = ServiceView {
            name: "Se connecter".to_owned(),
            themes: vec!["numerique--acceder-a-une-connexion-internet".to_owned()],
            commune_code: "17300".to_owned(),
            commune_name: "La Rochelle".to_owned(),
            description: "Une connexion.".to_owned(),
            ..ServiceView::default()
        };
        let told = entry(&OpenEntryView { service: Some(service), ..OpenEntryView::default() }).text;
        for part in ["  needs ", "La Rochelle (17300)", "Une connexion."] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
