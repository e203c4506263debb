"""Words by which the columns of a table say that a row is no flood: another hazard, a "no", or a report taken back.

Words of floods are those of the warnings (app/warnings/sources/flood_words.py); the command hands them in. A word that
may be the cause of a flood, such as rain, a storm or a burst dam, is no other hazard.
"""

# Columns that name the kind of each row. `event` is none: it holds names, as "Sandy (10/28/2012)".
KIND_COLUMNS = frozenset(
    (
        "disastertype hazard hazardtype hazardcategory hazards eventtype eventkind incidenttype incidentcategory "
        "incidentkind reporttype reportcategory type category categories subcategory kind problem problemtype issue "
        "issuetype issuecategory requesttype requestcategory servicename servicetype typeofincident typeofevent "
        "typeofhazard peril disaster phenomenon calltype complainttype complaint descriptor "
        "tipo tipoevento tipodeevento tipodesastre tipodedesastre tipoincidente categoria categoría "
        "art ereignisart ereignistyp kategorie typ meldungsart schadensart "
        "nature typeevenement typeévénement typeévènement typedévénement aléa alea catégorie fenómeno fenomeno evento "
        "soort soortmelding categorie gebeurtenis jenis jenisbencana jenisbencanaalam kategori bencana "
        "loại loạithiêntai rodzaj typzdarzenia kategoria тип категория 種別 类型 類型"
    ).split()
)
# Others are such by the words of their names: `SR TYPE`, `Call Category`, `Disaster Subtype`. `Property Type` is none.
KIND_NAMES = (
    r"(?:sr|case|call|request|report|incident|event|hazard|disaster|complaint|issue|problem|service|emergency|alarm|"
    r"alert|damage|peril|topic)s?(?:sub)?(?:type|category|categories|kind|class|nature|topic)(?:name|description|desc)?"
)
# Codes of GDACS for hazards; FL is a flood. Only in a column of these names.
CODE_COLUMNS = frozenset({"eventtype"})
FLOOD_CODE, OTHER_CODES = "fl", frozenset("eq tc vo dr wf ts".split())
# `word*` begins a word, `*word*` may be inside another one.
OTHERS = (
    "*earthquake*, erdbeben*, seisme*, tremblement de terre*, terremoto*, sismo*, aardbeving*, gempa*, động đất*, "
    "trzesieni*, землетрясени*, 地震*, *wildfire*, *bushfire*, forest fire*, house fire*, brush fire*, grass fire*, "
    "*waldbrand*, incendi*, feu de foret*, kebakaran*, cháy*, pozar*, bosbrand*, пожар*, 火災*, *volcan*, vulkan*, "
    "gunung api*, letusan*, landslide*, land slide*, mudslide*, landslip*, rockfall*, erdrutsch*, hangrutsch*, "
    "glissement de terrain*, deslizamiento*, deslizamento*, frana, frane, aardverschuiving*, *longsor*, sạt lở*, "
    "drought*, durre*, secheresse*, sequia*, siccita*, droogte*, kekeringan*, hạn hán*, tsunami*, avalanche*, lawine*, "
    "heatwave*, heat wave*, hitzewelle*, canicule*, ola de calor, onda de calor, cold wave*, tornado*, hailstorm*, "
    "puting beliung, angin kencang, kabut asap, pothole*, schlagloch*, nid de poule*, graffiti*, streetlight*, "
    "street light*, abandoned vehicle*, abandoned car*, fly tipping*, illegal dumping, traffic accident*, "
    "traffic collision*, car accident*, car crash*, verkehrsunfall*, gas leak*, power outage*, power cut*"
)
# Words that name the kind only when they end the text: "vehicle fire", not "fire station".
AT_THE_END = "fire, fires, brand, feu, fuego, wind, haze, noise, litter, accident, crash"
# Columns that answer whether there was a flood, and the answers that deny it.
FLOODED_COLUMNS = frozenset(
    "flooded isflooded wasflooded isflood flooding inundated isinundated floodpresent floodobserved floodconfirmed "
    "überflutet ueberflutet überschwemmt inondé inonde inundado inundada alagado alagada allagato overstroomd "
    "tergenang".split()
)
NOS = frozenset("no n false f 0 none nein falsch non faux não nao falso nee tidak không нет".split())
# Columns of a report's standing, and the words by which it stands no more.
STATUS_COLUMNS = frozenset("status reportstatus reviewstatus moderationstatus moderation validationstatus".split())
TAKEN_BACK = frozenset(
    "rejected spam hoax fake deleted withdrawn invalid falsealarm falsereport test abgelehnt gelöscht rejeté rechazado "
    "rejeitado respinto rifiutato afgewezen ditolak".split()
)
UNSTATED = frozenset("unknown unspecified na none null notknown notstated unbekannt inconnu desconocido".split())
