//! Syslog over UDP and TCP.
