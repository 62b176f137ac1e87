//! Rule variables: `$HOME_NET`, `$HTTP_PORTS` and the others, by the names people have in their configurations.

use std::collections::BTreeMap;

/// Address and port groups. Values are texts in the rule language and may name other variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variables {
    /// `vars.address-groups`.
    pub addresses: BTreeMap<String, String>,
    /// `vars.port-groups`.
    pub ports: BTreeMap<String, String>,
}

const ADDRESSES: &[(&str, &str)] = &[
    ("HOME_NET", "[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]"),
    ("EXTERNAL_NET", "!$HOME_NET"),
    ("HTTP_SERVERS", "$HOME_NET"),
    ("SMTP_SERVERS", "$HOME_NET"),
    ("SQL_SERVERS", "$HOME_NET"),
    ("DNS_SERVERS", "$HOME_NET"),
    ("TELNET_SERVERS", "$HOME_NET"),
    ("AIM_SERVERS", "$EXTERNAL_NET"),
    ("DC_SERVERS", "$HOME_NET"),
    ("DNP3_SERVER", "$HOME_NET"),
    ("DNP3_CLIENT", "$HOME_NET"),
    ("MODBUS_SERVER", "$HOME_NET"),
    ("MODBUS_CLIENT", "$HOME_NET"),
    ("ENIP_SERVER", "$HOME_NET"),
    ("ENIP_CLIENT", "$HOME_NET"),
];

const PORTS: &[(&str, &str)] = &[
    ("HTTP_PORTS", "80"),
    ("SHELLCODE_PORTS", "!80"),
    ("ORACLE_PORTS", "1521"),
    ("SSH_PORTS", "22"),
    ("DNP3_PORTS", "20000"),
    ("MODBUS_PORTS", "502"),
    ("FILE_DATA_PORTS", "[$HTTP_PORTS,110,143]"),
    ("FTP_PORTS", "21"),
    ("GENEVE_PORTS", "6081"),
    ("VXLAN_PORTS", "4789"),
    ("TEREDO_PORTS", "3544"),
    ("SIP_PORTS", "[5060,5061]"),
];

impl Default for Variables {
    fn default() -> Self {
        let owned = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        Self {
            addresses: owned(ADDRESSES),
            ports: owned(PORTS),
        }
    }
}

impl Variables {
    /// Sets a variable by its configuration key, `vars.address-groups.HOME_NET` or `vars.port-groups.HTTP_PORTS`.
    /// False when the key is no variable.
    pub fn set(&mut self, key: &str, value: &str) -> bool {
        if let Some(name) = key.strip_prefix("vars.address-groups.") {
            self.addresses.insert(name.to_owned(), value.to_owned());
        } else if let Some(name) = key.strip_prefix("vars.port-groups.") {
            self.ports.insert(name.to_owned(), value.to_owned());
        } else {
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_as_people_know_them() {
        let mut variables = Variables::default();
        assert!(variables.set("vars.address-groups.HOME_NET", "[10.1.0.0/16]"));
        assert!(!variables.set("stream.midstream", "yes"));
        assert_eq!(variables.addresses["HOME_NET"], "[10.1.0.0/16]");
    }
}
