"""Words that say nothing of a thing: articles, prepositions and the like, folded as search compares words.

A list of our own. The lists of text mining (Snowball's, stop-words, stopwords-iso) also hold verbs and nouns that are things in
another language: German "hat", Swedish "men", Polish "pan". What names a thing in any of these languages, or is part of many a
thing's name (Czech "pro", Danish "din", French "or"), is left out.
"""

_BY_LANGUAGE = {
    "ca": "el la els les un una uns unes de del dels i o amb per a en al als sense sobre",
    "cs": "a i nebo s se na do z ze v ve o u k ke od bez pod nad",
    "da": "en et den det de og eller med til fra af i paa pa for ved som uden under over",
    "de": "der die das den dem des ein eine einer einem einen eines und oder mit ohne fur fuer von vom zu zum zur im "
    "in am an auf aus bei beim uber ueber unter als mein meine dein deine ist",
    "en": "a an the of for with without and in on at to from by as into my your our this that some any is its under "
    "over",
    "es": "el la los las un una unos unas de del y e o u con sin para por en al a que",
    "fi": "ja tai kanssa ilman",
    "fr": "le la les l un une des de du d et ou avec sans pour par en au aux a dans sur sous ce cette qui",
    "it": "il lo la i gli le l un uno una di del dello della dei degli delle d e o con senza per da in nel nella sul "
    "sulla a al alla",
    "nl": "de het een en of met zonder voor van in op aan uit bij naar door als te mijn",
    "no": "en et den det de og eller med til fra av i pa paa for ved som uten under over",
    "pl": "i a oraz lub albo z ze w we na do dla od o u bez przez przy pod nad za to",
    "pt": "o a as um uma uns umas de do da dos das e ou com sem para por em na ao aos",
    "ro": "si sau cu fara pentru de la pe in o un unui unei",
    "sv": "en ett den det de och eller med utan till fran av i pa paa vid som under over for",
    "tr": "ve veya ile icin bir",
}  # fmt: skip

FILLERS = frozenset(word for words in _BY_LANGUAGE.values() for word in words.split())
