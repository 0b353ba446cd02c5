//! TIFF stacks: one grey page per slice; axes are page, row, column.

use super::error::ImportError;
use super::labels::{Labelled, Painter};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

const FORMAT: &str = "a TIFF stack";
const ALLOWED: &str = "grey pages of 8, 16, 32 or 64 bits of whole numbers";
/// `PhotometricInterpretation` of a picture in which 0 is white.
const WHITE_IS_ZERO: u64 = 0;

pub(super) fn read(file: &Path, mut painter: Painter<'_>) -> Result<Labelled, ImportError> {
    let opened = File::open(file).map_err(|e| ImportError::unreadable(file, &e))?;
    let mut decoder = Decoder::new(BufReader::new(opened)).map_err(|e| refusal(file, 1, &e))?;
    let mut first = None;
    let mut pages = 0;
    loop {
        pages += 1;
        let refused = |e: TiffError| refusal(file, pages, &e);
        let (width, height) = decoder.dimensions().map_err(refused)?;
        let found = [height as usize, width as usize];
        let expected = *first.get_or_insert(found);
        if found != expected {
            return Err(ImportError::PageSize {
                file: file.to_path_buf(),
                page: pages,
                found,
                expected,
            });
        }
        super::count(file, [pages, found[0], found[1]])?;
        check_colours(file, &mut decoder, pages)?;
        page(file, &decoder.read_image().map_err(refused)?, &mut painter)?;
        if !decoder.more_images() {
            break;
        }
        decoder
            .next_image()
            .map_err(|e| refusal(file, pages + 1, &e))?;
    }
    let [rows, columns] = first.unwrap_or_default();
    painter.finish(file, [pages, rows, columns], false)
}

/// Refuses colours, and grey scales that run downwards: the numbers shown by
/// other programs would not be those read here.
fn check_colours(
    file: &Path,
    decoder: &mut Decoder<BufReader<File>>,
    page: usize,
) -> Result<(), ImportError> {
    let element = |found: String| ImportError::Element {
        file: file.to_path_buf(),
        found,
        allowed: ALLOWED,
    };
    match decoder.colortype().map_err(|e| refusal(file, page, &e))? {
        ColorType::Gray(8 | 16 | 32 | 64) => {}
        ColorType::Gray(bits) => return Err(element(format!("grey pixels of {bits} bits"))),
        other => return Err(element(format!("pixels of the kind {other:?}"))),
    }
    let photometric = decoder
        .find_tag_unsigned::<u64>(Tag::PhotometricInterpretation)
        .map_err(|e| refusal(file, page, &e))?;
    if photometric == Some(WHITE_IS_ZERO) {
        return Err(element(
            "pages whose grey scale is inverted (white is 0)".into(),
        ));
    }
    Ok(())
}

fn page(file: &Path, page: &DecodingResult, painter: &mut Painter<'_>) -> Result<(), ImportError> {
    fn paint<T: Copy + Into<i128>>(values: &[T], painter: &mut Painter<'_>) {
        for &value in values {
            painter.paint(value.into());
        }
    }
    match page {
        DecodingResult::U8(values) => paint(values, painter),
        DecodingResult::U16(values) => paint(values, painter),
        DecodingResult::U32(values) => paint(values, painter),
        DecodingResult::U64(values) => paint(values, painter),
        DecodingResult::I8(values) => paint(values, painter),
        DecodingResult::I16(values) => paint(values, painter),
        DecodingResult::I32(values) => paint(values, painter),
        DecodingResult::I64(values) => paint(values, painter),
        DecodingResult::F16(_) | DecodingResult::F32(_) | DecodingResult::F64(_) => {
            return Err(ImportError::Element {
                file: file.to_path_buf(),
                found: "numbers with a fraction".into(),
                allowed: ALLOWED,
            });
        }
    }
    Ok(())
}

/// What a reader's complaint means to a user.
fn refusal(file: &Path, page: usize, error: &TiffError) -> ImportError {
    let file = file.to_path_buf();
    match error {
        TiffError::IoError(io) if io.kind() == io::ErrorKind::UnexpectedEof => ImportError::Page {
            file,
            page,
            reason: "the file ends before its voxels do".into(),
        },
        TiffError::UnsupportedError(found) => ImportError::Element {
            file,
            found: format!("what this reader cannot read ({found})"),
            allowed: ALLOWED,
        },
        error => ImportError::Malformed {
            file,
            format: FORMAT,
            reason: format!("page {page}: {error}"),
        },
    }
}
