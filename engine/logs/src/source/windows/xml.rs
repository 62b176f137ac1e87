//! Windows events as XML, the way event forwarding and most agents render them.

use std::borrow::Cow;

use saola_event::Value;

use crate::draft::Draft;
use crate::part::xml::{self, Item};
use crate::source::{Input, Text};

pub(crate) static XML: Text = Text {
    name: "windows-xml",
    programs: &[],
    probe: |input| input.text.contains("<Event ") && input.text.contains("<System>"),
    parse,
};

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let start = input.text.find("<Event ")?;
    let mut reader = Reader::default();
    for item in xml::items(input.text.get(start..)?) {
        reader.item(item, draft);
    }
    if !draft.has("EventID") {
        return None;
    }
    super::finish(draft);
    Some(())
}

/// Where in the event the reader is.
#[derive(Default)]
struct Reader<'r> {
    /// Whether below `System`, whose attributes are fields; anywhere else is data.
    system: bool,
    /// The element whose text comes next: its own name, or that of a named `Data`.
    field: Option<Cow<'r, str>>,
    /// Texts of `Data` without a name.
    unnamed: Vec<Value<'r>>,
}

impl<'r> Reader<'r> {
    fn item(&mut self, item: Item<'r>, draft: &mut Draft<'r>) {
        match item {
            Item::Open {
                name: "System",
                closed,
                ..
            } => self.system = !closed,
            Item::Open { name, attributes, .. } => self.open(name, attributes, draft),
            Item::Text(text) => self.text(text, draft),
            Item::Close("System") => self.system = false,
            Item::Close("EventData") if !self.unnamed.is_empty() => {
                let mut unnamed = std::mem::take(&mut self.unnamed);
                let value = if unnamed.len() == 1 {
                    unnamed.remove(0)
                } else {
                    Value::List(unnamed)
                };
                draft.fields.push("Data", value);
            }
            Item::Close(_) => self.field = None,
        }
    }

    fn open(&mut self, name: &'r str, attributes: &'r str, draft: &mut Draft<'r>) {
        self.field = Some(Cow::Borrowed(name));
        for (attribute, value) in xml::attributes(attributes) {
            match attribute {
                "Name" if name == "Data" => self.field = Some(value),
                "SystemTime" => draft.fields.push("TimeCreated", value),
                _ if self.system => draft.fields.push(format!("{name}_{attribute}"), value),
                _ => {}
            }
        }
    }

    fn text(&mut self, text: Cow<'r, str>, draft: &mut Draft<'r>) {
        match self.field.take() {
            Some(field) if field == "Data" => self.unnamed.push(Value::Text(text)),
            Some(field) if draft.fields.find(&field).is_none() => draft.fields.push(field, text),
            Some(field) => draft.fields.push(format!("EventData_{field}"), text),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use saola_event::LogSource;

    use crate::source::tests::event;

    #[test]
    fn a_rendered_event() {
        let line = "<13>Nov 22 07:30:00 pc1 x: <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5}'/><EventID>1</EventID><TimeCreated SystemTime='2026-11-22T00:30:00.1234567Z'/><EventRecordID>7</EventRecordID><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>pc1</Computer></System><EventData><Data Name='Image'>C:\\a.exe</Data><Data Name='CommandLine'>a &quot;tệp&quot; &amp; b</Data></EventData></Event>";
        let found = event(line);
        assert_eq!(found.parser, "windows-xml");
        for (name, value) in [
            ("Provider_Name", "Microsoft-Windows-Sysmon"),
            ("Image", r"C:\a.exe"),
            ("CommandLine", "a \"tệp\" & b"),
            ("Computer", "pc1"),
        ] {
            assert_eq!(found.fields.text(name), Some(value), "{name}");
        }
        assert_eq!(found.time.to_string(), "2026-11-22T00:30:00.123456Z");
        assert!(
            found
                .sources
                .admit(&LogSource::new("windows", "process_creation", ""))
        );
    }

    #[test]
    fn unnamed_data_is_a_list() {
        let found = event(
            "<Event xmlns='x'><System><EventID Qualifiers='0'>800</EventID><Channel>Windows PowerShell</Channel></System><EventData><Data>one</Data><Data>two</Data></EventData></Event>",
        );
        assert_eq!(
            serde_json::to_string(&found.fields.find("Data")).unwrap(),
            r#"["one","two"]"#
        );
        assert!(
            found
                .sources
                .admit(&LogSource::new("windows", "ps_classic_script", ""))
        );
    }

    #[test]
    fn broken_documents_keep_the_record() {
        for line in [
            "<Event x><System>",
            "<Event <System><EventID>",
            "<Event ><System></System></Event>",
        ] {
            assert_eq!(event(line).raw, line);
        }
    }
}
