use super::*;
use proptest::prelude::*;

const SEPARATORS: [&str; 13] =
    ["", " ", ".", "-", "/", "_", "\u{a0}", "\u{202f}", "\u{200b}", "\u{2011}", " - ", ". ", "\u{2060} "];

fn one(text: &str) -> Option<Forbidden> {
    scan(text, Reading::StageOne)
}

/// A NIR of these 13 characters, its key added.
fn with_key(thirteen: &str) -> String {
    let digits = thirteen.replace("2A", "19").replace("2B", "18");
    let number: u64 = digits.parse().unwrap();
    format!("{thirteen}{:02}", 97 - number % 97)
}

const GUILTY: &[(Forbidden, &str)] = &[
    (Forbidden::Nir, "Son numéro : 185057800608491."),
    (Forbidden::Nir, "n° sécu 1 85 05 78 006 084 91"),
    (Forbidden::Nir, "185-05-78-006-084-91 est son NIR"),
    (Forbidden::Nir, "1.85.05.78.006.084/91"),
    (Forbidden::Nir, "1 8 5 0 5 7 8 0 0 6 0 8 4 9 1"),
    (Forbidden::Nir, "1_85_05_78_006_084_91"),
    (Forbidden::Nir, "1\u{a0}85\u{202f}05 78 006 084 91"),
    (Forbidden::Nir, "1\u{200b}850578006\u{200d}08491"),
    (Forbidden::Nir, "\u{ff11}\u{ff18}\u{ff15}\u{ff10}\u{ff15}\u{ff17}\u{ff18}\u{ff10}\u{ff10}\u{ff16}08491"),
    (Forbidden::Nir, "\u{661}\u{668}\u{665}\u{660}\u{665}\u{667}\u{668}\u{660}\u{660}\u{666}08491"),
    (Forbidden::Nir, "sans clé : 1850578006084"),
    (Forbidden::Nir, "sans clé : 1 85 05 78 006 084"),
    (Forbidden::Nir, "née à l'étranger, 2 79 99 99 351 014"),
    (Forbidden::Nir, "dossier 12 : 1 85 05 78 006 084 91 (2026)"),
    (Forbidden::Nir, "1 85 05 78 006 084 92, clé mal recopiée"),
    (Forbidden::Nir, "NIR 185057800608492, clé mal recopiée"),
    (Forbidden::Nir, "1, 85, 05, 78, 006, 084, 91"),
    (Forbidden::Nir, "uà 757872779380783 à èèèhààcè ààn"),
    (Forbidden::Nir, "185O578OO6O8491"),
    (Forbidden::Iban, "IBAN FR76 3000 6000 0112 3456 7890 189"),
    (Forbidden::Iban, "fr7630006000011234567890189"),
    (Forbidden::Iban, "virement sur F R 7 6 3000-6000-0112-3456-7890-189"),
    (Forbidden::Iban, "compte DE89 3704 0044 0532 0130 00"),
    (Forbidden::Iban, "BE68 5390 0754 7034 merci"),
    (Forbidden::Iban, "GB29 NWBK 6016 1331 9268 19"),
    (Forbidden::Iban, "LU280019400644750000"),
    (Forbidden::Iban, "MT84 MALT 0110 0001 2345 MTLC AST0 01S"),
    (Forbidden::Iban, "mt84malt011000012345mtlcast001s"),
    (Forbidden::Iban, "IBAN d'ailleurs : ZZ591234567890123456"),
    (Forbidden::Iban, "IBANFR7630006000011234567890189"),
    (Forbidden::Card, "carte 4970 1012 3456 7893"),
    (Forbidden::Card, "4970101234567893"),
    (Forbidden::Card, "4-9-7-0-1-0-1-2-3-4-5-6-7-8-9-3"),
    (Forbidden::Card, "5555 5555 5555 4444, expire 12/28"),
    (Forbidden::Card, "amex 3782 822463 10005"),
    (Forbidden::Card, "diners 3056 930902 5904"),
    (Forbidden::Passport, "passeport 12AB34567"),
    (Forbidden::Passport, "il a le 12AB34567 sur lui"),
    (Forbidden::Passport, "12 AB 34567"),
    (Forbidden::Passport, "Passeport : 12 de 34567"),
    (Forbidden::IdentityPaper, "carte d'identité X4RTBPFW4"),
    (Forbidden::IdentityPaper, "CNI n° D2H6862M2"),
    (Forbidden::IdentityPaper, "carte nationale d’identité : D2H 6862 M2"),
    (Forbidden::IdentityPaper, "ancienne carte d'identité 880692310285"),
    (Forbidden::IdentityPaper, "titre de séjour 9903123456"),
    (Forbidden::IdentityPaper, "TITRE DE SEJOUR numéro 75 03 123 456"),
    (Forbidden::ForeignerNumber, "numéro étranger 7503123456"),
    (Forbidden::ForeignerNumber, "AGDREF : 99 03 12 34 56"),
    (Forbidden::ForeignerNumber, "n° étranger 0103123456"),
    (Forbidden::JobseekerNumber, "identifiant France Travail 1234567A"),
    (Forbidden::JobseekerNumber, "identifiant Pôle emploi : 1234567 A"),
    (Forbidden::JobseekerNumber, "numéro de demandeur d'emploi 12345678"),
    (Forbidden::JobseekerNumber, "identifiant : 7654321k (France Travail)"),
    (Forbidden::JobseekerNumber, "n° France Travail 12345678901"),
    (Forbidden::Phone, "au 06 12 34 56 78"),
    (Forbidden::Phone, "0546273645"),
    (Forbidden::Phone, "05.46.27.36.45"),
    (Forbidden::Phone, "0 5 4 6 2 7 3 6 4 5"),
    (Forbidden::Phone, "O6 12 34 56 78"),
    (Forbidden::Phone, "06/12/34/56/78"),
    (Forbidden::Phone, "(05) 46-27-36-45"),
    (Forbidden::Phone, "+33 6 12 34 56 78"),
    (Forbidden::Phone, "+33 (0)6 12 34 56 78"),
    (Forbidden::Phone, "0033612345678"),
    (Forbidden::Phone, "33 6 12 34 56 78"),
    (Forbidden::Phone, "WhatsApp +212 6 61 23 45 67"),
    (Forbidden::Phone, "00 44 20 7946 0958"),
    (Forbidden::Phone, "tél. 05462 73645"),
    (Forbidden::Phone, "rdv le 5/12/2026, 06 12 34 56 78"),
    (Forbidden::Phone, "17000 La Rochelle 05 46 27 36 45"),
    (Forbidden::Phone, "arrivé en 2026 06 12 34 56 78"),
    (Forbidden::Email, "amina@example.fr"),
    (Forbidden::Email, "amina.b@mail.example.org."),
    (Forbidden::Email, "amina @ example.fr"),
    (Forbidden::Email, "amina (at) example.fr"),
    (Forbidden::Email, "amina[at]example[dot]fr"),
    (Forbidden::Email, "amina at example.fr"),
    (Forbidden::Email, "amina arobase example point fr"),
    (Forbidden::Email, "amina Arobase example.fr"),
    (Forbidden::Email, "amina\u{ff20}example\u{ff0e}fr"),
    (Forbidden::Email, "amina@\u{200b}example . fr"),
];

#[test]
fn guilty_sentences_are_found() {
    for (kind, text) in GUILTY {
        assert_eq!(one(text), Some(*kind), "{text}");
    }
    for kind in Forbidden::ALL {
        assert!(GUILTY.iter().any(|(found, _)| *found == kind), "no guilty sentence for {kind:?}");
    }
}

const INNOCENT: &[&str] = &[
    "",
    "Ne peut pas ouvrir son espace en ligne, a besoin d'aide pour s'actualiser avant le 15.",
    "Disponible le mardi 9h-12h et le jeudi 14h-17h30.",
    "Ouvert 9:00-12:30, 14:00-18:00 du lundi au vendredi.",
    "Mo-Fr 09:00-12:00,14:00-18:00; Sa 10:00-12:00",
    "Ouvert 09.00-12.00 / 14.00-17.30",
    "Ouvert 09-12 14-18 le mardi",
    "Rendez-vous le 5/12/2026 à 14:30.",
    "Rendez-vous le 05/12/2026 14-18",
    "Absent du 01/09/2026-15/09/2026.",
    "Le 10/11/2026 9-12 14-18",
    "2026-05-12 9.30-12.00",
    "Du 2026-09-01 au 2027-06-30",
    "Habite 17000 La Rochelle, bâtiment 2B, 3e étage.",
    "Communes 01000 01090 desservies",
    "17000, 17100, 17138 et 17220",
    "Reste à payer 1 250,50 €, loyer de 640 € depuis 3 mois.",
    "Dette de 12 000 000 francs CFA",
    "Budget 250-300 € par mois, 2 enfants de 4 et 12 ans.",
    "Bus 12, arrêt à 200 m ; tram 3.",
    "Appeler le 3949 ou le 115, sinon le 17.",
    "SIRET de la structure 380 129 866 00012",
    "SIRET 38012986600012, SIREN 380129866",
    "SIRET 552 081 317 66522",
    "Passeport périmé depuis le 12/05/2024.",
    "Sa carte d'identité expire en 2027, il faut la refaire.",
    "Titre de séjour valable jusqu'au 12 05 2027, récépissé de 3 mois.",
    "Inscrit à France Travail depuis le 12/05/2025.",
    "L'agence France Travail, numéro 12 rue de la Paix.",
    "Entre 10 et 17000 habitants.",
    "Il reste 12 de 17000 places",
    "Il demande un IBAN à sa banque avant le 12 septembre 2026, sans succès depuis 3 semaines.",
    "De 14 h à 17 h, aide de 12 personnes du centre social et de 3 bénévoles",
    "de 12 personnes au centre social des quartiers nord de la ville",
    "RDV @ 14h au centre",
    "Rendez-vous at home, puis on verra.",
    "Écrire sur le point d'accueil. Fr ou En.",
    "Niveau A2 en français, B1 à l'oral ; parle arabe et 2 autres langues.",
    "Plaque AB-123-CD, véhicule de 2012",
    "Allocataire depuis 2019, 3 enfants (2012, 2015, 2018).",
    "Version 1.0.10, mémoire 16 Go, 4G à 20 Mb/s",
    "Wi-Fi 2.4 GHz, forfait 100 Go à 9,99 €",
    "Loi n° 78-17 du 6 janvier 1978, article 9",
    "Identifiant 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "Ouverture +18 ans, places : 3+2",
    "Référence K7QM-3T9X",
    "Horaires 8:00-12:30, 13:30-17:00",
    "12 / 14 / 16 / 18",
    "Il a lu 52 345 pages de livres.",
    "IBAN refusé à plus de 86 personnes de passage.",
    "Référence BE6853900754703499",
    "Ouvert 09-12 14-18 20 places",
    "ENTRE 10 ET 17000 HABITANTS",
    "Passeport à refaire avant le 12/05/2026 3 enfants",
    "Passeport : documents perdus",
    "@emmaus.fr sur le réseau",
    "Habite 01000 10 000 € de dettes",
    "De 09.00-12.00 25 places",
    "Horodatage 1732240000123",
    "Référence ZZ591234567890123456 du dossier",
    "Réponse de France Travail reçue, dossier 1234567 B en cours",
    "Identifiant de connexion oublié, dossier 1234567B",
    "Son compte @emmaus sur le réseau",
    "Venir @ midi. Ensuite on mange",
];

#[test]
fn innocent_sentences_pass() {
    for text in INNOCENT {
        assert_eq!(one(text), None, "{text}");
    }
}

#[test]
fn reaching_a_person_is_forbidden_before_acceptance_alone() {
    for text in
        ["06 12 34 56 78", "amina@example.fr", "06 12 34 56 78 et 05 46 27 36 45", "+33 6 12 34 56 78"]
    {
        assert!(scan(text, Reading::StageOne).is_some(), "{text}");
        assert_eq!(scan(text, Reading::StageTwo), None, "{text}");
    }
    for text in ["185057800608491", "FR7630006000011234567890189", "4970101234567893", "passeport 12AB34567"]
    {
        assert_eq!(scan(text, Reading::StageTwo), scan(text, Reading::StageOne));
        assert!(scan(text, Reading::StageTwo).is_some(), "{text}");
    }
}

#[test]
fn two_phone_numbers_are_no_card() {
    for last in 0..100 {
        let text = format!("05 46 27 36 45 06 12 34 {last:02} 78");
        assert_eq!(scan(&text, Reading::StageTwo), None, "{text}");
    }
}

#[test]
fn what_is_found_says_how_to_mend_and_never_what_was_written() {
    assert_eq!(
        Forbidden::Nir.to_string(),
        "a social security number (NIR): remove it; Relais never carries it"
    );
    for kind in Forbidden::ALL {
        assert!(kind.to_string().contains(": remove it; "), "{kind:?}");
        assert!(!kind.as_str().is_empty());
    }
}

#[test]
fn a_wrong_check_is_no_iban_and_no_card() {
    for text in ["FR76 3000 6000 0112 3456 7890 188", "4970 1012 3456 7890", "DE88 3704 0044 0532 0130 00"] {
        assert_eq!(scan(text, Reading::StageTwo), None, "{text}");
    }
}

#[test]
fn control_and_direction_characters_are_refused() {
    assert_eq!(clean("  Bonjour\r\nà tous \n"), Ok("Bonjour\nà tous".to_owned()));
    assert_eq!(clean("a\u{7}b"), Err(Unclean::Control { position: 2 }));
    for bad in ['\0', '\t', '\r', '\u{1b}', '\u{7f}', '\u{85}'] {
        assert!(matches!(clean(&format!("a{bad}b")), Err(Unclean::Control { .. })), "{bad:?}");
    }
    for bad in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
        let refused = clean(&format!("é{bad}b")).unwrap_err();
        assert_eq!(refused, Unclean::Direction { position: 2 });
        assert!(refused.to_string().contains("place 2"));
    }
    assert!(clean("a\u{7}").unwrap_err().to_string().contains("control"));
    assert_eq!(clean("شكرا\u{200f} — merci"), Ok("شكرا\u{200f} — merci".to_owned()), "a mark is no override");
}

/// The 13 first characters of a NIR that may exist.
fn thirteen() -> impl Strategy<Value = String> {
    let sex = prop::sample::select(vec!['1', '2', '3', '4', '7', '8']);
    let month = prop_oneof![1u32..=12, 20u32..=42, 50u32..=99];
    let departement = prop_oneof![
        8 => (1u32..=99).prop_map(|number| format!("{number:02}")),
        1 => Just("2A".to_owned()),
        1 => Just("2B".to_owned()),
    ];
    (sex, 0u32..100, month, departement, 1u32..1000, 1u32..1000).prop_map(
        |(sex, year, month, departement, commune, order)| {
            format!("{sex}{year:02}{month:02}{departement}{commune:03}{order:03}")
        },
    )
}

/// A digit in a script of the reader's choice.
fn in_script(digit: char, script: usize) -> char {
    let zero = [0x30, 0x660, 0x6f0, 0xff10, 0x1d7ce][script % 5];
    digit.to_digit(10).and_then(|value| char::from_u32(zero + value)).unwrap_or(digit)
}

/// A date, hours, a place or an amount, as people write them.
fn harmless() -> impl Strategy<Value = String> {
    let date = (1u32..=31, 1u32..=12, 1990u32..2035, prop::sample::select(vec!["/", "-", ".", " "]));
    let hours = (0u32..24, prop::sample::select(vec![0u32, 15, 30, 45]), 0u32..24);
    prop_oneof![
        date.clone().prop_map(|(d, m, y, gap)| format!("{d:02}{gap}{m:02}{gap}{y}")),
        date.prop_map(|(d, m, y, _)| format!("{y}-{m:02}-{d:02}")),
        hours.clone().prop_map(|(h, m, to)| format!("{h}h{m:02}-{to}h")),
        hours.clone().prop_map(|(h, m, to)| format!("{h:02}:{m:02}-{to:02}:00")),
        hours.prop_map(|(h, m, to)| format!("{h:02}.{m:02}-{to:02}.00")),
        (0usize..6_000).prop_map(|index| {
            let row = include_str!("../../data/postcodes.txt").lines().nth(index).unwrap();
            row[..5].to_owned()
        }),
        (0u32..3_000, 0u32..100).prop_map(|(euros, cents)| format!("{euros},{cents:02} €")),
        (1u32..20, 0u32..1000).prop_map(|(thousands, rest)| format!("{thousands} {rest:03} €")),
        (1u32..100).prop_map(|age| format!("{age} ans")),
    ]
}

proptest! {
    #[test]
    fn dates_hours_places_and_amounts_pass(
        parts in prop::collection::vec((harmless(), "(, | |  | et | : )"), 1..3),
        before in "([a-zàéè]{2,8} ){1,2}",
    ) {
        let text: String = parts.iter().map(|(part, after)| format!("{part}{after}")).collect();
        prop_assert_eq!(one(&format!("{before}{text}")), None);
    }

    #[test]
    fn a_nir_with_its_key_is_found_however_it_is_written(
        nir in thirteen(),
        gaps in prop::collection::vec(0..SEPARATORS.len(), 15),
        script in 0usize..5,
        before in "([a-zàéè]{1,8} ){0,4}",
        after in "( [a-zàéè]{1,8}){0,4}",
        reading in prop::sample::select(vec![Reading::StageOne, Reading::StageTwo]),
    ) {
        let written: String = with_key(&nir)
            .chars()
            .zip(gaps)
            .enumerate()
            .map(|(index, (c, gap))| {
                format!("{}{}", if index == 0 { "" } else { SEPARATORS[gap] }, in_script(c, script))
            })
            .collect();
        prop_assert_eq!(scan(&format!("{before}{written}{after}"), reading), Some(Forbidden::Nir));
    }

    #[test]
    fn a_nir_without_its_key_is_found_as_it_is_printed(nir in thirteen(), gap in 0..SEPARATORS.len()) {
        let gap = SEPARATORS[gap];
        let parts = [&nir[..1], &nir[1..3], &nir[3..5], &nir[5..7], &nir[7..10], &nir[10..]];
        prop_assert_eq!(one(&format!("sans clé {} merci", parts.join(gap))), Some(Forbidden::Nir));
    }

    #[test]
    fn a_wrong_key_alone_is_no_nir(nir in thirteen(), off in 1u64..97) {
        let whole: u64 = with_key(&nir.replace(['A', 'B'], "4")).parse().unwrap();
        let key = (whole % 100 + off - 1) % 97 + 1;
        prop_assume!(key != whole % 100);
        let text = format!("réf {:013}{key:02}", whole / 100);
        prop_assert_ne!(scan(&text, Reading::StageTwo), Some(Forbidden::Nir));
    }

    #[test]
    fn a_french_phone_number_is_found_in_any_grouping(
        digits in "0[1-9][0-9]{8}",
        gap in 0..SEPARATORS.len(),
    ) {
        let pairs: Vec<&str> = (0..5).map(|pair| &digits[2 * pair..2 * pair + 2]).collect();
        prop_assert_eq!(one(&format!("son numéro {} merci", pairs.join(SEPARATORS[gap]))), Some(Forbidden::Phone));
    }

    #[test]
    fn any_text_is_read_without_harm(text in ".{0,300}") {
        let _ = scan(&text, Reading::StageOne);
        let _ = clean(&text);
    }
}
