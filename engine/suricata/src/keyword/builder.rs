//! A rule while its options are read.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use saola_net::Direction;

use crate::config::{Classification, References};
use crate::diagnostic::Reason;
use crate::inspect::transform::Transform;
use crate::lists::{ListError, ReadList};
use crate::pcre::PcreCache;
use crate::rule::{
    App, Buffer, BufferTest, Condition, Content, Dataset, Effect, FlowTest, MetadataPair, Slot, Step, Tag,
    Target, Threshold, Track,
};

/// Options a rule may have; the longest public rule has fewer than 300.
pub(crate) const MAX_OPTIONS: usize = 1000;
/// Variables of one rule.
const MAX_SLOTS: usize = 64;

/// Names that rules share, as numbers: bits and counters keep their number over a reload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    ids: FxHashMap<String, u32>,
}

impl Names {
    pub(crate) fn id(&mut self, name: &str) -> u32 {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = self.ids.len() as u32;
        self.ids.insert(name.to_owned(), id);
        id
    }

    /// Names by number, for writing them into events.
    pub(crate) fn list(&self) -> Vec<Arc<str>> {
        let mut list = vec![Arc::from(""); self.ids.len()];
        for (name, id) in &self.ids {
            if let Some(place) = list.get_mut(*id as usize) {
                *place = name.as_str().into();
            }
        }
        list
    }
}

/// What all rules of a set share while they are read.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) bits: Names,
    pub(crate) pcres: PcreCache,
    pub(crate) texts: FxHashMap<String, Arc<str>>,
    /// Data sets by name.
    pub(crate) datasets: FxHashMap<String, Arc<Dataset>>,
}

impl Shared {
    /// One copy of texts that thousands of rules repeat.
    pub(crate) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.texts.insert(text.to_owned(), Arc::clone(&new));
        new
    }
}

/// Where the next content goes.
#[derive(Clone, Debug)]
enum Cursor {
    /// No sticky buffer: payload.
    Payload,
    /// A sticky buffer whose first step has not come.
    Fresh(Buffer, Option<Direction>, Vec<Transform>),
    /// A list that has steps.
    List(usize),
    /// Within `base64_data`: list and step of the decode.
    Base64(usize, usize),
}

/// The place of a step: list, index.
type Place = (usize, usize);

/// Collects the parts of one rule.
pub(crate) struct Builder<'s> {
    pub(crate) shared: &'s mut Shared,
    pub(crate) classes: &'s Classification,
    pub(crate) reference_systems: &'s References,
    pub(crate) message: Option<Arc<str>>,
    pub(crate) sid: Option<u32>,
    pub(crate) gid: u32,
    pub(crate) rev: u32,
    pub(crate) class: Option<Arc<str>>,
    pub(crate) category: Arc<str>,
    pub(crate) class_priority: Option<u8>,
    pub(crate) priority: Option<u8>,
    pub(crate) metadata: Vec<MetadataPair>,
    pub(crate) references: Vec<Arc<str>>,
    pub(crate) target: Option<Target>,
    pub(crate) flow: FlowTest,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) threshold: Option<Threshold>,
    pub(crate) silent: bool,
    pub(crate) announces: bool,
    pub(crate) tags: Vec<Tag>,
    /// Kind of frame that the rule looks at; its protocol unless the header names it.
    pub(crate) frame: Option<(Option<App>, Arc<str>)>,
    /// Where lists are read, and the text that asks.
    pub(crate) lists: Option<&'s dyn ReadList>,
    pub(crate) path: &'s str,
    /// Protocols that keywords other than buffers ask for.
    pub(crate) apps: Vec<App>,
    pub(crate) tests: Vec<BufferTest>,
    cursor: Cursor,
    last: Option<Place>,
    slots: FxHashMap<String, Slot>,
}

impl<'s> Builder<'s> {
    pub(crate) fn new(
        shared: &'s mut Shared,
        classes: &'s Classification,
        reference_systems: &'s References,
        lists: Option<&'s dyn ReadList>,
        path: &'s str,
    ) -> Self {
        Self {
            shared,
            classes,
            reference_systems,
            message: None,
            sid: None,
            gid: 1,
            rev: 0,
            class: None,
            category: "".into(),
            class_priority: None,
            priority: None,
            metadata: Vec::new(),
            references: Vec::new(),
            target: None,
            flow: FlowTest::default(),
            conditions: Vec::new(),
            effects: Vec::new(),
            threshold: None,
            silent: false,
            announces: false,
            tags: Vec::new(),
            frame: None,
            lists,
            path,
            apps: Vec::new(),
            tests: Vec::new(),
            cursor: Cursor::Payload,
            last: None,
            slots: FxHashMap::default(),
        }
    }

    /// A sticky buffer begins.
    pub(crate) fn enter(&mut self, buffer: Buffer, way: Option<Direction>) {
        self.cursor = if buffer == Buffer::Payload {
            Cursor::Payload
        } else {
            Cursor::Fresh(buffer, way, Vec::new())
        };
        self.last = None;
    }

    /// A transform of the sticky buffer; it must come before the first content.
    pub(crate) fn transform(&mut self, transform: Transform, keyword: &str) -> Result<(), Reason> {
        let (buffer, way, mut transforms) = match &self.cursor {
            Cursor::Fresh(buffer, way, transforms) => (*buffer, *way, transforms.clone()),
            // After contents: what follows looks at the buffer transformed once more.
            Cursor::List(list) => match self.tests.get(*list) {
                Some(test) => (test.buffer, test.way, test.transforms.to_vec()),
                None => return Ok(()),
            },
            Cursor::Payload | Cursor::Base64(..) => {
                return Err(Reason::place(
                    keyword,
                    "a transform needs a sticky buffer before it",
                ));
            }
        };
        transforms.push(transform);
        self.cursor = Cursor::Fresh(buffer, way, transforms);
        self.last = None;
        Ok(())
    }

    /// The buffer that the next content looks at.
    pub(crate) fn buffer(&self) -> Buffer {
        match &self.cursor {
            Cursor::Payload | Cursor::Base64(..) => Buffer::Payload,
            Cursor::Fresh(buffer, ..) => *buffer,
            Cursor::List(list) => self.tests.get(*list).map_or(Buffer::Payload, |test| test.buffer),
        }
    }

    /// Whether a sticky buffer is on.
    pub(crate) fn is_sticky(&self) -> bool {
        !matches!(self.cursor, Cursor::Payload)
    }

    /// Appends a step to the current list.
    pub(crate) fn push(&mut self, step: Step) {
        if let Cursor::Base64(list, decode) = self.cursor {
            if let Some(Step::Base64Decode(decode)) = self.step_mut((list, decode)) {
                decode.inner.push(step);
            }
            return;
        }
        let list = self.current_list();
        self.push_to(list, step);
    }

    /// Appends a relative step: after old-style contents it belongs where the last content went.
    pub(crate) fn push_relative(&mut self, step: Step, relative: bool) {
        match (relative, self.is_sticky(), self.last) {
            (true, false, Some((list, _))) => self.push_to(list, step),
            _ => self.push(step),
        }
    }

    /// Appends a step to the list of a buffer without transforms, leaving the sticky buffer as it is.
    pub(crate) fn push_at(&mut self, buffer: Buffer, step: Step) {
        let list = self.list_of(buffer, None, &[]);
        self.push_to(list, step);
    }

    /// Appends a test of a number buffer of its own.
    pub(crate) fn push_number(&mut self, buffer: Buffer, way: Option<Direction>, step: Step) {
        self.tests.push(BufferTest {
            buffer,
            way,
            transforms: Arc::from([]),
            steps: vec![step],
        });
    }

    fn push_to(&mut self, list: usize, step: Step) {
        let Some(test) = self.tests.get_mut(list) else {
            return;
        };
        if matches!(step, Step::Content(_) | Step::Pcre(_)) {
            self.last = Some((list, test.steps.len()));
        }
        test.steps.push(step);
    }

    fn current_list(&mut self) -> usize {
        let list = match &self.cursor {
            Cursor::Payload => return self.list_of(Buffer::Payload, None, &[]),
            Cursor::List(list) | Cursor::Base64(list, _) => return *list,
            Cursor::Fresh(buffer, way, transforms) => {
                let (buffer, way, transforms) = (*buffer, *way, transforms.clone());
                if buffer.is_multiple() {
                    self.new_list(buffer, way, &transforms)
                } else {
                    self.list_of(buffer, way, &transforms)
                }
            }
        };
        self.cursor = Cursor::List(list);
        list
    }

    fn list_of(&mut self, buffer: Buffer, way: Option<Direction>, transforms: &[Transform]) -> usize {
        self.tests
            .iter()
            .position(|test| test.buffer == buffer && test.way == way && *test.transforms == *transforms)
            .unwrap_or_else(|| self.new_list(buffer, way, transforms))
    }

    fn new_list(&mut self, buffer: Buffer, way: Option<Direction>, transforms: &[Transform]) -> usize {
        self.tests.push(BufferTest {
            buffer,
            way,
            transforms: transforms.into(),
            steps: Vec::new(),
        });
        self.tests.len() - 1
    }

    fn step_mut(&mut self, (list, index): Place) -> Option<&mut Step> {
        self.tests.get_mut(list)?.steps.get_mut(index)
    }

    /// The content that a modifier belongs to.
    pub(crate) fn last_content(&mut self, keyword: &str) -> Result<&mut Content, Reason> {
        let missing = || Reason::place(keyword, "there is no content before it");
        if let Cursor::Base64(list, decode) = self.cursor {
            return match self.step_mut((list, decode)) {
                Some(Step::Base64Decode(decode)) => match decode.inner.last_mut() {
                    Some(Step::Content(content)) => Ok(content),
                    _ => Err(missing()),
                },
                _ => Err(missing()),
            };
        }
        let place = self.last.ok_or_else(missing)?;
        match self.step_mut(place) {
            Some(Step::Content(content)) => Ok(content),
            _ => Err(missing()),
        }
    }

    /// Moves the last content to another buffer, for the old modifiers.
    pub(crate) fn move_last(&mut self, buffer: Buffer, keyword: &str) -> Result<(), Reason> {
        if self.is_sticky() {
            return Err(Reason::place(
                keyword,
                "old modifiers do not mix with sticky buffers; use the sticky buffer",
            ));
        }
        self.last_content(keyword)?;
        let (list, index) = self
            .last
            .ok_or_else(|| Reason::place(keyword, "there is no content before it"))?;
        let Some(test) = self.tests.get_mut(list) else {
            return Ok(());
        };
        if test.buffer != Buffer::Payload || index >= test.steps.len() {
            return Err(Reason::place(
                keyword,
                "the content was moved to a buffer already",
            ));
        }
        let step = test.steps.remove(index);
        let target = self.list_of(buffer, None, &[]);
        self.push_to(target, step);
        Ok(())
    }

    /// `base64_data`: what follows looks at the decoded bytes of the last `base64_decode`.
    pub(crate) fn enter_base64(&mut self, keyword: &str) -> Result<(), Reason> {
        let place = self.tests.iter().enumerate().rev().find_map(|(list, test)| {
            let decode = test
                .steps
                .iter()
                .rposition(|step| matches!(step, Step::Base64Decode(_)))?;
            Some((list, decode))
        });
        let (list, decode) =
            place.ok_or_else(|| Reason::place(keyword, "there is no base64_decode before it"))?;
        self.cursor = Cursor::Base64(list, decode);
        Ok(())
    }

    /// The bytes of a list that the rule names.
    pub(crate) fn read_list(&self, name: &str) -> Result<Vec<u8>, ListError> {
        match self.lists {
            Some(lists) => lists.read(self.path, name),
            None => Err(ListError::Missing(name.to_owned())),
        }
    }

    /// The slot of a new variable.
    pub(crate) fn define(&mut self, name: &str) -> Result<Slot, Reason> {
        if let Some(slot) = self.slots.get(name) {
            return Ok(*slot);
        }
        if self.slots.len() >= MAX_SLOTS {
            return Err(Reason::Limit(format!("more than {MAX_SLOTS} variables")));
        }
        let slot = self.slots.len() as Slot;
        self.slots.insert(name.to_owned(), slot);
        Ok(slot)
    }

    /// The slot of a variable that an earlier keyword has defined.
    pub(crate) fn slot(&self, name: &str) -> Option<Slot> {
        self.slots.get(name).copied()
    }

    pub(crate) fn slot_count(&self) -> u8 {
        self.slots.len() as u8
    }

    /// Sets the threshold; of several the last counts.
    pub(crate) fn set_threshold(&mut self, threshold: Threshold) {
        self.threshold = Some(threshold);
    }

    /// Reads `by_src` and its like.
    pub(crate) fn track(text: &str) -> Option<Track> {
        Some(match text {
            "by_src" => Track::BySource,
            "by_dst" => Track::ByDestination,
            "by_both" => Track::ByBoth,
            "by_rule" => Track::ByRule,
            "by_flow" => Track::ByFlow,
            _ => return None,
        })
    }
}
