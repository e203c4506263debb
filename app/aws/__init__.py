"""The services of AWS beside the database: queues, buckets, parameters, streams, functions. No rule of the product."""
