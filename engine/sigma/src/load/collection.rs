//! Collections: several documents in one file that share parts by `action: global`, `reset` and `repeat`.

use crate::Fault;
use crate::yaml::{Data, Node};

/// The rules that a file's documents stand for, and the faults of documents that stand for none.
///
/// `global` is merged into every following document, `reset` drops it, `repeat` is merged into a copy of the document
/// before it. Where both have a mapping the keys are merged, anything else of the later document wins.
pub(crate) fn expand(documents: Vec<Node>) -> (Vec<Node>, Vec<Fault>) {
    let (mut rules, mut faults) = (Vec::new(), Vec::new());
    let mut global: Option<Node> = None;
    let mut previous: Option<Node> = None;
    for mut document in documents {
        let action = document
            .at_key("action")
            .and_then(Node::as_text)
            .map(str::to_owned);
        let at = document.at;
        if let (Some(_), Data::Map(entries)) = (&action, &mut document.data) {
            entries.retain(|(key, _)| key.text != "action");
        }
        let rule = match action.as_deref() {
            Some("global") => {
                global = Some(match global.take() {
                    Some(before) => merged(before, document),
                    None => document,
                });
                continue;
            }
            Some("reset") => {
                global = None;
                continue;
            }
            Some("repeat") => match previous.clone() {
                Some(before) => merged(before, document),
                None => {
                    faults.push(Fault::new(
                        at,
                        "'action: repeat' has no document before it to repeat",
                    ));
                    continue;
                }
            },
            Some(other) => {
                let reason = format!("'action: {other}' is not known: write global, reset or repeat");
                faults.push(Fault::new(at, reason));
                continue;
            }
            None => match global.clone() {
                Some(global) => merged(global, document),
                None => document,
            },
        };
        previous = Some(rule.clone());
        rules.push(rule);
    }
    (rules, faults)
}

/// `base` with everything of `more` put over it; positions are of the later document where it has any.
fn merged(base: Node, more: Node) -> Node {
    match (base.data, more.data) {
        (Data::Map(mut entries), Data::Map(added)) => {
            for (key, value) in added {
                match entries.iter_mut().find(|(known, _)| known.text == key.text) {
                    Some(entry) => {
                        let before = entry.1.clone();
                        *entry = (key, merged(before, value));
                    }
                    None => entries.push((key, value)),
                }
            }
            Node {
                at: more.at,
                data: Data::Map(entries),
            }
        }
        (_, data) => Node { at: more.at, data },
    }
}
