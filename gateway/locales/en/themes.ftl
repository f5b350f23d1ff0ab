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

category-choisir-un-metier = Choosing an occupation
theme-choisir-un-metier--confirmer-son-choix-de-metier = Confirming a choice of occupation
theme-choisir-un-metier--connaitre-les-opportunites-demploi = Knowing the job openings
theme-choisir-un-metier--decouvrir-un-metier-ou-un-secteur-dactivite = Discovering an occupation or a trade
theme-choisir-un-metier--identifier-ses-points-forts-et-ses-competences = Finding one's strengths and skills
category-creer-une-entreprise = Starting a business
theme-creer-une-entreprise--definir-son-projet-de-creation-dentreprise = Defining a business project
theme-creer-une-entreprise--developper-son-entreprise = Growing a business
theme-creer-une-entreprise--structurer-son-projet-de-creation-dentreprise = Building up a business project
category-difficultes-administratives-ou-juridiques = Administrative or legal difficulties
theme-difficultes-administratives-ou-juridiques--accompagnement-aux-demarches-administratives = Help with administrative steps
theme-difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-a-la-citoyennete = Help towards citizenship
theme-difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits = Help with access to rights
theme-difficultes-administratives-ou-juridiques--beneficier-dune-mesure-daccompagnement-adapte = Getting suitable support
theme-difficultes-administratives-ou-juridiques--connaitre-ses-droits-face-a-une-discrimination = Knowing one's rights against discrimination
theme-difficultes-administratives-ou-juridiques--prendre-en-compte-une-problematique-judiciaire = Dealing with a court matter
category-difficultes-financieres = Money difficulties
theme-difficultes-financieres--acquerir-une-autonomie-budgetaire = Managing a budget alone
theme-difficultes-financieres--ameliorer-sa-gestion-budgetaire = Managing a budget better
theme-difficultes-financieres--mettre-en-place-une-mesure-de-protection-financiere = Setting up financial protection
theme-difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere = Preventing money troubles from growing
theme-difficultes-financieres--situation-dendettement-surendettement = Debt or over-indebtedness
category-equipement-et-alimentation = Equipment and food
theme-equipement-et-alimentation--aide-menagere = Help at home
theme-equipement-et-alimentation--alimentation = Food
theme-equipement-et-alimentation--electromenager = Household appliances
theme-equipement-et-alimentation--habillement = Clothing
category-famille = Family
theme-famille--garde-denfants = Childcare
theme-famille--prise-en-charge-personne-dependante = Care of a dependent person
theme-famille--soutien-a-la-parentalite-et-a-leducation = Support for parents and education
theme-famille--soutien-aidants = Support for carers
theme-famille--surmonter-conflits-separation-violence = Getting through separation or violence
category-lecture-ecriture-calcul = Reading, writing, arithmetic
theme-lecture-ecriture-calcul--maitriser-le-calcul = Arithmetic
theme-lecture-ecriture-calcul--maitriser-le-francais = French
category-logement-hebergement = Housing and shelter
theme-logement-hebergement--acheter-un-logement = Buying a home
theme-logement-hebergement--changer-de-logement = Moving home
theme-logement-hebergement--louer-un-logement = Renting a home
theme-logement-hebergement--rechercher-une-solution-dhebergement-temporaire = Finding temporary shelter
theme-logement-hebergement--reduire-les-impayes-de-loyer = Reducing rent arrears
theme-logement-hebergement--se-maintenir-dans-le-logement = Staying in one's home
theme-logement-hebergement--sinformer-sur-les-demarches-liees-a-lacces-au-logement = Knowing the steps towards housing
category-mobilite = Getting around
theme-mobilite--acceder-a-un-vehicule = Getting a vehicle
theme-mobilite--entretenir-reparer-son-vehicule = Maintaining and repairing a vehicle
theme-mobilite--etre-accompagne-dans-son-parcours-mobilite = Support in getting around
theme-mobilite--financer-ma-mobilite = Paying for getting around
theme-mobilite--preparer-un-permis = Preparing a driving licence
theme-mobilite--mobilite-douce-partagee-collective = Using shared, soft or public transport
category-numerique = Digital
theme-numerique--acceder-a-des-services-en-ligne = Using online services
theme-numerique--acceder-a-une-connexion-internet = Getting an internet connection
theme-numerique--acquerir-un-equipement = Getting a device
theme-numerique--maitriser-les-fondamentaux-du-numerique = Mastering the digital basics
category-preparer-sa-candidature = Preparing an application
theme-preparer-sa-candidature--developper-son-reseau = Growing a network
theme-preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi = Organising a job search
theme-preparer-sa-candidature--realiser-un-cv-et-ou-une-lettre-de-motivation = Writing a CV or a cover letter
theme-preparer-sa-candidature--valoriser-ses-competences = Making the most of one's skills
category-remobilisation = Getting going again
theme-remobilisation--activites-sportives-et-culturelles = Sport and culture
theme-remobilisation--benevolat-action-citoyenne = Volunteering and citizen action
theme-remobilisation--bien-etre-confiance-en-soi = Well-being and self-confidence
theme-remobilisation--lien-social = Company and social ties
category-sante = Health
theme-sante--acces-aux-soins = Access to care
theme-sante--addictions = Addictions
theme-sante--constituer-un-dossier-mdph-invalidite = Making a disability file
theme-sante--sante-mentale = Mental health
theme-sante--sante-sexuelle = Sexual health
category-se-former = Training
theme-se-former--monter-son-dossier-de-formation = Putting together a training file
theme-se-former--trouver-sa-formation = Finding a training course
category-souvrir-a-linternational = Going abroad
theme-souvrir-a-linternational--connaitre-les-opportunites-demploi-a-letranger = Knowing job openings abroad
theme-souvrir-a-linternational--sinformer-sur-les-aides-pour-travailler-a-letranger = Knowing the aid for working abroad
theme-souvrir-a-linternational--sorganiser-suite-a-son-retour-en-france = Settling after coming back to France
category-trouver-un-emploi = Finding work
theme-trouver-un-emploi--convaincre-un-recruteur-en-entretien = Convincing in an interview
theme-trouver-un-emploi--faire-des-candidatures-spontanees = Applying unasked
theme-trouver-un-emploi--maintien-dans-lemploi = Keeping one's job
theme-trouver-un-emploi--repondre-a-des-offres-demploi = Answering job offers
theme-trouver-un-emploi--suivre-ses-candidatures-et-relancer-les-employeurs = Following up applications
