//! The way through nested blocks: which cycle comes next, whose spectra are due, and
//! which block a stop condition has ended.

use super::cycling::Gathered;
use crate::scenario::{Block, ImpedanceRequest, Stop};

/// A place in a protocol: the cycle to be run next.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    /// From the outermost block to the innermost; empty at the end.
    frames: Vec<Frame<'a>>,
    /// Cycles done.
    done: usize,
}

/// A block under way among its siblings.
#[derive(Debug, Clone)]
struct Frame<'a> {
    siblings: &'a [Block],
    index: usize,
    /// From 1.
    pass: usize,
    /// Cycles done before the block began.
    started: usize,
}

impl<'a> Frame<'a> {
    fn block(&self) -> &'a Block {
        &self.siblings[self.index]
    }
}

impl<'a> Cursor<'a> {
    /// At the first cycle of `protocol`.
    pub fn new(protocol: &'a [Block]) -> Self {
        let mut cursor = Self {
            frames: Vec::new(),
            done: 0,
        };
        cursor.enter(protocol);
        cursor
    }

    /// The block whose steps make up the next cycle; `None` at the end.
    pub fn block(&self) -> Option<&'a Block> {
        self.frames.last().map(Frame::block)
    }

    /// Number of the next cycle, from 1.
    pub fn cycle(&self) -> usize {
        self.done + 1
    }

    /// The spectra that are due after the next cycle, those of innermost blocks first.
    pub fn spectra(&self) -> Vec<&'a ImpedanceRequest> {
        let due = self.frames.iter().rev().filter_map(|frame| {
            let request = frame.block().impedance.as_ref()?;
            let cycle = self.cycle() - frame.started;
            request.cycles.contains(&cycle).then_some(request)
        });
        due.collect()
    }

    /// Whether the next cycle is the first of an innermost block, so that nothing before
    /// it tells what it will be like.
    pub fn starts_block(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.pass == 1)
    }

    /// How many of the next cycles need not be simulated: those before the next one with
    /// a spectrum or among the `wanted` (numbers over the whole protocol), and before the
    /// last of their block.
    pub fn dispensable(&self, wanted: &[usize]) -> usize {
        let Some(frame) = self.frames.last() else {
            return 0;
        };
        let spectra = self.frames.iter().filter_map(|frame| {
            let cycles = &frame.block().impedance.as_ref()?.cycles;
            let within = self.cycle() - frame.started;
            cycles
                .iter()
                .filter(|cycle| **cycle >= within)
                .min()
                .map(|cycle| cycle - within)
        });
        let wanted = wanted.iter().filter(|cycle| **cycle >= self.cycle());
        spectra
            .chain(wanted.min().map(|cycle| cycle - self.cycle()))
            .fold(frame.block().repeat - frame.pass, usize::min)
    }

    /// Leaves out the next `cycles` cycles, at most [`Self::dispensable`].
    pub fn skip(&mut self, cycles: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pass += cycles;
            self.done += cycles;
        }
    }

    /// Goes on behind the cycle that was next, which `gathered` holds; gives the stop
    /// condition that ended a block, if one did.
    pub fn advance(&mut self, gathered: &Gathered) -> Option<Stop> {
        let discharges = self
            .block()
            .is_some_and(|block| block.steps.iter().any(|step| step.discharges()));
        self.done += 1;
        let done = self.done;
        let met = |frame: &Frame<'a>| {
            let mut stops = frame.block().stop.iter();
            stops
                .find(|stop| met(**stop, gathered, frame.started, done, discharges))
                .copied()
        };
        // An outer block ends its inner ones with it.
        let ended = self.frames.iter().map(met).position(|stop| stop.is_some());
        let Some(level) = ended else {
            self.next_pass();
            return None;
        };
        let stop = met(&self.frames[level]);
        self.frames.truncate(level + 1);
        self.next_block();
        stop
    }

    /// Goes to the first cycle of the first of `blocks`.
    fn enter(&mut self, blocks: &'a [Block]) {
        let mut siblings = blocks;
        while !siblings.is_empty() {
            self.frames.push(Frame {
                siblings,
                index: 0,
                pass: 1,
                started: self.done,
            });
            siblings = &siblings[0].blocks;
        }
    }

    /// A pass of the innermost block is over.
    fn next_pass(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if frame.pass < frame.block().repeat {
            frame.pass += 1;
            let inner = &frame.block().blocks;
            self.enter(inner);
        } else {
            self.next_block();
        }
    }

    /// The innermost block is over.
    fn next_block(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if frame.index + 1 < frame.siblings.len() {
            (frame.index, frame.pass, frame.started) = (frame.index + 1, 1, self.done);
            let inner = &frame.block().blocks;
            self.enter(inner);
        } else {
            self.frames.pop();
            self.next_pass();
        }
    }
}

/// Whether `stop` is met after cycle `done`, in a block that began after `started`
/// cycles. A cycle that `discharges` nothing by design says nothing of the capacity.
fn met(stop: Stop, gathered: &Gathered, started: usize, done: usize, discharges: bool) -> bool {
    // Cycles that were carried on have no records.
    let after = |number: usize| {
        gathered
            .cycles
            .partition_point(|cycle| cycle.cycle as usize <= number)
    };
    let cycles = &gathered.cycles[..after(done)];
    let Some(last) = cycles.last().filter(|last| last.cycle as usize > started) else {
        return false;
    };
    let first = |from: usize| {
        let cycles = cycles[after(from)..].iter();
        cycles.map(|cycle| cycle.discharge).find(|q| *q > 0.0)
    };
    let fallen = |share: f64, from: usize| {
        first(from).is_some_and(|first| discharges && last.discharge <= share * first)
    };
    match stop {
        Stop::ShareOfFirst(share) => fallen(share, 0),
        Stop::ShareOfBlock(share) => fallen(share, started),
        Stop::Capacity(charge) => discharges && last.discharge <= charge,
        Stop::Voltage(voltage) => gathered
            .steps
            .iter()
            .rev()
            .skip_while(|step| step.cycle > last.cycle)
            .take_while(|step| step.cycle == last.cycle)
            .any(|step| step.lowest_voltage <= voltage),
        Stop::Time(time) => {
            let begun = cycles[..after(started)].last();
            last.time - begun.map_or(0.0, |cycle| cycle.time) >= time
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Control, Step};

    fn leaf(repeat: usize, name: &str) -> Block {
        Block {
            repeat,
            steps: vec![Step::new(Control::Current(-1.0), name)],
            ..Block::default()
        }
    }

    fn request(cycles: &[usize]) -> Option<ImpedanceRequest> {
        Some(ImpedanceRequest {
            cycles: cycles.to_vec(),
            at: Some(3.0),
            charge_current: 1.0,
            discharge_from: None,
            hold_until: 0.01,
            rest: None,
            highest: 1e6,
            lowest: 1.0,
            per_decade: 5,
            amplitude: Vec::new(),
        })
    }

    /// Cycles that discharge what `capacity` says of their number, an hour each.
    fn walk(protocol: &[Block], capacity: impl Fn(usize) -> f64) -> (String, Vec<(usize, usize)>) {
        let mut cursor = Cursor::new(protocol);
        let mut gathered = Gathered::default();
        let (mut order, mut spectra) = (String::new(), Vec::new());
        while let Some(block) = cursor.block() {
            let cycle = cursor.cycle();
            order += &block.steps[0].text;
            spectra.push((cycle, cursor.spectra().len()));
            gathered.cycles.push(crate::record::CycleRecord {
                cycle: cycle as u32,
                discharge: capacity(cycle),
                time: 3600.0 * cycle as f64,
                ..crate::record::CycleRecord::default()
            });
            if cursor.advance(&gathered).is_some() {
                order += "!";
            }
        }
        spectra.retain(|(_, count)| *count > 0);
        (order, spectra)
    }

    fn nested() -> Vec<Block> {
        let inner = Block {
            repeat: 2,
            blocks: vec![leaf(2, "a"), leaf(1, "b")],
            ..Block::default()
        };
        let outer = Block {
            repeat: 2,
            blocks: vec![inner, leaf(1, "c")],
            ..Block::default()
        };
        vec![leaf(1, "f"), outer, leaf(2, "z")]
    }

    #[test]
    fn blocks_are_walked_in_order_to_any_depth() {
        let protocol = nested();
        assert_eq!(protocol.iter().map(Block::cycles).sum::<usize>(), 17);
        assert_eq!(walk(&protocol, |_| 1.0).0, "faabaabcaabaabczz");
    }

    #[test]
    fn a_stop_ends_its_block_and_what_lies_in_it() {
        let mut protocol = nested();
        protocol[1].stop = vec![Stop::ShareOfFirst(0.8)];
        let fading = |cycle: usize| 1.0 - 0.05 * cycle as f64;
        // Cycle 5 gives 0.75 of 0.95.
        assert_eq!(walk(&protocol, fading).0, "faaba!zz");
        protocol[1].stop = vec![];
        protocol[1].blocks[0].stop = vec![Stop::Time(1.5 * 3600.0)];
        assert_eq!(walk(&protocol, |_| 1.0).0, "faa!caa!czz");
        protocol[1].blocks[0].stop = vec![Stop::Capacity(0.5)];
        assert_eq!(
            walk(&protocol, |cycle| if cycle == 10 { 0.5 } else { 1.0 }).0,
            "faabaabcaa!czz"
        );
        protocol[1].blocks[0].stop = vec![Stop::ShareOfBlock(0.9)];
        assert_eq!(
            walk(&protocol, |cycle| if cycle > 8 { 0.5 } else { 1.0 }).0,
            "faabaabcaabaabczz"
        );
    }

    #[test]
    fn cycles_without_spectra_before_the_last_can_be_left_out() {
        let mut protocol = vec![leaf(10, "a"), leaf(1, "b")];
        protocol[0].impedance = request(&[5]);
        let mut cursor = Cursor::new(&protocol);
        assert!(cursor.starts_block());
        assert_eq!(cursor.dispensable(&[]), 4);
        assert_eq!(cursor.dispensable(&[3, 11]), 2);
        cursor.skip(4);
        assert_eq!((cursor.cycle(), cursor.spectra().len()), (5, 1));
        assert!(!cursor.starts_block());
        let mut gathered = Gathered::default();
        gathered.cycles.push(crate::record::CycleRecord {
            cycle: 5,
            ..crate::record::CycleRecord::default()
        });
        cursor.advance(&gathered);
        assert_eq!(cursor.dispensable(&[]), 4);
        cursor.skip(4);
        assert_eq!((cursor.cycle(), cursor.dispensable(&[])), (10, 0));
        cursor.advance(&gathered);
        assert_eq!(cursor.block().map(|block| &*block.steps[0].text), Some("b"));
    }

    #[test]
    fn spectra_count_from_the_start_of_their_block() {
        let mut protocol = nested();
        protocol[1].impedance = request(&[1, 7]);
        protocol[1].blocks[0].blocks[0].impedance = request(&[2]);
        let due = walk(&protocol, |_| 1.0).1;
        assert_eq!(due, [(2, 1), (3, 1), (6, 1), (8, 1), (10, 1), (13, 1)]);
    }
}
