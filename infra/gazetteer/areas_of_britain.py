"""Areas of Great Britain that the sources do not name, or no longer: counties as lists of districts, and islands.

Boxes of islands are west, south, east, north, read off a map to about 2 km.
"""

import re

METROPOLITAN = {
    "Greater Manchester": "Bolton|Bury|Manchester|Oldham|Rochdale|Salford|Stockport|Tameside|Trafford|Wigan",
    "Merseyside": "Knowsley|Liverpool|Sefton|St. Helens|Wirral",
    "South Yorkshire": "Barnsley|Doncaster|Rotherham|Sheffield",
    "Tyne and Wear": "Gateshead|Newcastle upon Tyne|North Tyneside|South Tyneside|Sunderland",
    "West Midlands": "Birmingham|Coventry|Dudley|Sandwell|Solihull|Walsall|City of Wolverhampton",
    "West Yorkshire": "Bradford|Calderdale|Kirklees|Leeds|Wakefield",
}
# Counties that consist of single districts, by the name that people write.
FURTHER = {
    "Berkshire": "Bracknell Forest|Reading|Slough|West Berkshire|Windsor and Maidenhead|Wokingham",
    "Cheshire": "Cheshire East|Cheshire West and Chester|Halton|Warrington",
    "Bedfordshire": "Bedford|Central Bedfordshire|Luton",
    "Herefordshire": "Herefordshire",
}
# Names that cover several counties, and the names of councils created since the file.
UNIONS = {
    "Yorkshire": "North Yorkshire|East Riding of Yorkshire|York|South Yorkshire|West Yorkshire",
    "Sussex": "East Sussex|West Sussex|Brighton and Hove",
    "Avon": "City of Bristol|Bath and North East Somerset|South Gloucestershire|North Somerset",
    "Humberside": "East Riding of Yorkshire|City of Kingston upon Hull|North Lincolnshire|North East Lincolnshire",
    "Teesside": "Middlesbrough|Stockton-on-Tees|Redcar and Cleveland|Hartlepool",
    "Cumberland": "Allerdale|Carlisle|Copeland",
    "Westmorland and Furness": "Barrow-in-Furness|Eden|South Lakeland",
    "Westmorland": "Eden|South Lakeland",
    "North Northamptonshire": "Corby|East Northamptonshire|Kettering|Wellingborough",
    "West Northamptonshire": "Daventry|Northampton|South Northamptonshire",
    "Bournemouth, Christchurch and Poole": "Bournemouth|Christchurch|Poole",
    "East Suffolk": "Suffolk Coastal|Waveney",
    "West Suffolk": "Forest Heath|St. Edmundsbury",
}
ISLANDS = {
    "Isle of Skye": (-6.8, 57.03, -5.65, 57.72, "Highland, Scotland"),
    "Isle of Mull": (-6.38, 56.28, -5.64, 56.65, "Argyll and Bute, Scotland"),
    "Islay": (-6.53, 55.58, -6.02, 55.94, "Argyll and Bute, Scotland"),
    "Jura": (-6.1, 55.8, -5.68, 56.15, "Argyll and Bute, Scotland"),
    "Isle of Arran": (-5.4, 55.43, -5.07, 55.72, "North Ayrshire, Scotland"),
    "Isle of Bute": (-5.17, 55.72, -4.99, 55.93, "Argyll and Bute, Scotland"),
    "Isle of Lewis": (-7.1, 57.95, -6.15, 58.52, "Na h-Eileanan an Iar, Scotland"),
    "Isle of Harris": (-7.13, 57.73, -6.6, 58.06, "Na h-Eileanan an Iar, Scotland"),
    "North Uist": (-7.55, 57.5, -7.08, 57.72, "Na h-Eileanan an Iar, Scotland"),
    "South Uist": (-7.45, 57.1, -7.2, 57.42, "Na h-Eileanan an Iar, Scotland"),
    "Barra": (-7.58, 56.93, -7.33, 57.07, "Na h-Eileanan an Iar, Scotland"),
    "Tiree": (-7.0, 56.43, -6.73, 56.58, "Argyll and Bute, Scotland"),
    "Isle of Sheppey": (0.73, 51.34, 0.98, 51.45, "Kent, England"),
    "Isle of Thanet": (1.25, 51.31, 1.45, 51.4, "Kent, England"),
    "Isle of Portland": (-2.47, 50.51, -2.41, 50.58, "Dorset, England"),
    "Canvey Island": (0.54, 51.51, 0.63, 51.54, "Essex, England"),
    "Mersea Island": (0.88, 51.76, 1.0, 51.81, "Essex, England"),
    "Hayling Island": (-1.01, 50.77, -0.94, 50.84, "Hampshire, England"),
    "Portsea Island": (-1.12, 50.78, -1.02, 50.85, "Hampshire, England"),
    "Walney Island": (-3.29, 54.03, -3.17, 54.14, "Cumbria, England"),
    "Holy Island of Lindisfarne": (-1.86, 55.66, -1.77, 55.7, "Northumberland, England"),
    "Lundy": (-4.69, 51.16, -4.66, 51.2, "Devon, England"),
    "Isle of Man": (-4.84, 54.04, -4.3, 54.42, ""),
    "Jersey": (-2.26, 49.16, -2.0, 49.27, ""),
    "Guernsey": (-2.68, 49.41, -2.49, 49.52, ""),
    "Alderney": (-2.24, 49.7, -2.15, 49.74, "Guernsey"),
}
# Landscapes with a popular name that no council has.
LANDSCAPES = {
    "Lake District": (-3.55, 54.2, -2.6, 54.75, "Cumbria, England"),
    "Peak District": (-2.15, 53.0, -1.5, 53.6, "England"),
    "Somerset Levels": (-3.05, 50.97, -2.65, 51.3, "Somerset, England"),
    "Cotswolds": (-2.45, 51.45, -1.45, 52.15, "England"),
    "Dartmoor": (-4.15, 50.4, -3.65, 50.75, "Devon, England"),
    "Exmoor": (-3.95, 51.02, -3.3, 51.26, "England"),
    "New Forest": (-1.8, 50.72, -1.35, 50.97, "Hampshire, England"),
    "Forest of Dean": (-2.7, 51.68, -2.4, 51.92, "Gloucestershire, England"),
    "The Fens": (-0.4, 52.25, 0.5, 53.1, "England"),
    "Norfolk Broads": (1.3, 52.45, 1.77, 52.8, "Norfolk, England"),
    "Yorkshire Dales": (-2.6, 53.95, -1.75, 54.5, "England"),
    "North York Moors": (-1.35, 54.22, -0.4, 54.58, "North Yorkshire, England"),
    "South Downs": (-1.35, 50.73, 0.28, 51.1, "England"),
    "East Anglia": (-0.5, 51.75, 1.8, 53.0, "England"),
    "Snowdonia": (-4.25, 52.52, -3.55, 53.25, "Gwynedd, Wales"),
    "Brecon Beacons": (-4.0, 51.68, -2.95, 52.1, "Wales"),
    "Cairngorms": (-4.4, 56.72, -2.85, 57.45, "Scotland"),
    "Trossachs": (-4.65, 56.15, -4.15, 56.35, "Stirling, Scotland"),
}
OTHERWISE = {
    "Snowdonia": "Eryri",
    "Brecon Beacons": "Bannau Brycheiniog",
    "The Fens": "Fens|Fenland",
    "Norfolk Broads": "The Broads|Broads",
    "Cotswolds": "The Cotswolds",
    "Lake District": "The Lake District|The Lakes",
    "Isle of Skye": "Skye|An t-Eilean Sgitheanach",
    "Isle of Mull": "Mull",
    "Islay": "Isle of Islay",
    "Jura": "Isle of Jura",
    "Isle of Arran": "Arran",
    "Isle of Bute": "Bute",
    "Isle of Lewis": "Lewis",
    "Isle of Harris": "Harris",
    "Isle of Sheppey": "Sheppey",
    "Isle of Thanet": "Thanet",
    "Isle of Portland": "Portland Bill",
    "Holy Island of Lindisfarne": "Lindisfarne|Holy Island",
    "Tiree": "Isle of Tiree",
}
# Further names of a county or district that the sources do not have.
ALSO = {
    "Isle of Anglesey": "Anglesey|Ynys Môn|Sir Ynys Môn",
    "Na h-Eileanan an Iar": "Western Isles|Outer Hebrides|Eilean Siar",
    "Orkney Islands": "Orkney",
    "Shetland Islands": "Shetland",
    "Isles of Scilly": "Scilly Isles|Scilly",
    "County Durham": "Durham County",
    "Bournemouth, Christchurch and Poole": "BCP",
    "Highland": "Highlands|The Highlands",
    "Scottish Borders": "Borders|The Borders",
    "Herefordshire": "County of Herefordshire",
    "Shropshire": "Salop",
    "Rhondda Cynon Taf": "RCT",
    "Greater London": "Llundain Fwyaf",
}
ISLAND_DISTRICTS = ("Isle of Wight", "Isle of Anglesey", "Orkney Islands", "Shetland Islands", "Isles of Scilly")
# Names of settlements that no source has.
SETTLEMENTS_OTHERWISE = {
    "London": "Llundain",
    "Shrewsbury": "Amwythig|Yr Amwythig",
    "Hereford": "Henffordd",
    "Gloucester": "Caerloyw",
    "Bristol": "Bryste",
    "Liverpool": "Lerpwl",
    "Chester": "Caer",
    "Manchester": "Manceinion",
    "Oswestry": "Croesoswallt",
    "Edinburgh": "Dùn Èideann|Caeredin",
    "Glasgow": "Glaschu",
    "Aberdeen": "Obar Dheathain",
    "Dundee": "Dùn Dè",
    "Perth": "Peairt",
    "Stirling": "Sruighlea",
    "Bridgwater": "Bridgewater",
    "Burton upon Trent": "Burton on Trent",
    "Kingston upon Hull": "Hull",
    "Newcastle upon Tyne": "Newcastle",
    "Brighton and Hove": "Brighton|Hove",
}
COUNTY_OF = {
    district: county
    for county, districts in (METROPOLITAN | FURTHER).items()
    for district in districts.split("|")
    if county != district
}


def english(county: str) -> tuple[str, str]:
    """Return a county's English name, and its Welsh one if the file has both (`Caerdydd - Cardiff`)."""
    other, _, name = county.rpartition(" - ")
    name = re.sub(r"^(The City of|County of|the) ", "", name)
    return name, other if other != name else ""
