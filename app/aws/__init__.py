"""Services of AWS other than the database: queues, buckets, parameters, streams, functions. No rule of the product."""
