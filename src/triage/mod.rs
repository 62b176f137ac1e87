//! From alerts to work for a person: groups, incidents, verdicts. Pure: time comes with the alerts and commands.
