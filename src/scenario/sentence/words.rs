//! The parser of sentences: word by word, so that it can point at one.

use super::ends::Ends;
use super::{Action, Drive, End, Sentence, SentenceError, Voltage};
use crate::input::{Dimension, nearest};
use std::ops::Range;

pub(super) const EXAMPLE: &str = "for example \"Charge at 0.1C until 3.7 V\", \"Hold at 3.15 V until 1 % of charge current\", \"Sweep at 0.1 mV/s until 3.7 V\", \"Rest for 2 hours\"";
/// First words of a sentence.
const VERBS: [&str; 6] = ["Charge", "Discharge", "Hold", "Rest", "Sweep", "Scan"];

/// The words of a sentence and how far they were read.
pub(super) struct Words<'a> {
    pub text: &'a str,
    pub anode: &'a str,
    pub words: Vec<(&'a str, Range<usize>)>,
    pub next: usize,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str, anode: &'a str) -> Self {
        let start_of = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let words = text
            .split_whitespace()
            .map(|word| (word, start_of(word)..start_of(word) + word.len()))
            .collect();
        Self {
            text,
            anode,
            words,
            next: 0,
        }
    }

    pub fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).map(|(word, _)| *word)
    }

    /// The place of the next word, or of the end of the sentence.
    pub fn place(&self) -> Range<usize> {
        match self.words.get(self.next) {
            Some((_, span)) => span.clone(),
            None => self
                .words
                .last()
                .map_or(0..self.text.len(), |(_, span)| span.clone()),
        }
    }

    pub fn take(&mut self, wanted: &str) -> bool {
        let hit = self
            .peek()
            .is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        self.next += usize::from(hit);
        hit
    }

    pub fn error<T>(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Result<T, SentenceError> {
        Err(SentenceError {
            span,
            message: message.into(),
            help: help.into(),
        })
    }

    pub fn expect(&mut self, wanted: &str, after: &str) -> Result<(), SentenceError> {
        if self.take(wanted) {
            return Ok(());
        }
        let found = self.peek().map_or("the sentence ends".to_owned(), |word| {
            format!("found `{word}`")
        });
        self.error(
            self.place(),
            format!("`{wanted}` must follow `{after}`, but {found}"),
            EXAMPLE,
        )
    }

    pub fn sentence(mut self) -> Result<(Sentence, Vec<Range<usize>>), SentenceError> {
        let span = self.place();
        let Some(verb) = self.peek() else {
            return self.error(span, "the sentence is empty", EXAMPLE);
        };
        self.next += 1;
        let mut ends = Ends::default();
        let action = match verb.to_ascii_lowercase().as_str() {
            "sweep" | "scan" => self.sweep(verb, span, &mut ends)?,
            other => {
                let action = match other {
                    "charge" | "discharge" => self.driven(verb)?,
                    "hold" => {
                        self.expect("at", verb)?;
                        Action::Hold(self.voltage()?)
                    }
                    "rest" => Action::Rest,
                    _ => return self.unknown_verb(verb, span),
                };
                self.ends(&mut ends)?;
                action
            }
        };
        let (until, places) = ends.until.into_iter().unzip();
        let sentence = Sentence {
            action,
            duration: ends.duration,
            until,
            period: ends.period,
        };
        Ok((sentence, places))
    }

    fn unknown_verb<T>(&self, verb: &str, span: Range<usize>) -> Result<T, SentenceError> {
        let help = match nearest(verb, VERBS) {
            Some(near) => format!("did you mean `{near}`?"),
            None if verb.eq_ignore_ascii_case("run") => {
                "write a current over time as a step of its own: { table = \"profile.csv\" }".into()
            }
            None => {
                format!("a sentence begins with Charge, Discharge, Hold, Sweep or Rest; {EXAMPLE}")
            }
        };
        let message = format!("`{verb}` is not something a cell can be told to do");
        self.error(span, message, help)
    }

    /// After `Charge` or `Discharge`.
    fn driven(&mut self, verb: &str) -> Result<Action, SentenceError> {
        self.expect("at", verb)?;
        let from = self.next;
        if let Some(voltage) = self.is_voltage()? {
            return Ok(Action::Hold(voltage));
        }
        self.next = from;
        let drive: Drive = self.drive()?;
        Ok(if verb.eq_ignore_ascii_case("charge") {
            Action::Charge(drive)
        } else {
            Action::Discharge(drive)
        })
    }

    /// After `Sweep`: from where, how fast, and the ends, of which the first voltage
    /// says where to.
    fn sweep(
        &mut self,
        verb: &str,
        span: Range<usize>,
        ends: &mut Ends,
    ) -> Result<Action, SentenceError> {
        let mut from = self.voltage_after("from")?;
        let mut to = self.voltage_after("to")?;
        self.expect("at", verb)?;
        let rate = self.positive(&[Dimension::VoltageRate], "the sweep rate", "0.1 mV/s")?;
        if from.is_none() {
            from = self.voltage_after("from")?;
        }
        if to.is_none() {
            to = self.voltage_after("to")?;
        }
        self.ends(ends)?;
        let turning = ends.until.iter().position(|(condition, _)| {
            matches!((condition.end, condition.side), (End::Voltage(_), None))
        });
        if let (None, Some(index)) = (to, turning)
            && let End::Voltage(voltage) = ends.until.remove(index).0.end
        {
            to = Some(voltage);
        }
        match to {
            Some(to) => Ok(Action::Sweep {
                rate: rate.value,
                from,
                to,
            }),
            None => self.error(
                span,
                "a sweep to which voltage?",
                "for example \"Sweep at 0.1 mV/s until 3.7 V\"",
            ),
        }
    }

    fn voltage_after(&mut self, word: &str) -> Result<Option<Voltage>, SentenceError> {
        if self.take(word) {
            self.voltage().map(Some)
        } else {
            Ok(None)
        }
    }

    pub fn nothing_more(&self) -> Result<(), SentenceError> {
        match self.peek() {
            Some(word) => self.error(
                self.place(),
                format!("`{word}` does not fit here"),
                "leave it out",
            ),
            None => Ok(()),
        }
    }
}
