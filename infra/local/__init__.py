"""Run the product on one machine: a database, its stream's reader, demo data and the app. Nothing here is deployed."""
