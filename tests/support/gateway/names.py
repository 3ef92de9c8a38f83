"""Names of people, and texts that are searched in them: GraphQL, live changes and REST find the same."""

NAMES = [
    ("José María", "Ñáñez"),
    ("Jose\u0301", "d’Ávila"),
    ("Siobhán", "O'Brien-Smith"),
    ("ANA", "de la Cruz, Jr."),
    ("İbrahim", "Işık"),
    ("Jürgen", "Weiß"),
    ("ΟΔΥΣΣΕΥΣ", "Σίσυφος"),
    ("Ольга", "Йолкина"),
    ("Nguyễn", "Thị Đào"),
    ("山田", "太郎"),
    ("김", "민준"),
    ("😀 Smile", "👩‍👩‍👧"),
    ("back\\slash", "\\"),
    ("quo'te", 'do"uble'),
    ("&|!", "(a):*"),
    ("<->", "100%"),
    ("_under", "tab\there"),
    ("-", "."),
    ("ﬁne", "Ǆungla"),
    ("a\u0327\u0301b", "x\u0301\u0327y"),
    ("''", "''''"),
]

SEARCHES = [
    "jose", "JOSÉ", "josé maría", "nanez", "ñ", "d'avila", "avila", "d", "o'brien", "obrien", "brien smi", "smith-o",
    "ana cruz", "cruz jr", "de la", "ibrahim", "İbrahim", "i̇brahim", "isik", "ışık", "IŞIK", "weiss", "weiß", "WEIẞ",
    "οδυσσευς", "οδυσσευσ", "ΣΊΣ", "йолкина", "иолкина", "nguyen dao", "đao", "山", "田", "김", "ᄀ", "😀", "👩",
    "👩‍👩‍👧",
    "\\", "back\\", "\\\\", "back\\slash", "quo'te", "quo te", "do\"", "\"", "&", "&|!", "(a)", "(a):*", "a:*", ":*",
    "<->", "100%", "%", "_", "tab", "here", "ﬁne", "fine", "ǆungla", "dž", "a\u0301\u0327b", "xy", "'o' | 'a'",
    "a & !b", "ana\\' | b", "an ana", "a a", "kiosk", "kiosk ana",
]  # fmt: skip
