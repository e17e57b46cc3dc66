"""Spanish."""

from shop.demo.languages.wording import COLOUR_KEYS, LABEL_KEYS, MATERIAL_KEYS, Wording, table

WORDS = Wording(
    colours=table(
        COLOUR_KEYS,
        "terracota|verde azulado|mostaza|verde salvia|azul marino|rosa palo|ciruela|crema|rojo ladrillo|azul cielo|oliva|antracita|coral|verde menta|lila|ocre|verde bosque|blanco",
    ),
    in_colour="color {}",
    materials=table(
        MATERIAL_KEYS,
        "roble|nogal|haya|pino|lana|algodón|lino|piel|terciopelo|seda|gres|porcelana|loza|hierro fundido|acero|cobre|plata|latón",
    ),
    labels=table(
        LABEL_KEYS,
        "Color|Material|Talla|Año|Memoria|Pantalla|Capacidad|Largo|Alto|Potencia|Piezas|Cuadro|Peso|Diámetro|Carga",
    ),
    size="talla {}",
    pieces="{} uds.",
    subjects=(
        "puerto al atardecer",
        "bodegón con peras",
        "bosque de abedules",
        "abstracto en tres tonos",
        "tejados de la ciudad",
        "prado de verano",
        "retrato de una amiga",
        "costa del norte",
    ),
    genres=(
        "El camino de la sal",
        "La casa de la presa",
        "Siete inviernos",
        "El ferri nocturno",
        "El huerto de cristal",
        "Farolillos de papel",
        "Marea baja",
        "La sobrina del relojero",
        "Ríos lentos",
        "La hora azul",
        "Cartas de Ardmoor",
        "La mesa larga",
    ),
    openings=(
        "Vendo: {noun} de {brand}.",
        "De la marca {brand}, tal como se ve en las fotos.",
        "Un regalo de mi hermana que nunca encontró su sitio.",
        "Una pieza de {brand} que merece una segunda vida.",
        "Comprado en {brand} y usado solo en ocasiones especiales.",
        "Uno de mis favoritos de {brand}; me cuesta dejarlo ir.",
        "Encontrado en la venta de una casa antigua y bien cuidado desde entonces.",
    ),
    reasons=(
        "El mes que viene nos mudamos a un piso más pequeño.",
        "He comprado algo más nuevo y no necesito dos.",
        "Lo uso demasiado poco.",
        "Estoy vaciando el desván; mira también mis otros anuncios.",
        "Mi gusto ha cambiado, la calidad no.",
        "Es una pena que coja polvo.",
        "Los niños ya han crecido.",
    ),
    conditions={
        "new": (
            "Sin usar, todavía en su embalaje.",
            "Nuevo, con la etiqueta puesta.",
            "Sin abrir, comprado dos veces por error.",
        ),
        "like_new": (
            "Usado una o dos veces, sin marcas.",
            "Cuesta distinguirlo de uno nuevo.",
            "Guardado siempre en su caja, impecable.",
        ),
        "good": (
            "Pequeñas señales de uso que no se ven a un paso.",
            "Bien cuidado, un leve arañazo en un lado (ver la segunda foto).",
            "Funciona como debe y siempre se ha cuidado.",
        ),
        "fair": (
            "Uso visible, pero todo en orden.",
            "Algunas marcas y un pequeño golpe, ya descontados del precio.",
            "Con algo de pátina, perfectamente útil.",
        ),
        "for_parts": (
            "Ya no funciona; para piezas o para manos pacientes.",
            "Averiado, causa desconocida, por lo demás completo.",
            "Para manitas: hay que repararlo antes de usarlo.",
        ),
    },
    facts={
        "electronics": (
            "Incluye todos los cables.",
            "Probado a fondo, cada botón responde.",
            "De una oficina ordenada y sin humo.",
        ),
        "home": (
            "Casa sin humo.",
            "Queda bien también en una habitación pequeña.",
            "Entre dos se baja fácilmente por la escalera.",
        ),
        "kitchen": (
            "Se limpia en un minuto.",
            "En casa solo para el desayuno del domingo.",
            "Para la cocina de cada día.",
        ),
        "fashion": ("Talla normal.", "Lavado en frío y secado en plano.", "Combina con casi todo."),
        "accessories": (
            "El cierre y las costuras están perfectos.",
            "Viene con bolsa de algodón.",
            "A la luz del día es aún más bonito.",
        ),
        "books": (
            "Sin notas en los márgenes, lomo firme.",
            "Leído una vez, con cuidado.",
            "La cubierta está algo descolorida en el borde.",
        ),
        "sports": (
            "Bueno para empezar y para seguir.",
            "Revisado al comienzo de la temporada.",
            "Probado el fin de semana pasado, listo para salir.",
        ),
        "garden": (
            "Fácil de cuidar.",
            "Guardado en seco durante el invierno.",
            "Feliz al aire libre de abril a octubre.",
        ),
        "toys": (
            "Están todas las piezas, contadas dos veces.",
            "Bordes lisos y pintura en buen estado.",
            "Ha llenado muchas tardes de lluvia.",
        ),
        "baby": ("De una casa sin animales.", "Recién limpiado.", "Firme, nada se mueve."),
        "music": (
            "Suena de maravilla, ven a escucharlo.",
            "Siempre lejos del sol.",
            "Revisado hace poco por alguien que sabe.",
        ),
        "art": (
            "Del estudio de un pintor.",
            "Los colores son más vivos que en mis fotos.",
            "Luce mucho en una habitación clara.",
        ),
        "collectibles": (
            "De la colección de mi abuelo.",
            "Guardado en seco y sin luz.",
            "Envío fotos de cerca con gusto.",
        ),
        "vehicle-parts": (
            "Comprueba que sirve para tu modelo.",
            "Desmontado de un coche en marcha.",
            "Guardado en un garaje seco.",
        ),
        "tools": (
            "Afilado, engrasado y listo para trabajar.",
            "Con esto se hizo un cobertizo y dos estanterías.",
            "Se agarra muy bien.",
        ),
    },
    shipping=(
        "Lo envío bien embalado en dos días.",
        "Recogida por la tarde o envío, como prefieras.",
        "Envío asegurado y con seguimiento.",
        "Puedo llevarlo a la estación.",
        "Envío a toda Europa a precio de coste.",
    ),
    closings=(
        "Pregunta sin compromiso.",
        "Se estudian ofertas razonables.",
        "Más fotos si las pides.",
        "Gracias por mirar.",
        "Para quien llegue primero.",
    ),
)
