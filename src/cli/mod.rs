//! The command line: one file per command. The only place besides `node` where errors lose their type.
