//! Raw log records to normalised events: one parser per source.
