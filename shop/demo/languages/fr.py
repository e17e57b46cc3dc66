"""French."""

from shop.demo.languages.wording import COLOUR_KEYS, LABEL_KEYS, MATERIAL_KEYS, Wording, table

WORDS = Wording(
    colours=table(
        COLOUR_KEYS,
        "terracotta|bleu canard|moutarde|vert sauge|bleu marine|vieux rose|prune|crème|rouge brique|bleu ciel|olive|anthracite|corail|vert menthe|lilas|ocre|vert sapin|blanc",
    ),
    in_colour="coloris {}",
    materials=table(
        MATERIAL_KEYS,
        "chêne|noyer|hêtre|pin|laine|coton|lin|cuir|velours|soie|grès|porcelaine|faïence|fonte|acier|cuivre|argent|laiton",
    ),
    labels=table(
        LABEL_KEYS,
        "Couleur|Matière|Taille|Année|Mémoire|Écran|Contenance|Longueur|Hauteur|Puissance|Pièces|Cadre|Poids|Diamètre|Charge",
    ),
    size="taille {}",
    pieces="lot de {}",
    subjects=(
        "port au crépuscule",
        "nature morte aux poires",
        "bois de bouleaux",
        "abstrait en trois tons",
        "toits de la ville",
        "prairie d'été",
        "portrait d'une amie",
        "côte du nord",
    ),
    genres=(
        "La Route du sel",
        "La Maison de l'écluse",
        "Sept hivers",
        "Le Bac de nuit",
        "Le Verger de verre",
        "Lanternes de papier",
        "Marée basse",
        "La Nièce de l'horloger",
        "Fleuves lents",
        "L'Heure bleue",
        "Lettres d'Ardmoor",
        "La Grande Table",
    ),
    openings=(
        "Je vends : {noun} {brand}.",
        "De la maison {brand}, conforme aux photos.",
        "Un cadeau de ma sœur qui n'a jamais trouvé sa place chez nous.",
        "Un bel objet {brand} qui mérite une seconde vie.",
        "Acheté chez {brand} et sorti pour les grandes occasions seulement.",
        "Un coup de cœur signé {brand}, dont je me sépare à regret.",
        "Trouvé dans une succession et entretenu depuis.",
    ),
    reasons=(
        "Nous déménageons le mois prochain dans plus petit.",
        "J'en ai trouvé un modèle plus récent, deux seraient de trop.",
        "Je m'en sers vraiment trop peu.",
        "Je vide le grenier, voyez aussi mes autres annonces.",
        "Mes goûts ont changé, la qualité est restée.",
        "Dommage de laisser prendre la poussière.",
        "Les enfants ont grandi.",
    ),
    conditions={
        "new": (
            "Jamais servi, encore dans son emballage.",
            "Tout neuf, avec l'étiquette.",
            "Non ouvert, acheté deux fois par erreur.",
        ),
        "like_new": (
            "Utilisé une ou deux fois, aucune trace.",
            "Presque impossible à distinguer du neuf.",
            "Toujours gardé dans sa boîte, état impeccable.",
        ),
        "good": (
            "Petites traces d'usage, invisibles à un pas.",
            "Bien entretenu, une légère rayure sur le côté (voir la deuxième photo).",
            "Tout fonctionne, et l'entretien a été suivi.",
        ),
        "fair": (
            "Usure visible, mais rien de grave.",
            "Quelques marques et un petit choc, le prix en tient compte.",
            "Un peu de patine, parfaitement utilisable.",
        ),
        "for_parts": (
            "Ne fonctionne plus, pour pièces ou pour réparateur patient.",
            "En panne, cause inconnue, complet par ailleurs.",
            "Pour bricoleurs : à réparer avant usage.",
        ),
    },
    facts={
        "electronics": (
            "Tous les câbles sont fournis.",
            "Entièrement testé, chaque bouton répond.",
            "Vient d'un bureau non-fumeur.",
        ),
        "home": (
            "Maison non-fumeur.",
            "Trouve sa place même dans une petite pièce.",
            "À deux, cela se descend facilement par l'escalier.",
        ),
        "kitchen": (
            "Se nettoie en une minute.",
            "Réservé chez nous au petit déjeuner du dimanche.",
            "Pour la cuisine de tous les jours.",
        ),
        "fashion": ("Taille normalement.", "Lavage à froid, séchage à plat.", "Va avec presque tout."),
        "accessories": (
            "Fermoir et coutures en parfait état.",
            "Livré avec une pochette en coton.",
            "Encore plus beau à la lumière du jour.",
        ),
        "books": (
            "Aucune annotation, dos solide.",
            "Lu une seule fois, avec soin.",
            "Couverture un peu passée sur le bord.",
        ),
        "sports": (
            "Pour débuter comme pour continuer.",
            "Révisé en début de saison.",
            "Essayé le week-end dernier, prêt à partir.",
        ),
        "garden": ("Demande peu d'entretien.", "Rangé au sec tout l'hiver.", "Se plaît dehors d'avril à octobre."),
        "toys": (
            "Toutes les pièces y sont, comptées deux fois.",
            "Bords lisses, peinture saine.",
            "A occupé bien des après-midi de pluie.",
        ),
        "baby": ("Maison sans animaux.", "Nettoyé récemment.", "Solide, rien ne bouge."),
        "music": (
            "Très belle sonorité, à venir écouter.",
            "Toujours gardé loin du soleil.",
            "Vérifié récemment par un connaisseur.",
        ),
        "art": (
            "Vient d'un atelier de peintre.",
            "Les couleurs sont plus vives que sur mes photos.",
            "Du plus bel effet dans une pièce claire.",
        ),
        "collectibles": (
            "De la collection de mon grand-père.",
            "Conservé au sec, à l'abri de la lumière.",
            "Photos rapprochées avec plaisir.",
        ),
        "vehicle-parts": (
            "Merci de vérifier la compatibilité avec votre modèle.",
            "Démonté d'une voiture en état de marche.",
            "Stocké dans un garage sec.",
        ),
        "tools": (
            "Affûté, huilé, prêt à travailler.",
            "A servi pour un abri et deux bibliothèques.",
            "Bonne prise en main.",
        ),
    },
    shipping=(
        "Envoi soigné sous deux jours.",
        "Remise en main propre le soir, ou envoi.",
        "Envoi suivi et assuré.",
        "Je peux l'apporter à la gare.",
        "Envoi en Europe au prix coûtant.",
    ),
    closings=(
        "N'hésitez pas à poser vos questions.",
        "Offres raisonnables étudiées.",
        "Autres photos sur demande.",
        "Merci de votre visite.",
        "Premier arrivé, premier servi.",
    ),
)
