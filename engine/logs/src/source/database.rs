//! Databases: MySQL and MariaDB, SQL Server, PostgreSQL, MongoDB.

use super::{Json, Text, json, told};
use crate::kinds;
use crate::part::pattern::{row, table};

pub(crate) static MYSQL: Text = Text {
    name: "mysql",
    programs: &["mysqld", "mariadbd", "mysql", "mariadb"],
    probe: |input| input.body.contains("Access denied for user '"),
    parse: |input, draft| {
        told(&MYSQL_LINES, input.body, draft);
        draft.sources = kinds::database();
        Some(())
    },
};

pub(crate) static MSSQL: Text = Text {
    name: "mssql",
    programs: &["sqlservr"],
    probe: |input| input.body.contains("[CLIENT: ") || input.body.contains(" Logon       "),
    parse: |input, draft| {
        told(&MSSQL_LINES, input.body, draft);
        draft.sources = kinds::database();
        Some(())
    },
};

pub(crate) static POSTGRESQL: Text = Text {
    name: "postgresql",
    programs: &["postgres", "postgresql"],
    probe: |input| {
        ["FATAL:  ", "LOG:  connection ", "ERROR:  "]
            .iter()
            .any(|sign| input.body.contains(sign))
    },
    parse: |input, draft| {
        let known = told(&POSTGRESQL_LINES, input.body, draft);
        draft.sources = kinds::database();
        (known || input.header.program.is_some()).then_some(())
    },
};

pub(crate) static MONGODB: Text = Text {
    name: "mongodb",
    programs: &["mongod", "mongos"],
    probe: |input| input.text.contains(" [conn") && input.text.starts_with("20"),
    parse: |input, draft| {
        told(&MONGODB_LINES, input.text, draft);
        draft.sources = kinds::database();
        Some(())
    },
};

pub(crate) static MONGODB_JSON: Json = Json {
    name: "mongodb",
    probe: |fields| fields.find_path("t.$date").is_some() && fields.find("ctx").is_some(),
    parse: |fields, draft, _| {
        draft.stamp(fields.find_path("t.$date").and_then(json::stamp_of));
        let remote = ["attr.remote", "attr.client"]
            .iter()
            .find_map(|name| fields.find_path(name).and_then(saola_event::Value::as_borrowed));
        json::mapped(
            fields,
            draft,
            &[("attr.principalName", "user"), ("attr.user.user", "user")],
        );
        if let Some(remote) = remote {
            draft.set("@src", remote);
        }
        if draft.fields.text("msg") == Some("Authentication failed") {
            draft.set("outcome", "failure");
        }
        draft.sources = kinds::database();
    },
};

table!(MYSQL_LINES:
    row("Access denied", r"Access denied for user '([^']*)'@'([^']*)'", &["user", "@src"], &[("outcome", "failure"), ("action", "login")]),
);

table!(MSSQL_LINES:
    row("Login failed", r"Login failed for user '(.*?)'\. ?(?:Reason: (.*?)\.? )?\[CLIENT", &["user", "reason"], &[("outcome", "failure")]),
    row("Login succeeded", r"Login succeeded for user '(.*?)'", &["user"], &[("outcome", "success")]),
    row("[CLIENT: ", r"\[CLIENT: ([^\]]+)\]", &["@src"], &[]),
);

table!(POSTGRESQL_LINES:
    row("authentication failed", r#"(\S+) authentication failed for user "([^"]*)""#, &["auth_method", "user"], &[("outcome", "failure")]),
    row("does not exist", r#"role "([^"]*)" does not exist"#, &["user"], &[("outcome", "failure")]),
    row("pg_hba.conf", r#"for host "([^"]+)", user "([^"]*)", database "([^"]*)""#, &["@src", "user", "database"], &[("outcome", "failure")]),
    row("connection authorized", r"connection authorized: user=(\S+)(?: database=(\S+))?", &["user", "database"], &[("outcome", "success")]),
    row("connection received", r"connection received: host=(\S+)(?: port=(\d+))?", &["@src", "src_port"], &[]),
    row("statement: ", r"statement: (.*)$", &["statement"], &[]),
);

table!(MONGODB_LINES:
    row("connection", r"connection (?:accepted from )?([0-9a-fA-F:.]+:\d+)", &["@src"], &[]),
    row("from client", r"from client ([0-9a-fA-F:.]+:\d+)", &["@src"], &[]),
    row("uthentication failed", r"[Aa]uthentication failed for (\S+)", &["user"], &[("outcome", "failure")]),
);

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn refused_logins() {
        for (parser, line) in [
            (
                "mysql",
                "2026-11-22 07:30:00 134334 [Warning] Access denied for user 'an'@'203.0.113.9' (using password: YES)",
            ),
            (
                "mssql",
                "2026-11-22 07:30:00.25 Logon       Login failed for user 'an'. Reason: Password did not match. [CLIENT: 203.0.113.9]",
            ),
            (
                "postgresql",
                r#"Nov 22 07:30:00 db postgres[7]: FATAL:  no pg_hba.conf entry for host "203.0.113.9", user "an", database "dvc""#,
            ),
            (
                "mongodb",
                r#"{"t":{"$date":"2026-11-22T07:30:00.903+07:00"},"ctx":"c","msg":"Authentication failed","attr":{"principalName":"an","remote":"203.0.113.9:4071"}}"#,
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, parser, "{line}");
            for (name, value) in [("user", "an"), ("src_ip", "203.0.113.9"), ("outcome", "failure")] {
                assert_eq!(event.fields.text(name), Some(value), "{name} of {line}");
            }
        }
    }
}
