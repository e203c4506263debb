"""Whose data the gazetteer is made of, in the words that their licences ask for (NOTICE has all of it)."""

LINES = (
    "Contains OS data © Crown copyright and database right 2025",
    "Contains Royal Mail data © Royal Mail copyright and database right 2025",
    "Contains National Statistics data © Crown copyright and database right 2025",
    "Contains Environment Agency information © Environment Agency and/or database right",
    "Contains data from GeoNames (CC BY 4.0)",
)
