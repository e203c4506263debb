"""Credits for the gazetteer's data, in the words that the licences require (NOTICE has all of them)."""

LINES = (
    "Contains OS data © Crown copyright and database right 2025",
    "Contains Royal Mail data © Royal Mail copyright and database right 2025",
    "Contains National Statistics data © Crown copyright and database right 2025",
    "Contains Environment Agency information © Environment Agency and/or database right",
    "Contains data from GeoNames (CC BY 4.0)",
)
