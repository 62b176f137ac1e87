//! DNS buffers. Query and answer are transactions of their own.

use std::borrow::Cow;

use saola_net::Direction;
use saola_net::proto::dns::{Message, Question, Record, RecordData, Transaction};
use smallvec::SmallVec;

use super::Values;
use crate::rule::Buffer;

fn questions(message: &Message) -> Values<'_> {
    let name = |question: &Question| Cow::Owned(question.name.value.clone());
    message.queries.iter().map(name).collect()
}

fn owners(records: &[Record]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    records.iter().map(|record| Cow::Borrowed(&*record.name.value))
}

/// Names of answers and the names they point to.
fn answer_names(message: &Message) -> Values<'_> {
    let all = [&message.answers, &message.authorities, &message.additionals];
    let records = || all.iter().flat_map(|section| section.iter());
    let targets = records().flat_map(|record| {
        let names: [Option<&[u8]>; 2] = match &record.data {
            RecordData::Name(name) | RecordData::Exchange { name, .. } | RecordData::Service { name, .. } => {
                [Some(&name.value), None]
            }
            RecordData::Authority { mname, rname, .. } => [Some(&mname.value), Some(&rname.value)],
            _ => [None, None],
        };
        names.into_iter().flatten().map(Cow::Borrowed)
    });
    all.iter()
        .flat_map(|section| owners(section))
        .chain(targets)
        .collect()
}

/// The values of a buffer.
pub(super) fn bytes(tx: &Transaction, buffer: Buffer, direction: Direction) -> Values<'_> {
    let message = &tx.message;
    // A message goes one way: the other has nothing to show.
    if tx.direction != direction {
        return Values::new();
    }
    match buffer {
        Buffer::DnsQuery if tx.is_query() => questions(message),
        Buffer::DnsQueriesName | Buffer::MdnsQueriesName | Buffer::LlmnrQueriesName => questions(message),
        Buffer::DnsAnswersName | Buffer::MdnsAnswersName | Buffer::LlmnrAnswersName => {
            owners(&message.answers).collect()
        }
        Buffer::DnsAuthoritiesName | Buffer::MdnsAuthoritiesName | Buffer::LlmnrAuthoritiesName => {
            owners(&message.authorities).collect()
        }
        Buffer::DnsAdditionalsName | Buffer::MdnsAdditionalsName | Buffer::LlmnrAdditionalsName => {
            owners(&message.additionals).collect()
        }
        Buffer::DnsResponseName | Buffer::MdnsResponseName | Buffer::LlmnrResponseName => {
            answer_names(message)
        }
        _ => Values::new(),
    }
}

/// The numbers of a buffer.
pub(super) fn numbers(tx: &Transaction, buffer: Buffer, direction: Direction) -> SmallVec<[u64; 2]> {
    if tx.direction != direction {
        return SmallVec::new();
    }
    let message = &tx.message;
    let header = message.header;
    match buffer {
        Buffer::DnsOpcode => std::iter::once(header.opcode().into()).collect(),
        Buffer::DnsRcode => std::iter::once(header.rcode().into()).collect(),
        Buffer::DnsRrtype => {
            let asked = message.queries.iter().map(|question| question.rrtype.into());
            let answered = message.answers.iter().map(|record| record.rrtype.into());
            asked.chain(answered).collect()
        }
        _ => SmallVec::new(),
    }
}
