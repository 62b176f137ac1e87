//! Web applications that log their own sign-ins: Roundcube, Guacamole, GitLab, Grafana, Drupal, Nextcloud, Keycloak,
//! Zimbra, Kerio, Webmin, pfSense's and OPNsense's consoles, Exchange's protocol log.

use saola_event::Value;

use super::{Json, Text, json, told};
use crate::draft::Draft;
use crate::kinds;
use crate::part::kv::{self, Pairs};
use crate::part::pattern::{row, table};
use crate::part::{csv, place};
use crate::time;

pub(crate) static ROUNDCUBE: Text = Text {
    name: "roundcube",
    programs: &["roundcube"],
    probe: |input| {
        input.body.contains("]: ") && input.body.contains("ogin for ") && input.body.contains(" from ")
            || input.body.contains("IMAP Error: Login failed")
    },
    parse: |input, draft| {
        told(&ROUNDCUBE_LINES, input.body, draft);
        draft.sources = kinds::application();
        Some(())
    },
};

pub(crate) static GUACAMOLE: Text = Text {
    name: "guacamole",
    programs: &["guacd", "guacamole"],
    probe: |input| input.body.contains("Authentication attempt from "),
    parse: |input, draft| {
        told(&GUACAMOLE_LINES, input.body, draft);
        draft.sources = kinds::linux_guacamole();
        Some(())
    },
};

pub(crate) static GITLAB: Text = Text {
    name: "gitlab",
    programs: &["gitlab"],
    probe: |input| input.body.contains(": Failed Login: username="),
    parse: |input, draft| {
        told(&GITLAB_LINES, input.body, draft);
        draft.sources = kinds::application();
        Some(())
    },
};

pub(crate) static GITLAB_JSON: Json = Json {
    name: "gitlab",
    probe: |fields| fields.find("controller").is_some() && fields.find("params").is_some(),
    parse: |fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        let user = gitlab_user(&fields);
        json::mapped(
            fields,
            draft,
            &[
                ("meta.remote_ip", "src_ip"),
                ("remote_ip", "src_ip"),
                ("username", "user"),
                ("meta.user", "user"),
                ("ua", "cs-user-agent"),
                ("method", "cs-method"),
                ("path", "cs-uri-stem"),
            ],
        );
        draft
            .fields
            .push_some("user", user.filter(|_| !draft.has("user")));
        if draft.fields.text("action") == Some("failure") {
            draft.set("outcome", "failure");
        }
        draft.sources = kinds::application();
    },
};

/// The form fields of a sign-in: `{"key":"user","value":{"login":…}}` or `{"key":"username","value":…}`.
fn gitlab_user<'r>(fields: &saola_event::Fields<'r>) -> Option<Value<'r>> {
    let Some(Value::List(params)) = fields.find("params") else {
        return None;
    };
    params.iter().find_map(|param| match param {
        Value::Map(param) => match (param.text("key")?, param.find("value")?) {
            ("user", Value::Map(form)) => form.find("login").cloned(),
            ("username", value) => Some(value.clone()),
            _ => None,
        },
        _ => None,
    })
}

pub(crate) static GRAFANA: Text = Text {
    name: "grafana",
    programs: &["grafana", "grafana-server"],
    probe: |input| {
        input.body.contains("logger=") && (input.body.contains("lvl=") || input.body.contains("level="))
    },
    parse: |input, draft| {
        kv::mapped(
            Pairs::with(input.body, b'=', None),
            draft,
            &[
                ("remote_addr", "@src"),
                ("uname", "user"),
                ("lvl", "level"),
                ("t", "clock"),
            ],
        );
        draft.stamp(draft.fields.find("clock").and_then(json::stamp_of));
        let refused = draft
            .fields
            .text("msg")
            .is_some_and(|said| said.starts_with("Invalid username"))
            || draft
                .fields
                .text("error")
                .is_some_and(|said| said.contains("password-auth.failed"));
        if refused {
            draft.set("outcome", "failure");
        }
        draft.sources = kinds::application();
        Some(())
    },
};

pub(crate) static GRAFANA_JSON: Json = Json {
    name: "grafana",
    probe: |fields| {
        fields.find("logger").is_some()
            && fields.find("lvl").or_else(|| fields.find("level")).is_some()
            && fields.find("remote_addr").is_some()
    },
    parse: |fields, draft, _| {
        draft.stamp(fields.find("t").and_then(json::stamp_of));
        json::mapped(fields, draft, &[("remote_addr", "src_ip"), ("uname", "user")]);
        if draft
            .fields
            .text("msg")
            .is_some_and(|said| said.starts_with("Invalid username"))
        {
            draft.set("outcome", "failure");
        }
        draft.sources = kinds::application();
    },
};

pub(crate) static NEXTCLOUD: Json = Json {
    name: "nextcloud",
    probe: |fields| fields.find("reqId").is_some() && fields.find("remoteAddr").is_some(),
    parse: |fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        // `--` stands for nobody; who tried is in the sentence.
        let nobody = fields.text("user") == Some("--");
        let said = fields.find("message").and_then(Value::as_borrowed);
        let mut fields = fields;
        if nobody {
            fields.take("user");
        }
        json::mapped(
            fields,
            draft,
            &[
                ("remoteAddr", "src_ip"),
                ("userAgent", "cs-user-agent"),
                ("method", "cs-method"),
                ("url", "cs-uri"),
            ],
        );
        if let Some(said) = said {
            NEXTCLOUD_LINES.first(said, draft);
        }
        draft.sources = kinds::application();
    },
};

pub(crate) static DRUPAL: Text = Text {
    name: "drupal",
    programs: &["drupal"],
    probe: |input| {
        input.body.starts_with("http") && memchr::memchr_iter(b'|', input.body.as_bytes()).count() >= 8
    },
    parse: |input, draft| {
        // base_url|timestamp|type|ip|request_uri|referer|uid|link|message; addresses may hold bars of their own.
        let parts: Vec<&str> = input.body.splitn(9, '|').collect();
        draft.stamp(parts.get(1).and_then(|when| time::bare(when)));
        draft.set_some("type", parts.get(2).copied());
        draft.set_some("@src", parts.get(3).copied());
        draft.set_some("url", parts.get(4).copied());
        if let Some(said) = parts
            .get(8)
            .copied()
            .filter(|_| parts.iter().skip(4).take(2).all(|url| url.starts_with("http")))
        {
            DRUPAL_LINES.first(said, draft);
        }
        draft.sources = kinds::application();
        Some(())
    },
};

pub(crate) static KEYCLOAK: Text = Text {
    name: "keycloak",
    programs: &["keycloak"],
    probe: |input| input.body.contains("ipAddress=") && input.body.contains("realmId="),
    parse: |input, draft| {
        draft.stamp(time::prefix(input.body).map(|(stamp, _)| stamp));
        keycloak(input.body, draft);
        draft.sources = kinds::application();
        Some(())
    },
};

pub(crate) static KEYCLOAK_JSON: Json = Json {
    name: "keycloak",
    probe: |fields| {
        let logger = fields
            .find_path("log.logger")
            .or_else(|| fields.find("loggerName"))
            .and_then(Value::as_text);
        logger.is_some_and(|logger| logger.starts_with("org.keycloak"))
    },
    parse: |fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        let said = fields.text("message").unwrap_or_default().to_owned();
        json::mapped(
            fields,
            draft,
            &[
                ("host.hostname", "host"),
                ("hostName", "host"),
                ("process.name", "program"),
                ("process.pid", "pid"),
            ],
        );
        let mut found = Draft::default();
        keycloak(&said, &mut found);
        draft.fields.append(found.fields.into_owned());
        draft.sources = kinds::application();
    },
};

/// `type="LOGIN_ERROR", realmName="master", userId="…", ipAddress="203.0.113.9"`, with or without quotes.
fn keycloak<'r>(said: &'r str, draft: &mut Draft<'r>) {
    let pairs = Pairs::with(said, b'=', Some(b',')).filter(|(_, value)| value != "null");
    kv::mapped(
        pairs,
        draft,
        &[
            ("type", "action"),
            ("ipAddress", "@src"),
            ("username", "user"),
            ("realmName", "realm"),
            ("userId", "user_id"),
        ],
    );
    let action = draft.fields.text("action").unwrap_or_default();
    let outcome = match action {
        "LOGIN" => Some("success"),
        "LOGIN_ERROR" => Some("failure"),
        _ => None,
    };
    draft.set_some("outcome", outcome);
}

pub(crate) static ZIMBRA: Text = Text {
    name: "zimbra",
    programs: &["zimbramon", "zmmailboxd", "zimbra"],
    probe: |input| {
        input.body.contains("oip=")
            && (input.body.contains("] SoapEngine")
                || input.body.contains("[name=")
                || input.body.contains(" security - ")
                || input.body.contains("[oip="))
    },
    parse: |input, draft| {
        told(&ZIMBRA_LINES, input.body, draft);
        draft.sources = kinds::mail();
        Some(())
    },
};

pub(crate) static KERIO: Text = Text {
    name: "kerio",
    programs: &["kerio"],
    probe: |input| {
        input.body.starts_with('[') && input.body.get(3..4) == Some("/") && KERIO_LINES.matches(input.body)
    },
    parse: |input, draft| {
        told(&KERIO_LINES, input.body, draft);
        draft.sources = kinds::mail();
        Some(())
    },
};

pub(crate) static WEBMIN: Text = Text {
    name: "webmin",
    programs: &["webmin", "usermin"],
    probe: |input| input.body.contains(" miniserv.pl \""),
    parse: |input, draft| {
        WEBMIN_LINES.all(input.body, draft);
        draft.stamp(
            input
                .body
                .split_once('[')
                .and_then(|(_, rest)| time::prefix(rest))
                .map(|(stamp, _)| stamp),
        );
        draft.sources = kinds::application();
        Some(())
    },
};

pub(crate) static OPNSENSE: Text = Text {
    name: "opnsense-gui",
    programs: &["php-fpm", "audit", "openvpn-gui"],
    probe: super::never,
    parse: |input, draft| {
        OPNSENSE_LINES.all(input.body, draft);
        draft.sources = kinds::firewall();
        Some(())
    },
};

pub(crate) static EXCHANGE: Text = Text {
    name: "exchange",
    programs: &[],
    probe: |input| {
        let mut parts = input.body.split(',');
        parts
            .next()
            .is_some_and(|when| when.len() >= 20 && when.ends_with('Z'))
            && parts.nth(3).is_some_and(|local| place::place(local).is_some())
            && parts.next().is_some_and(|remote| place::place(remote).is_some())
    },
    parse: |input, draft| {
        // date-time,connector-id,session-id,sequence,local-endpoint,remote-endpoint,event,data,context
        let parts = csv::values(input.body);
        draft.stamp(parts.first().and_then(|when| time::bare(when)));
        for (at, name) in [
            (1, "connector"),
            (2, "session_id"),
            (4, "@dst"),
            (5, "@src"),
            (6, "event"),
            (7, "data"),
            (8, "context"),
        ] {
            if let Some(std::borrow::Cow::Borrowed(value)) = parts.get(at) {
                draft.set(name, value);
            }
        }
        if let Some(data) = draft.fields.find("data").and_then(Value::as_borrowed) {
            EXCHANGE_LINES.all(data, draft);
        }
        draft.sources = kinds::mail();
        Some(())
    },
};

const FAILURE: &[(&str, &str)] = &[("outcome", "failure")];
const SUCCESS: &[(&str, &str)] = &[("outcome", "success")];

table!(ROUNDCUBE_LINES:
    // The last address before the explanation: a server or a name may stand before it.
    row("ogin failed for", r"Login failed for (\S+)(?: against \S+)?(?:.*?) from ([0-9a-fA-F:.]*[0-9a-fA-F])(?:\(X-[^)]*\))?\.? AUTHENTICATE", &["user", "src_ip"], FAILURE),
    row("ogin failed for", r"Login failed for (\S+).* from ([0-9a-fA-F:.]*[0-9a-fA-F])\.?(?: |$)", &["user", "src_ip"], FAILURE),
    row("ogin for", r"(?i)failed login for (\S+) from ([0-9a-fA-F:.]+)", &["user", "src_ip"], FAILURE),
    row("uccessful login", r"(?i)successful login for (\S+) .*from ([0-9a-fA-F:.]+)", &["user", "src_ip"], SUCCESS),
);

table!(GUACAMOLE_LINES:
    row("attempt from", r#"attempt from \[?([^\s,\]]+).* for user "(.*)" (failed)"#, &["src_ip", "user", "action"], FAILURE),
    row("uccessfully authenticated", r#"User "(.*)" successfully authenticated from \[?([^\s,\]]+)"#, &["user", "src_ip"], SUCCESS),
);

table!(GITLAB_LINES:
    row("Failed Login", r"Failed Login: username=(.*) ip=(\S+)", &["user", "src_ip"], FAILURE),
);

table!(NEXTCLOUD_LINES:
    row("Login failed", r"Login failed: '?(.*?)'? \(Remote IP: '?([^')]+)'?\)", &["user", "src_ip"], FAILURE),
);

table!(DRUPAL_LINES:
    row("Login attempt failed", r"^Login attempt failed (?:from|for) (.+?)\.?$", &["user"], FAILURE),
    row("Session opened", r"^Session opened for (.+?)\.?$", &["user"], SUCCESS),
);

table!(ZIMBRA_LINES:
    row("oip=", r"\boip=([^;\]]+)", &["src_ip"], &[]),
    row("oproto=", r"oproto=([^;\]]+)", &["proto"], &[]),
    row("oport=", r"oport=(\d+)", &["src_port"], &[]),
    row("name=", r"\[name=([^;\]]+)", &["user"], &[]),
    row("account=", r"account=([^;\]]+)", &["user"], &[]),
    row("authentication failed", r"authentication failed for \[([^\]]*)\]", &["user"], FAILURE),
    row("cmd=Auth", r"cmd=Auth; account=([^;]+);.*error=", &["user"], FAILURE),
);

table!(KERIO_LINES:
    row("IP address", r"IP address ([0-9a-fA-F:.]+?)(?:[,\s]|$)", &["src_ip"], &[]),
    row("detected from", r"detected from ([0-9a-fA-F:.]+?),", &["src_ip"], &[]),
    row("login from", r"(Failed) (\w+) login from ([0-9a-fA-F:.]+?)(?:\s|,|\.$)", &["action", "app", "src_ip"], FAILURE),
    row("from <", r"from <([^>]*)>", &["mail_from"], &[]),
    row("to <", r"to <([^>]*)>", &["mail_to"], &[]),
    row("recipient <", r"recipient <([^>]*)>", &["mail_to"], &[]),
    row("rejected", r"(rejected)", &["action"], &[]),
);

table!(WEBMIN_LINES:
    row("miniserv.pl", r#"\] (\S+) \S+ ([0-9a-fA-F:.]+) \S+ miniserv\.pl "(\w+)""#, &["user", "src_ip", "action"], &[]),
    row("\"failed\"", r#"miniserv\.pl "failed""#, &[], FAILURE),
    row(" login as ", r"(?:Non-existent|Invalid) login as (.+) from ([0-9a-fA-F:.]+)\s*$", &["user", "src_ip"], FAILURE),
    row("uccessful login", r"Successful login as (\S+) from ([0-9a-fA-F:.]+)", &["user", "src_ip"], SUCCESS),
);

table!(OPNSENSE_LINES:
    row("authentication error", r"authentication error for (?:user )?'([^']*)' from:? ([0-9a-fA-F:.]+)", &["user", "src_ip"], FAILURE),
    row("Successful login", r"Successful login for (?:user )?'([^']*)' from:? ([0-9a-fA-F:.]+)", &["user", "src_ip"], SUCCESS),
    row("authenticated successfully", r"user (\S+) authenticated successfully", &["user"], SUCCESS),
);

table!(EXCHANGE_LINES:
    row("", r"^(\d{3}) (\d\.\d+\.\d+)?", &["smtp_code", "smtp_code_enhanced"], &[]),
    row("unsuccessful", r"Authentication unsuccessful", &[], FAILURE),
    row("MAIL FROM:<", r"MAIL FROM:<([^>]*)>", &["mail_from"], &[]),
    row("RCPT TO:<", r"RCPT TO:<([^>]*)>", &["mail_to"], &[]),
);

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn refused_sign_ins() {
        for (parser, line) in [
            (
                "roundcube",
                "[22-Nov-2026 07:30:00 +0700]: <4z5> Failed login for an from 203.0.113.9 in session x (error: 0)",
            ),
            (
                "guacamole",
                r#"2026-11-22T07:30:00,991Z [http-nio] WARN  o.a.g.r.auth.AuthenticationService - Authentication attempt from [203.0.113.9, 10.0.0.2] for user "an" failed."#,
            ),
            (
                "gitlab",
                "2026-11-22T00:30:00.667Z: Failed Login: username=an ip=203.0.113.9",
            ),
            (
                "grafana",
                r#"t=2026-11-22T07:30:00+0700 lvl=eror msg="Invalid username or password" logger=context uname=an remote_addr=203.0.113.9"#,
            ),
            (
                "nextcloud",
                r#"{"reqId":"x","time":"2026-11-22T00:30:00+00:00","remoteAddr":"203.0.113.9","user":"--","message":"Login failed: an (Remote IP: 203.0.113.9)"}"#,
            ),
            (
                "keycloak",
                "2026-11-22 07:30:00,357 WARN  [org.keycloak.events] (e-1) type=LOGIN_ERROR, realmId=k, userId=null, ipAddress=203.0.113.9, username=an",
            ),
            (
                "zimbra",
                "2026-11-22 07:30:00,762 INFO  [qtp:x] [oip=203.0.113.9;oproto=smtp;] SoapEngine - handler exception: authentication failed for [an], account not found",
            ),
            (
                "webmin",
                "Nov 22 07:30:00 s webmin[7]: Invalid login as an from 203.0.113.9",
            ),
            (
                "opnsense-gui",
                "Nov 22 07:30:00 gw php-fpm[7]: /index.php: webConfigurator authentication error for user 'an' from: 203.0.113.9",
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
