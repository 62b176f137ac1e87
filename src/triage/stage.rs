//! How far an attack has come: ATT&CK tactics in the order in which attacks go through them.

use serde::{Deserialize, Serialize};

/// An ATT&CK tactic (Enterprise), earliest first. The names are ATT&CK's own short names.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// TA0043: looking for a way in.
    Reconnaissance,
    /// TA0042: preparing servers, accounts, tools.
    ResourceDevelopment,
    /// TA0001: the way in.
    InitialAccess,
    /// TA0002: running code.
    Execution,
    /// TA0003: staying.
    Persistence,
    /// TA0004: more rights.
    PrivilegeEscalation,
    /// TA0005: hiding.
    DefenseEvasion,
    /// TA0006: passwords and keys.
    CredentialAccess,
    /// TA0007: looking around inside.
    Discovery,
    /// TA0008: on to other machines.
    LateralMovement,
    /// TA0009: gathering what is to be taken.
    Collection,
    /// TA0011: talking to its master.
    CommandAndControl,
    /// TA0010: taking it out.
    Exfiltration,
    /// TA0040: defacing, encrypting, destroying.
    Impact,
}

const TACTICS: [(&str, Stage); 15] = [
    ("reconnaissance", Stage::Reconnaissance),
    ("resource-development", Stage::ResourceDevelopment),
    ("initial-access", Stage::InitialAccess),
    ("execution", Stage::Execution),
    ("persistence", Stage::Persistence),
    ("privilege-escalation", Stage::PrivilegeEscalation),
    ("defense-evasion", Stage::DefenseEvasion),
    ("stealth", Stage::DefenseEvasion),
    ("credential-access", Stage::CredentialAccess),
    ("discovery", Stage::Discovery),
    ("lateral-movement", Stage::LateralMovement),
    ("collection", Stage::Collection),
    ("command-and-control", Stage::CommandAndControl),
    ("exfiltration", Stage::Exfiltration),
    ("impact", Stage::Impact),
];

/// The tactic under which a technique is met most on servers, for rules that name only the technique.
const TECHNIQUES: [(&str, Stage); 44] = [
    ("t1595", Stage::Reconnaissance),
    ("t1592", Stage::Reconnaissance),
    ("t1589", Stage::Reconnaissance),
    ("t1590", Stage::Reconnaissance),
    ("t1583", Stage::ResourceDevelopment),
    ("t1588", Stage::ResourceDevelopment),
    ("t1190", Stage::InitialAccess),
    ("t1133", Stage::InitialAccess),
    ("t1189", Stage::InitialAccess),
    ("t1195", Stage::InitialAccess),
    ("t1566", Stage::InitialAccess),
    ("t1078", Stage::InitialAccess),
    ("t1059", Stage::Execution),
    ("t1203", Stage::Execution),
    ("t1204", Stage::Execution),
    ("t1053", Stage::Persistence),
    ("t1136", Stage::Persistence),
    ("t1098", Stage::Persistence),
    ("t1505", Stage::Persistence),
    ("t1543", Stage::Persistence),
    ("t1547", Stage::Persistence),
    ("t1548", Stage::PrivilegeEscalation),
    ("t1068", Stage::PrivilegeEscalation),
    ("t1036", Stage::DefenseEvasion),
    ("t1070", Stage::DefenseEvasion),
    ("t1562", Stage::DefenseEvasion),
    ("t1003", Stage::CredentialAccess),
    ("t1110", Stage::CredentialAccess),
    ("t1552", Stage::CredentialAccess),
    ("t1046", Stage::Discovery),
    ("t1083", Stage::Discovery),
    ("t1087", Stage::Discovery),
    ("t1021", Stage::LateralMovement),
    ("t1534", Stage::LateralMovement),
    ("t1570", Stage::LateralMovement),
    ("t1005", Stage::Collection),
    ("t1071", Stage::CommandAndControl),
    ("t1105", Stage::CommandAndControl),
    ("t1572", Stage::CommandAndControl),
    ("t1573", Stage::CommandAndControl),
    ("t1041", Stage::Exfiltration),
    ("t1048", Stage::Exfiltration),
    ("t1486", Stage::Impact),
    ("t1491", Stage::Impact),
];

/// Classes of network rules that say a stage by themselves.
const CLASSES: [(&str, Stage); 14] = [
    ("attempted-recon", Stage::Reconnaissance),
    ("network-scan", Stage::Reconnaissance),
    ("successful-recon-limited", Stage::Reconnaissance),
    ("web-application-attack", Stage::InitialAccess),
    ("attempted-user", Stage::InitialAccess),
    ("exploit-kit", Stage::InitialAccess),
    ("attempted-admin", Stage::PrivilegeEscalation),
    ("successful-admin", Stage::PrivilegeEscalation),
    ("credential-theft", Stage::CredentialAccess),
    ("shellcode-detect", Stage::Execution),
    ("trojan-activity", Stage::CommandAndControl),
    ("command-and-control", Stage::CommandAndControl),
    ("attempted-dos", Stage::Impact),
    ("denial-of-service", Stage::Impact),
];

impl Stage {
    /// ATT&CK's short name.
    pub fn name(self) -> &'static str {
        TACTICS
            .iter()
            .find(|(_, stage)| *stage == self)
            .map_or("", |(name, _)| name)
    }

    /// The stages that a rule's tags say; without any, the one that its class says.
    pub fn of_rule(tags: &[String], class: &str) -> std::collections::BTreeSet<Self> {
        let clean = |tag: &str| {
            tag.to_ascii_lowercase()
                .trim_start_matches("attack.")
                .replace('_', "-")
        };
        let tags: Vec<String> = tags.iter().map(|tag| clean(tag)).collect();
        let by = |table: &[(&str, Self)], tag: &str| {
            table
                .iter()
                .find(|(name, _)| *name == tag)
                .map(|(_, stage)| *stage)
        };
        let tactics: std::collections::BTreeSet<Self> =
            tags.iter().filter_map(|tag| by(&TACTICS, tag)).collect();
        if !tactics.is_empty() {
            return tactics;
        }
        let technique = |tag: &String| by(&TECHNIQUES, tag.split('.').next().unwrap_or_default());
        let techniques: std::collections::BTreeSet<Self> = tags.iter().filter_map(technique).collect();
        if techniques.is_empty() {
            by(&CLASSES, class).into_iter().collect()
        } else {
            techniques
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(tags: &[&str], class: &str) -> Vec<Stage> {
        let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
        Stage::of_rule(&tags, class).into_iter().collect()
    }

    #[test]
    fn tactics_win_over_techniques_and_both_over_the_class() {
        assert_eq!(
            stages(&["attack.credential_access", "attack.t1078"], ""),
            [Stage::CredentialAccess]
        );
        assert_eq!(stages(&["T1505.003"], "attempted-recon"), [Stage::Persistence]);
        assert_eq!(
            stages(&["cve.2021-36260"], "trojan-activity"),
            [Stage::CommandAndControl]
        );
        assert_eq!(stages(&["cve.2021-36260"], "misc-activity"), []);
    }

    #[test]
    fn names_are_attacks_own_and_the_order_is_the_kill_chain() {
        assert_eq!(Stage::CommandAndControl.name(), "command-and-control");
        assert_eq!(
            serde_json::to_string(&Stage::InitialAccess).unwrap(),
            "\"initial-access\""
        );
        assert!(Stage::Reconnaissance < Stage::InitialAccess && Stage::Exfiltration < Stage::Impact);
    }
}
