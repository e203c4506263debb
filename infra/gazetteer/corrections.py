"""Corrections of the gazetteer's sources, name by name. Written by us.

The file of outward postcodes names a code by a parish or ward at its middle, or not at all where a city is its own
district: CB1 is "Fulbourn", all of Sheffield is "Norton". People look for the town, so gazetteer_towns.txt lists the
codes of each town, the one with its centre first; a town surrounded by its codes is placed between them.
"""

# Districts that are one town: if the file names no town, the district's name is used.
DISTRICT_IS_TOWN = frozenset(
    """
Ballymena|Ballymoney|Barnsley|Belfast|Birmingham|Blackpool|Bolton|Bournemouth|Bury|Carrickfergus|City of London|
Cookstown|Coventry|Craigavon|Darlington|Derby|Gateshead|Hartlepool|Larne|Leeds|Limavady|Liverpool|Luton|Magherafelt|
Newtownabbey|Oldham|Omagh|Peterborough|Plymouth|Poole|Portsmouth|Reading|Rochdale|Rotherham|Salford|Solihull|
Southampton|Southend-on-Sea|St Helens|Stockport|Stoke-on-Trent|Swindon|Wakefield|Walsall|Westminster|Wokingham|
Wolverhampton
""".replace("\n", "").split("|")
)

# District and town in the file, and the right town; none: no town has this name.
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
# Spellings of the file, and the right ones.
SPELLINGS = (
    ("-Upon-", "-upon-"),
    ("-Super-", "-super-"),
    (" Upon Thames", " upon Thames"),
    ("-Ar-", "-ar-"),
    ("-Y-", "-y-"),
)
DISTRICTS = {"IOM": "Isle of Man", "Newcastle Upon Tyne": "Tyne and Wear", "The Scottish Borders": "Scottish Borders"}
# Codes whose town is in another district than the file says.
DISTRICT_OF = {"CB8": "Suffolk", "DD10": "Angus", "IP22": "Norfolk", "SG8": "Hertfordshire", "TN16": "Kent"}
# The file puts this one 20 km out to sea.
MOVED = {"IM8": (54.323, -4.384)}

# Corrections of Natural Earth: changed names, further names of a city, and short names of countries.
CITIES = {"Kiev": "Kyiv", "København": "Copenhagen", "Rangoon": "Yangon", "Bangalore": "Bengaluru", "Bogota": "Bogotá"}
COUNTRIES = {
    "United States of America": "United States",
    "Hong Kong S.A.R.": "Hong Kong",
    "Macedonia": "North Macedonia",
    "Swaziland": "Eswatini",
    "Guinea Bissau": "Guinea-Bissau",
}
# Large countries in which the state distinguishes cities.
COUNTRIES_OF_STATES = frozenset({"United States of America", "Canada", "Australia"})
