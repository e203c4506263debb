"""What the sources of the gazetteer leave out or get wrong, name by name. Written by us.

The file of outward postcodes names a code by a parish or ward at its middle, or by nothing where a city is its own
district: CB1 is "Fulbourn", all of Sheffield is "Norton". People look for the town, so gazetteer_towns.txt says
which codes belong to it, the one where its centre lies first; of a town that its codes ring, it lies between them.
"""

# Districts that are one town: where the file names no town, it is the district's.
DISTRICT_IS_TOWN = frozenset(
    """
Ballymena|Ballymoney|Barnsley|Belfast|Birmingham|Blackpool|Bolton|Bournemouth|Bury|Carrickfergus|City of London|
Cookstown|Coventry|Craigavon|Darlington|Derby|Gateshead|Hartlepool|Larne|Leeds|Limavady|Liverpool|Luton|Magherafelt|
Newtownabbey|Oldham|Omagh|Peterborough|Plymouth|Poole|Portsmouth|Reading|Rochdale|Rotherham|Salford|Solihull|
Southampton|Southend-on-Sea|St Helens|Stockport|Stoke-on-Trent|Swindon|Wakefield|Walsall|Westminster|Wokingham|
Wolverhampton
""".replace("\n", "").split("|")
)

# District and town as the file has them, and as they are; none: no town has this name.
RENAMED = {
    ("Birmingham", "Tees Grove"): "Birmingham",
    ("Bradford", "Queensbury"): "Bradford",
    ("Sheffield", "Norton"): "Sheffield",
    ("Wigan", "Pemberton"): "Wigan",
    ("Aberdeenshire", "Ballatar"): "Ballater",
    ("Knowsley", "Hyton"): "Huyton",
    ("County Durham", "Lcp Stanhope and Wolsingham Parishes And"): "",
    ("Darlington", "Halnaby Ave"): "",
    ("Falkirk", "Hope St"): "",
    ("Merthyr Tydfil", "Town"): "",
    ("Jersey", "St+F2813 Ouen"): "St Ouen",
    ("Guernsey", "ALBecq"): "Albecq",
    ("Guernsey", "nr Mouilpied"): "",
    ("IOM", "Douglas, Braddan"): "Douglas",
    ("IOM", "Peel, German"): "",
    ("IOM", "Baldrine, Loman"): "Peel",
    ("IOM", "St Judes, Andreas"): "Andreas",
    ("IOM", "Ramsay"): "Ramsey",
}
# How the file writes some names, and how they are written.
SPELLINGS = (
    ("-Upon-", "-upon-"),
    ("-Super-", "-super-"),
    (" Upon Thames", " upon Thames"),
    ("-Ar-", "-ar-"),
    ("-Y-", "-y-"),
)
DISTRICTS = {"IOM": "Isle of Man", "Newcastle Upon Tyne": "Tyne and Wear", "The Scottish Borders": "Scottish Borders"}
# Codes whose town lies in another district than the file says.
DISTRICT_OF = {"CB8": "Suffolk", "DD10": "Angus", "IP22": "Norfolk", "SG8": "Hertfordshire", "TN16": "Kent"}
# The file puts this one 20 km out to sea.
MOVED = {"IM8": (54.323, -4.384)}

# Of Natural Earth: names that have changed since, what else people call a city, and countries in short.
CITIES = {"Kiev": "Kyiv", "København": "Copenhagen", "Rangoon": "Yangon", "Bangalore": "Bengaluru", "Bogota": "Bogotá"}
COUNTRIES = {
    "United States of America": "United States",
    "Hong Kong S.A.R.": "Hong Kong",
    "Macedonia": "North Macedonia",
    "Swaziland": "Eswatini",
    "Guinea Bissau": "Guinea-Bissau",
}
# Large countries whose cities are told apart by their state.
COUNTRIES_OF_STATES = frozenset({"United States of America", "Canada", "Australia"})
