//! Names of the Sigma taxonomy that authors often write in another case. Names that some other log writes in another
//! case (`image`, `user`, `eventType`) are not here: nothing could be said about them.

const NAMES: &[&str] = &[
    "AccessList",
    "AccessMask",
    "CallTrace",
    "CommandLine",
    "ContextInfo",
    "CurrentDirectory",
    "DestinationHostname",
    "DestinationPort",
    "EventID",
    "FileVersion",
    "GrantedAccess",
    "ImageLoaded",
    "ImagePath",
    "IntegrityLevel",
    "IpPort",
    "LogonId",
    "NewName",
    "NewProcessName",
    "OriginalFileName",
    "ParentCommandLine",
    "ParentImage",
    "ParentUser",
    "PipeName",
    "Provider_Name",
    "QueryName",
    "RelativeTargetName",
    "ScriptBlockText",
    "ServiceFileName",
    "ServiceType",
    "ShareName",
    "SignatureStatus",
    "SourceHostname",
    "SourceImage",
    "SourcePort",
    "StartFunction",
    "StartModule",
    "SubjectUserName",
    "SubjectUserSid",
    "TargetFilename",
    "TargetImage",
    "TargetObject",
    "TargetUserName",
    "TargetUserSid",
    "TicketEncryptionType",
    "TicketOptions",
    "WorkstationName",
    "c-ip",
    "c-uri",
    "c-uri-extension",
    "c-uri-query",
    "c-uri-stem",
    "c-useragent",
    "cs-bytes",
    "cs-cookie",
    "cs-host",
    "cs-method",
    "cs-referer",
    "cs-referrer",
    "cs-uri",
    "cs-uri-query",
    "cs-uri-stem",
    "cs-user-agent",
    "cs-username",
    "dst_ip",
    "dst_port",
    "r-dns",
    "record_type",
    "s-ip",
    "s-port",
    "sc-bytes",
    "sc-status",
    "src_ip",
    "src_port",
    "time-taken",
];

/// The taxonomy's spelling of a name that differs from it in case alone.
pub(super) fn of_other_case(name: &str) -> Option<&'static str> {
    let same = |known: &&&str| known.eq_ignore_ascii_case(name);
    NAMES.iter().find(same).copied().filter(|known| *known != name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_case_is_corrected() {
        assert_eq!(of_other_case("commandline"), Some("CommandLine"));
        assert_eq!(of_other_case("CommandLine"), None);
        assert_eq!(of_other_case("Command"), None);
    }
}
