//! Builds trees from the parser's events, under the bounds.

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use rustc_hash::FxHashMap;

use super::{Data, Key, MAX_DEPTH, MAX_NODES, Node, Scalar, YamlError};
use crate::Position;

struct Builder<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: FxHashMap<usize, (Node, usize)>,
    nodes: usize,
}

pub(super) fn documents(text: &str) -> (Vec<Node>, Option<YamlError>) {
    let options = granit_parser::options! { emit_comments: false };
    let mut builder = Builder {
        parser: Parser::new_from_str_with_options(text, options),
        anchors: FxHashMap::default(),
        nodes: 0,
    };
    let mut documents = Vec::new();
    loop {
        match builder.document() {
            Ok(Some(node)) => documents.push(node),
            Ok(None) => return (documents, None),
            Err(error) => return (documents, Some(error)),
        }
    }
}

impl<'t> Builder<'t> {
    /// The next document's root; documents that are empty are passed over.
    fn document(&mut self) -> Result<Option<Node>, YamlError> {
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {
                    self.anchors.clear();
                }
                Event::StreamEnd => return Ok(None),
                event => {
                    let node = self.node(event, span, 0)?;
                    if !node.is_null() {
                        return Ok(Some(node));
                    }
                }
            }
        }
        Ok(None)
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, YamlError> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(pair)) => Ok(Some(pair)),
            Some(Err(error)) => Err(YamlError {
                at: Position::new(error.marker().line(), error.marker().col() + 1),
                reason: format!("not valid YAML: {}", error.info()),
            }),
        }
    }

    /// The next event within a document, which cannot end here.
    fn inner(&mut self, at: Position) -> Result<(Event<'t>, Span), YamlError> {
        self.next()?
            .ok_or_else(|| error(at, "not valid YAML: the text ends inside a value"))
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, YamlError> {
        let at = position(&span);
        if depth > MAX_DEPTH {
            return Err(error(at, "nested too deep: at most 48 levels are read"));
        }
        self.count(1, at)?;
        let before = self.nodes;
        let (anchor, data) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(text, style, tag.as_deref())),
            Event::SequenceStart(_, anchor, _) => (anchor, Data::List(self.list(at, depth)?)),
            Event::MappingStart(_, anchor, _) => (anchor, Data::Map(self.map(at, depth)?)),
            Event::Alias(id) => return self.alias(id, at),
            _ => return Err(error(at, "not valid YAML here")),
        };
        let node = Node { at, data };
        if anchor != 0 {
            self.anchors
                .insert(anchor, (node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    fn count(&mut self, nodes: usize, at: Position) -> Result<(), YamlError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return Err(error(
                at,
                "more than 200000 nodes (aliases count as often as they are used)",
            ));
        }
        Ok(())
    }

    fn alias(&mut self, id: usize, at: Position) -> Result<Node, YamlError> {
        let Some(size) = self.anchors.get(&id).map(|(_, size)| *size) else {
            return Err(error(at, "an alias may not stand inside the value it names"));
        };
        self.count(size, at)?;
        let data = self.anchors.get(&id).map(|(node, _)| node.data.clone());
        data.map(|data| Node { at, data })
            .ok_or_else(|| error(at, "unknown alias"))
    }

    fn list(&mut self, at: Position, depth: usize) -> Result<Vec<Node>, YamlError> {
        let mut items = Vec::new();
        loop {
            match self.inner(at)? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, at: Position, depth: usize) -> Result<Vec<(Key, Node)>, YamlError> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.inner(at)?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.inner(key.at)?;
            let value = self.node(event, span, depth + 1)?;
            let at = key.at;
            let Data::Scalar(Scalar { text, plain }) = key.data else {
                return Err(error(at, "a key must be a single value"));
            };
            if plain && text == "<<" {
                merged.push(value);
            } else if entries.iter().any(|(known, _)| known.text == text) {
                return Err(error(
                    at,
                    &format!("the key '{text}' stands here twice: keep one"),
                ));
            } else {
                entries.push((Key { at, text }, value));
            }
        }
        for source in merged {
            merge(&mut entries, source)?;
        }
        Ok(entries)
    }
}

/// Adds what a merge key (`<<: *base`) brings and the mapping itself does not have.
fn merge(entries: &mut Vec<(Key, Node)>, source: Node) -> Result<(), YamlError> {
    match source.data {
        Data::Map(more) => {
            for (key, node) in more {
                if !entries.iter().any(|(known, _)| known.text == key.text) {
                    entries.push((key, node));
                }
            }
            Ok(())
        }
        Data::List(items) => items.into_iter().try_for_each(|item| merge(entries, item)),
        Data::Scalar(_) => Err(error(source.at, "'<<' merges a mapping or a list of mappings")),
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Data {
    let as_text = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
    Data::Scalar(Scalar {
        text: text.into_owned(),
        plain: style == ScalarStyle::Plain && !as_text,
    })
}

fn position(span: &Span) -> Position {
    Position::new(span.start.line(), span.start.col() + 1)
}

fn error(at: Position, reason: &str) -> YamlError {
    YamlError {
        at,
        reason: reason.to_owned(),
    }
}
