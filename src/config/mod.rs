//! Configuration: the file as written, and the checked model that everything else is built from.
