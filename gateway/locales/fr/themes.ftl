# The needs of data·inclusion v1. `theme-list` is their order, by category.
theme-list =
    choisir-un-metier--confirmer-son-choix-de-metier
    choisir-un-metier--connaitre-les-opportunites-demploi
    choisir-un-metier--decouvrir-un-metier-ou-un-secteur-dactivite
    choisir-un-metier--identifier-ses-points-forts-et-ses-competences
    creer-une-entreprise--definir-son-projet-de-creation-dentreprise
    creer-une-entreprise--developper-son-entreprise
    creer-une-entreprise--structurer-son-projet-de-creation-dentreprise
    difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives
    difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-a-la-citoyennete
    difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits
    difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte
    difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination
    difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire
    difficultes-financieres--acquerir-une-autonomie-budgetaire
    difficultes-financieres--ameliorer-sa-gestion-budgetaire
    difficultes-financieres--mettre-en-place-une-mesure-de-protection-financiere
    difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere
    difficultes-financieres--situation-dendettement-surendettement
    equipement-et-alimentation--aide-menagere
    equipement-et-alimentation--alimentation
    equipement-et-alimentation--electromenager
    equipement-et-alimentation--habillement
    famille--garde-denfants
    famille--prise-en-charge-personne-dependante
    famille--soutien-a-la-parentalite-et-a-leducation
    famille--soutien-aidants
    famille--surmonter-conflits-separation-violence
    lecture-ecriture-calcul--maitriser-le-calcul
    lecture-ecriture-calcul--maitriser-le-francais
    logement-hebergement--acheter-un-logement
    logement-hebergement--changer-de-logement
    logement-hebergement--louer-un-logement
    logement-hebergement--rechercher-une-solution-dhebergement-temporaire
    logement-hebergement--reduire-les-impayes-de-loyer
    logement-hebergement--se-maintenir-dans-le-logement
    logement-hebergement--sinformer-sur-les-demarches-liees-a-lacces-au-logement
    mobilite--acceder-a-un-vehicule
    mobilite--entretenir-reparer-son-vehicule
    mobilite--etre-accompagne-dans-son-parcours-mobilite
    mobilite--financer-ma-mobilite
    mobilite--preparer-un-permis
    mobilite--mobilite-douce-partagee-collective
    numerique--acceder-a-des-services-en-ligne
    numerique--acceder-a-une-connexion-internet
    numerique--acquerir-un-equipement
    numerique--maitriser-les-fondamentaux-du-numerique
    preparer-sa-candidature--developper-son-reseau
    preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi
    preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation
    preparer-sa-candidature--valoriser-ses-competences
    remobilisation--activites-sportives-et-culturelles
    remobilisation--benevolat-action-citoyenne
    remobilisation--bien-etre-confiance-en-soi
    remobilisation--lien-social
    sante--acces-aux-soins
    sante--addictions
    sante--constituer-un-dossier-mdph-invalidite
    sante--sante-mentale
    sante--sante-sexuelle
    se-former--monter-son-dossier-de-formation
    se-former--trouver-sa-formation
    souvrir-a-linternational--connaitre-les-opportunites-demploi-a-letranger
    souvrir-a-linternational--sinformer-sur-les-aides-pour-travailler-a-letranger
    souvrir-a-linternational--sorganiser-suite-a-son-retour-en-france
    trouver-un-emploi--convaincre-un-recruteur-en-entretien
    trouver-un-emploi--faire-des-candidatures-spontanees
    trouver-un-emploi--maintien-dans-lemploi
    trouver-un-emploi--repondre-a-des-offres-demploi
    trouver-un-emploi--suivre-ses-candidatures-et-relancer-les-employeurs

category-choisir-un-metier = Choisir un métier
theme-choisir-un-metier--confirmer-son-choix-de-metier = Confirmer son choix de métier
theme-choisir-un-metier--connaitre-les-opportunites-demploi = Connaître les opportunités d’emploi
theme-choisir-un-metier--decouvrir-un-metier-ou-un-secteur-dactivite = Découvrir un métier ou un secteur d’activité
theme-choisir-un-metier--identifier-ses-points-forts-et-ses-competences = Identifier ses points forts et ses compétences
category-creer-une-entreprise = Créer une entreprise
theme-creer-une-entreprise--definir-son-projet-de-creation-dentreprise = Définir son projet de création d’entreprise
theme-creer-une-entreprise--developper-son-entreprise = Développer son entreprise
theme-creer-une-entreprise--structurer-son-projet-de-creation-dentreprise = Structurer son projet de création d’entreprise
category-difficultes-administratives-ou-juridiques = Difficultés administratives ou juridiques
theme-difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives = Accompagnement aux démarches administratives
theme-difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-a-la-citoyennete = Accompagnement pour l’accès à la citoyenneté
theme-difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits = Accompagnement pour l’accès aux droits
theme-difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte = Bénéficier d’une mesure d’accompagnement adapté
theme-difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination = Connaître ses droits face à une discrimination
theme-difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire = Prendre en compte une problématique judiciaire
category-difficultes-financieres = Difficultés financières
theme-difficultes-financieres--acquerir-une-autonomie-budgetaire = Acquérir une autonomie budgétaire
theme-difficultes-financieres--ameliorer-sa-gestion-budgetaire = Améliorer sa gestion budgétaire
theme-difficultes-financieres--mettre-en-place-une-mesure-de-protection-financiere = Mettre en place une mesure de protection financière
theme-difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere = Prévenir une dégradation de la situation financière
theme-difficultes-financieres--situation-dendettement-surendettement = Situation d’endettement ou de surendettement
category-equipement-et-alimentation = Équipement et alimentation
theme-equipement-et-alimentation--aide-menagere = Aide ménagère
theme-equipement-et-alimentation--alimentation = Alimentation
theme-equipement-et-alimentation--electromenager = Électroménager
theme-equipement-et-alimentation--habillement = Habillement
category-famille = Famille
theme-famille--garde-denfants = Garde d’enfants
theme-famille--prise-en-charge-personne-dependante = Prise en charge d’une personne dépendante
theme-famille--soutien-a-la-parentalite-et-a-leducation = Soutien à la parentalité et à l’éducation
theme-famille--soutien-aidants = Soutien aux aidants
theme-famille--surmonter-conflits-separation-violence = Surmonter les conflits liés à la séparation ou à la violence
category-lecture-ecriture-calcul = Lecture, écriture et calcul
theme-lecture-ecriture-calcul--maitriser-le-calcul = Maîtriser le calcul
theme-lecture-ecriture-calcul--maitriser-le-francais = Maîtriser le français
category-logement-hebergement = Logement et hébergement
theme-logement-hebergement--acheter-un-logement = Acheter un logement
theme-logement-hebergement--changer-de-logement = Changer de logement
theme-logement-hebergement--louer-un-logement = Louer un logement
theme-logement-hebergement--rechercher-une-solution-dhebergement-temporaire = Rechercher une solution d’hébergement temporaire
theme-logement-hebergement--reduire-les-impayes-de-loyer = Réduire les impayés de loyer
theme-logement-hebergement--se-maintenir-dans-le-logement = Se maintenir dans le logement
theme-logement-hebergement--sinformer-sur-les-demarches-liees-a-lacces-au-logement = S’informer sur les démarches liées à l’accès au logement
category-mobilite = Mobilité
theme-mobilite--acceder-a-un-vehicule = Accéder à un véhicule
theme-mobilite--entretenir-reparer-son-vehicule = Entretenir et réparer son véhicule
theme-mobilite--etre-accompagne-dans-son-parcours-mobilite = Être accompagné dans son parcours mobilité
theme-mobilite--financer-ma-mobilite = Financer ma mobilité
theme-mobilite--preparer-un-permis = Préparer un permis
theme-mobilite--mobilite-douce-partagee-collective = Utiliser des services de mobilité douce, partagée ou collective
category-numerique = Numérique
theme-numerique--acceder-a-des-services-en-ligne = Accéder à des services en ligne
theme-numerique--acceder-a-une-connexion-internet = Accéder à une connexion Internet
theme-numerique--acquerir-un-equipement = Acquérir un équipement
theme-numerique--maitriser-les-fondamentaux-du-numerique = Maîtriser les fondamentaux du numérique
category-preparer-sa-candidature = Préparer sa candidature
theme-preparer-sa-candidature--developper-son-reseau = Développer son réseau
theme-preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi = Organiser ses démarches de recherche d’emploi
theme-preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation = Réaliser un CV et/ou une lettre de motivation
theme-preparer-sa-candidature--valoriser-ses-competences = Valoriser ses compétences
category-remobilisation = Remobilisation
theme-remobilisation--activites-sportives-et-culturelles = Activités sportives et culturelles
theme-remobilisation--benevolat-action-citoyenne = Bénévolat et action citoyenne
theme-remobilisation--bien-etre-confiance-en-soi = Bien-être et confiance en soi
theme-remobilisation--lien-social = Lien social
category-sante = Santé
theme-sante--acces-aux-soins = Accès aux soins
theme-sante--addictions = Addictions
theme-sante--constituer-un-dossier-mdph-invalidite = Constituer un dossier MDPH pour invalidité
theme-sante--sante-mentale = Santé mentale
theme-sante--sante-sexuelle = Santé sexuelle
category-se-former = Se former
theme-se-former--monter-son-dossier-de-formation = Monter son dossier de formation
theme-se-former--trouver-sa-formation = Trouver sa formation
category-souvrir-a-linternational = S’ouvrir à l’international
theme-souvrir-a-linternational--connaitre-les-opportunites-demploi-a-letranger = Connaître les opportunités d’emploi à l’étranger
theme-souvrir-a-linternational--sinformer-sur-les-aides-pour-travailler-a-letranger = S’informer sur les aides pour travailler à l’étranger
theme-souvrir-a-linternational--sorganiser-suite-a-son-retour-en-france = S’organiser suite à son retour en France
category-trouver-un-emploi = Trouver un emploi
theme-trouver-un-emploi--convaincre-un-recruteur-en-entretien = Convaincre un recruteur en entretien
theme-trouver-un-emploi--faire-des-candidatures-spontanees = Faire des candidatures spontanées
theme-trouver-un-emploi--maintien-dans-lemploi = Maintien dans l’emploi
theme-trouver-un-emploi--repondre-a-des-offres-demploi = Répondre à des offres d’emploi
theme-trouver-un-emploi--suivre-ses-candidatures-et-relancer-les-employeurs = Suivre ses candidatures et relancer les employeurs
