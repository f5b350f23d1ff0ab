//! Value lists of data·inclusion (schema v1, 1.0.10, Licence Ouverte 2.0), against which imported services are checked.
//! The themes are in [`crate::theme`].

/// One value that a field of data·inclusion may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value {
    code: &'static str,
    label: &'static str,
}

impl Value {
    /// The code, as written in data·inclusion.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// The label, in French.
    pub const fn label(self) -> &'static str {
        self.label
    }
}

macro_rules! vocabularies {
    ($($(#[$doc:meta])* $name:ident, $field:literal { $($code:literal = $label:literal;)+ })+) => {
        /// A closed list of values.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Vocabulary { $($(#[$doc])* $name),+ }

        impl Vocabulary {
            /// Every list.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name of the field in data·inclusion.
            pub const fn field(self) -> &'static str {
                match self { $(Self::$name => $field),+ }
            }

            /// The values, in data·inclusion's order.
            pub const fn values(self) -> &'static [Value] {
                match self { $(Self::$name => &[$(Value { code: $code, label: $label }),+]),+ }
            }
        }
    };
}

impl Vocabulary {
    /// Whether `code` is one of the list's values.
    pub fn contains(self, code: &str) -> bool {
        self.find(code).is_some()
    }

    /// The value of a code; `None` when the list has no such value.
    pub fn find(self, code: &str) -> Option<Value> {
        self.values().iter().copied().find(|value| value.code == code)
    }
}

vocabularies! {
    /// Who a service is for.
    Audiences, "publics" {
        "tous-publics" = "Tous publics";
        "actifs" = "Actifs";
        "beneficiaires-des-minimas-sociaux" = "Bénéficiaires des minimas sociaux";
        "demandeurs-emploi" = "Demandeurs d’emploi";
        "etudiants" = "Étudiants";
        "familles" = "Familles";
        "femmes" = "Femmes";
        "jeunes" = "Jeunes";
        "personnes-en-situation-de-handicap" = "Personnes en situation de handicap";
        "personnes-en-situation-durgence" = "Personnes en situation d’urgence";
        "personnes-en-situation-juridique-specifique" = "Personnes en situation juridique spécifique";
        "personnes-exilees" = "Personnes exilées";
        "residents-qpv-frr" = "Résidents en QPV ou FRR";
        "seniors" = "Séniors";
    }
    /// Whether a service costs anything.
    Fees, "frais" {
        "gratuit" = "Gratuit";
        "payant" = "Payant";
    }
    /// What kind of help a service is.
    ServiceTypes, "types_de_services" {
        "accompagnement" = "Accompagnement";
        "aide-financiere" = "Aide financière";
        "aide-materielle" = "Aide matérielle";
        "atelier" = "Atelier";
        "formation" = "Formation";
        "information" = "Information";
    }
    /// Where people are received.
    WelcomeModes, "modes_accueil" {
        "a-distance" = "À distance";
        "en-presentiel" = "En présentiel";
    }
    /// How a service is asked.
    MobilisationModes, "modes_mobilisation" {
        "envoyer-un-courriel" = "Envoyer un courriel";
        "se-presenter" = "Se présenter";
        "telephoner" = "Téléphoner";
        "utiliser-lien-mobilisation" = "Utiliser le lien de mobilisation";
    }
    /// Who may ask a service.
    Mobilisers, "personnes_mobilisatrices" {
        "usagers" = "Usagers";
        "professionnels" = "Professionnels";
    }
    /// The network that carries a service or a structure.
    Networks, "reseaux_porteurs" {
        "60000-rebonds" = "60 000 Rebonds";
        "action-logement" = "Action Logement";
        "adie" = "Association pour le Droit à l’Initiative Économique";
        "afpa" = "Agence Nationale pour la Formation Professionnelle des Adultes";
        "agefiph" = "Agefiph";
        "ai" = "Associations Intermédiaires";
        "aidants-connect" = "Aidants Connect";
        "alliance-villes-emploi" = "Alliance Villes Emploi";
        "anlci" = "Agence Nationale de Lutte Contre l’Illettrisme";
        "apprentis-dauteuil" = "Apprentis d’Auteuil";
        "ase" = "Aide Sociale à l’Enfance";
        "banques-alimentaires" = "Banques Alimentaires";
        "caarud" = "Centres d’Accueil et d’Accompagnement à la Réduction de Risques pour Usagers de Drogues";
        "cada" = "Centres d’Accueil de Demandeurs d’Asile";
        "caf" = "Caisse d’Allocations Familiales";
        "campus-connecte" = "Campus Connecté";
        "cap-emploi-reseau-cheops" = "CAP Emploi - Réseau CHEOPS";
        "cava" = "Centres d’Adaptation à la Vie Active";
        "ccas-cias" = "Les Centres Communaux d’Action Sociale et les Centres Intercommunaux d’Action Sociale";
        "chambres-consulaires" = "Chambres Consulaires";
        "chantier-ecole" = "Réseau Chantier École";
        "chrs" = "Centres d’Hébergement et de Réinsertion Sociale";
        "chu" = "Centres d’Hébergement d’Urgence";
        "cidff" = "Centres d’Information sur les Droits des Femmes et des Familles";
        "cmp" = "Centres Médico-Psychologiques";
        "cms" = "Centres Médico-Sociaux";
        "cnam" = "Conservatoire National des Arts et Métiers";
        "collectif-emploi" = "Collectif Emploi";
        "communes" = "Communes, mairies, communautés de communes, etc.";
        "coorace" = "Fédération COORACE";
        "conseillers-numeriques" = "Conseillers Numériques";
        "cpam" = "Caisses Primaires d’Assurance Maladie";
        "cph" = "Centres Provisoires d’Hébergement";
        "creches-avip" = "Crèches à Vocation d’Insertion Professionnelle";
        "crepi" = "CREPI";
        "cresus" = "Fédération Française des Associations CRÉSUS";
        "croix-rouge" = "Croix-Rouge";
        "csapa" = "Centres de Soins, d’Accompagnement et de Prévention en Addictologie";
        "delegataire-conseil-departemental" = "Organisation délégataire d’un Conseil Départemental";
        "departements" = "Départements et Services Départementaux";
        "duo-for-a-job" = "DUO for a JOB";
        "ecoles-de-la-deuxieme-chance" = "Écoles de la 2ᵉ Chance";
        "ea" = "Entreprises Adaptées";
        "eatt" = "Entreprises Adaptées de Travail Temporaire";
        "egee" = "Association EGEE";
        "emmaus" = "Emmaüs";
        "epide" = "EPIDE";
        "esat" = "Établissement et Service d’Accompagnement par le Travail";
        "espaces-publics-numeriques" = "Espaces Publics Numériques";
        "etcld" = "Expérimentation Territoriale contre le Chômage de Longue Durée";
        "fabrique-de-territoire" = "Fabrique de Territoire";
        "face" = "Fondation FACE";
        "fcsf" = "Fédération des Centres Sociaux et Socioculturels de France";
        "federation-professionnelle-femmes" = "Fédération Professionnelle pour les Femmes";
        "federation-des-acteurs-de-la-solidarite" = "Fédération des Acteurs de la Solidarité";
        "france-active" = "France Active";
        "france-service" = "France Service";
        "france-travail" = "France Travail";
        "french-tech" = "French Tech";
        "geiq" = "GEIQ";
        "grandes-ecoles-du-numerique" = "Grandes Écoles du Numérique";
        "huda" = "Hébergement d’Urgence pour Demandeurs d’Asile";
        "hup" = "Association H’UP";
        "inae" = "INAÉ Nouvelle Aquitaine";
        "initiative-france" = "Initiative France";
        "konexio" = "Association Konexio";
        "la-cravate-solidaire" = "La Cravate Solidaire";
        "la-poste" = "La Poste";
        "les-premieres" = "Les Premières";
        "maisons-de-l-emploi" = "Maisons de l’Emploi";
        "maison-departementale-de-lautonomie" = "Maisons Départementales de l’Autonomie";
        "maisons-des-solidarites" = "Maisons Départementales des Solidarités (MDS)";
        "mdph" = "Maisons Départementales pour les Personnes Handicapées (MDPH)";
        "mission-locale" = "Mission Locale";
        "mjc" = "Maisons des Jeunes et de la Culture";
        "mobin" = "Mob’In";
        "msap" = "Maisons de Services Au Public";
        "mutualite-sociale-agricole" = "Mutualité Sociale Agricole";
        "nqt" = "Association NQT";
        "pimms-mediation" = "Point Information Médiation Multi Services";
        "pjj" = "Protection Judiciaire de la Jeunesse";
        "plie" = "Plans Locaux pour l’Insertion et l’Emploi";
        "points-conseil-budget" = "Points Conseil Budget";
        "points-justice" = "Points Justice";
        "positive-planet" = "Positive Planet";
        "regions" = "Régions, Préfectures et services régionaux";
        "reseau-app" = "Réseau APP";
        "reseau-bge" = "Réseau BGE";
        "reseau-entreprendre" = "Réseau Entreprendre";
        "reseau-information-jeunesse" = "Réseau Information Jeunesse";
        "residences-fjt" = "Résidences - Foyers Jeunes Travailleurs";
        "ressourceries" = "Ressourceries";
        "restos-du-coeur" = "Restos du Coeur";
        "secours-populaire" = "Secours Populaire";
        "ei" = "Structures d’Insertion par l’Activité Économique - Entreprises d’Insertion";
        "aci" = "Structures d’Insertion par l’Activité Économique - Ateliers et Chantiers d’Insertion";
        "etti" = "Structures d’Insertion par l’Activité Économique - Entreprises de Travail Temporaire d’Insertion";
        "eiti" = "Structures d’Insertion par l’Activité Économique - Entreprises d’Insertion par le Travail Indépendant";
        "siao" = "Services Intégrés d’Accueil et d’Orientation";
        "simplon" = "Simplon";
        "singa" = "Association SINGA";
        "snc" = "Solidarité Nouvelle Face au Chômage";
        "spip" = "Services Pénitentiaires d’Insertion et de Probation";
        "tous-tes-possibles" = "Tous Tes Possibles";
        "unaf" = "Union Nationale de l’Aide aux Familles";
        "unea" = "Union Nationale des Entreprises Adaptées";
        "unis-cite" = "UnisCité";
        "wimoov" = "Wimoov";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_list_is_whole() {
        let counts: Vec<(&str, usize)> =
            Vocabulary::ALL.iter().map(|list| (list.field(), list.values().len())).collect();
        assert_eq!(
            counts,
            [
                ("publics", 14),
                ("frais", 2),
                ("types_de_services", 6),
                ("modes_accueil", 2),
                ("modes_mobilisation", 4),
                ("personnes_mobilisatrices", 2),
                ("reseaux_porteurs", 108)
            ]
        );
        for list in Vocabulary::ALL.iter().copied() {
            let codes: BTreeSet<&str> = list.values().iter().map(|value| value.code()).collect();
            assert_eq!(codes.len(), list.values().len(), "{list:?} has a code twice");
            assert!(list.values().iter().all(|value| list.find(value.code()) == Some(*value)));
        }
    }

    #[test]
    fn a_value_of_another_list_is_refused() {
        assert!(Vocabulary::Fees.contains("gratuit"));
        assert!(!Vocabulary::Fees.contains("Gratuit"));
        assert!(!Vocabulary::Fees.contains("usagers"));
        assert!(!Vocabulary::Networks.contains(""));
        assert_eq!(
            Vocabulary::Networks.find("caf").map(Value::label),
            Some("Caisse d’Allocations Familiales")
        );
        assert_eq!(Vocabulary::WelcomeModes.find("sur-place"), None);
    }
}
